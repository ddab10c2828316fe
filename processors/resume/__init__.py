"""Resumes understood: entities, and what a profile is made of."""
