"""The account of a bulk sync, as `looma sync report` shows it and `sync-reports` carries it."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel

State = Literal["running", "interrupted", "published", "done"]


class Rejection(BaseModel):
    """One record that had no effect: `at` is its line or number in the source, or its place in Kafka."""

    at: str
    id: str | None = None
    reason: str


class Counts(BaseModel):
    """What became of one entity's records from one source.

    `late` of those published were older than what their topic keeps; `lag_seconds` is the age of the oldest that waits.
    """

    source: str
    entity: str
    published: int
    late: int = 0
    handled: int = 0
    dead_lettered: int = 0
    waiting: int = 0
    lag_seconds: float = 0.0


class SyncReport(BaseModel):
    """The account of one run."""

    run: str
    source: str
    state: State
    started_at: AwareDatetime
    at: AwareDatetime
    working_seconds: float
    records_per_second: float
    seconds_left: float | None
    read: int
    refused: int
    published: int
    dead_lettered: int
    handled: int
    waiting: int
    counts: list[Counts]
    rejections: list[Rejection]
    rejections_omitted: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether nothing is unaccounted for; always true, unless a file of the run was tampered with."""
        return (
            self.read == self.refused + self.published
            and self.published == self.dead_lettered + self.handled + self.waiting
            and self.published == sum(c.published for c in self.counts)
        )
