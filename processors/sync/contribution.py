"""What one source last said of one field: the smallest thing that the merge remembers."""

from typing import Any, NamedTuple

DECISION = "looma/decision"
"""The source of a person's decisions; their events are otherwise upserts like any other."""

Stamp = tuple[str, str]
"""When something was said, and by which event: the total order of contributions."""

Key = tuple[str, str]
"""(field, source)."""


class Contribution(NamedTuple):
    """What one source last said of one field. `stamp` orders contributions: fixed-width UTC time, then event id."""

    time: str
    event_id: str
    value: Any

    @property
    def stamp(self) -> Stamp:
        """The total order of contributions."""
        return self.time, self.event_id


class Candidate(NamedTuple):
    """A contribution with its source, as it competes for a field of the record."""

    time: str
    event_id: str
    source: str
    value: Any

    @property
    def stamp(self) -> tuple[str, str, str]:
        """The total order of candidates: time, event id, and for safety the source."""
        return self.time, self.event_id, self.source
