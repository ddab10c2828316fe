"""Turns submitted resumes into profiles."""
