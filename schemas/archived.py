"""A message as an archive keeps it: byte for byte, and of whom it speaks."""

from schemas.base import Model


class ArchivedHeader(Model):
    """One header of a message."""

    name: str
    value: bytes


class Archived(Model):
    """A message of a source topic; `people` are the talents that it speaks of."""

    people: list[str]
    key: bytes | None
    value: bytes | None
    headers: list[ArchivedHeader]
