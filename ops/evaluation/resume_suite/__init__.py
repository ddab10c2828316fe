"""Generated resumes of many layouts, languages and formats whose truth is known, because it was written first."""

from schemas.errors import LoomaError


class MissingPackages(LoomaError):
    """A package that makes files is not installed; the text says which, and how to have it."""

    code = "missing_packages"
