"""Measurements of quality on labelled or generated data, reproducible by seed."""
