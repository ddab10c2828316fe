"""Bulk syncs: their runs, reports and status."""
