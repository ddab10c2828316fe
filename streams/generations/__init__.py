"""Generations: records, vectors and topics that are built beside those in use, and switched to."""
