"""What every source is: a stream of rows that can be taken up again after any cursor."""

from collections.abc import AsyncGenerator
from typing import Any, NamedTuple, Protocol

from connectors.rows import Row, RowError
from schemas.errors import LoomaError

Cursor = dict[str, Any]
"""Where a source has been read to, as JSON values; only the source itself knows what they mean."""


class SourceError(LoomaError):
    """A source cannot be read, and trying again does not help; the text says what to do and holds no secrets."""

    code = "source"


class Step(NamedTuple):
    """A row, if there was one, and the cursor to go on after it, if the source can go on from here."""

    row: Row | RowError | None
    cursor: Cursor | None


class Source(Protocol):
    """Anything with rows. `name` is for people, `identity` changes with the content that cursors refer to.

    `ignored` are the columns passed over so far, because a mapping says so; `taken` are the formats of other systems
    that were met.
    """

    name: str
    identity: str
    ignored: set[str]
    taken: set[str]

    def steps(self, cursor: Cursor | None) -> AsyncGenerator[Step, None]:
        """Yield what follows `cursor`, or everything.

        The same content gives the same event ids and times, however often it is read. A first step without a row
        holds what must be remembered before anything is published. Raises SourceError.
        """
        ...

    def share(self, cursor: Cursor) -> float | None:
        """Return how much has been read at `cursor`, from 0 to 1; None if nobody can know."""
        ...
