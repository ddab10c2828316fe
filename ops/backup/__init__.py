"""Backups: of records, and of the search index."""
