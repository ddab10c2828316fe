"""Resumes understood: from a document's text to a structured profile, by rules."""

from processors.resume.parse import parse_resume

__all__ = ["parse_resume"]
