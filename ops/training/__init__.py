"""Trains the networks that are shipped."""
