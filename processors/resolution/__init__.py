"""Which records speak of the same person or company: blocking, comparison, clustering."""
