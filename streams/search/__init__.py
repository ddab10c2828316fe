"""Search as it is served: queries, answers that are kept, the model of the day."""
