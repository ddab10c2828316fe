"""Resumes understood: from a document's text to a structured profile, by rules."""
