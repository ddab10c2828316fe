"""What a run leaves behind, as the checker reads it: the log, the effects, and when something broke."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

from ops.faults.schedule import Fault
from processors.sync.stored import StoredRecord
from schemas.envelope import Headers
from schemas.events import EntityEvent
from schemas.records import SourceRecord


class Place(NamedTuple):
    """Where a message lies in the event log, and in which life of its topic: one that is made anew begins another."""

    partition: int
    offset: int
    life: int = 0


@dataclass(frozen=True, slots=True)
class Poison:
    """A message of the event log that is no event, and the reason why; "" stands for any."""

    key: bytes | None
    value: bytes | None
    headers: Headers
    reason: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter: the original and where it lay; `failed_at` in seconds since the epoch."""

    place: Place
    original: Poison
    detail: str
    failed_at: float


@dataclass(frozen=True, slots=True)
class Published:
    """A message of the record topic, sent `at` seconds since the epoch."""

    ce_id: str
    record: SourceRecord
    at: float


@dataclass(frozen=True, slots=True)
class Notice:
    """A message of `sync-conflicts`: a conflict is open, or settled."""

    conflict_id: str
    entity_id: str
    status: str
    ce_id: str | None = None


class Work(NamedTuple):
    """A worker has brought an event to its effect, by a span of its; times in seconds since the epoch."""

    worker: int
    place: Place
    begun: float
    ended: float
    event_id: str
    outcome: str


@dataclass(slots=True)
class Happened:
    """A fault as it took place: seconds since the epoch. `worker` is the process id of the worker that was hit."""

    fault: Fault
    begun: float
    ended: float | None = None
    worker: int | None = None
    recovery_ms: float | None = None


@dataclass(slots=True)
class History:
    """Everything in log order, by entity id where that is what orders it.

    `acknowledged` and `log` hold event ids, if there is one, by place: what Kafka confirmed to the publisher, and what
    it has; `somewhere`: ids that Kafka confirmed without a place. `disturbances`: when members of the group came and
    went or the broker did, so that events may come again. `handed`: the events, by a number of each, that a client was
    given which says nothing of them; `arrived`: the numbers that are in the log. `misread`: messages that a foreign
    consumer reads otherwise than ours. `aborted`: ids of events whose transaction was aborted. `places`: the entity and
    the id of each event of the log. `lives`: when each life of the event topic began, by the broker's clock. `read`:
    the events of the log, era by era.
    """

    acknowledged: dict[Place, str | None] = field(default_factory=dict)
    somewhere: set[str] = field(default_factory=set)
    log: dict[Place, str | None] = field(default_factory=dict)
    events: dict[str, list[EntityEvent]] = field(default_factory=dict)
    poison: dict[Place, Poison] = field(default_factory=dict)
    published: dict[str, list[Published]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    stored: dict[str, StoredRecord] = field(default_factory=dict)
    letters: list[Letter] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    disturbances: list[float] = field(default_factory=list)
    handed: dict[int, str | None] = field(default_factory=dict)
    arrived: set[int] = field(default_factory=set)
    misread: list[str] = field(default_factory=list)
    aborted: set[str] = field(default_factory=set)
    places: dict[Place, tuple[str, str]] = field(default_factory=dict)
    lives: list[float] = field(default_factory=lambda: [0.0])
    read: dict[Place, EntityEvent] = field(default_factory=dict)

    def life_at(self, moment: float) -> int:
        """Return the topic's life at a moment by the broker's clock."""
        return max(0, bisect_right(self.lives, moment) - 1)

    def life_of(self, partition: int, offset: int, event_id: str) -> int:
        """Return the life in which an event lies at an offset; the newest if none has it there.

        The id tells it, not the time: a worker's clock may be wrong.
        """
        lives = range(len(self.lives) - 1, -1, -1)
        found = (life for life in lives if self.log.get(Place(partition, offset, life), "") == (event_id or None))
        return next(found, lives[0])
