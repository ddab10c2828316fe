"""Incremental sync: merge, provenance, survivorship."""
