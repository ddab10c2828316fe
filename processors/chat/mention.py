"""A value of a slot, as a message names it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

Value = str | float | bool | Mapping[str, Any]


class Mention(NamedTuple):
    """A value of a slot, and the words that name it."""

    start: int
    slot: str
    value: Value
    words: str

    @property
    def end(self) -> int:
        """Where its words end."""
        return self.start + len(self.words)
