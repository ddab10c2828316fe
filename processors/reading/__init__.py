"""Reads fields out of texts: what a job ad asks and offers, what a CV tells."""
