"""Embedding models: which there are, which is active, and rolling out another."""
