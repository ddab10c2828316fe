"""The pipeline as it flows: sampled from the brokers and from this machine's traces, kept in bounded memory."""
