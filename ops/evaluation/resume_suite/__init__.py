"""Generated resumes of many layouts, languages and formats whose truth is known, because it was written first."""


class MissingPackages(Exception):
    """A package that makes files is not installed."""
