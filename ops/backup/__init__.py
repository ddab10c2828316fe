"""Backups: of records, and of the search index."""

from schemas.errors import LoomaError


class BackupError(LoomaError):
    """A backup cannot be written or restored; the text says why."""

    code = "backup"
