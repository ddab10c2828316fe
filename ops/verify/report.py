"""What a verification found."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple

from schemas.entities import Entity

ReplicaName = Literal["mongodb", "qdrant", "golden"]
Kind = Literal["missing", "stale", "extra", "corrupt"]
KINDS: tuple[Kind, ...] = ("missing", "stale", "extra", "corrupt")
MAX_DETAILS = 20

Progress = Callable[[str, int, int | None], None]
"""Called with what is being done, how much of it is done, and of how much, if that is known."""


class Address(NamedTuple):
    """Where a record is: the key by which ranges are made, and the id under which its store keeps it."""

    range_key: str
    id: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One record that is not as its events say. `details` name what differs, never a value of a field."""

    entity: Entity
    replica: ReplicaName
    kind: Kind
    id: str
    details: tuple[str, ...]
    address: Address = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return {
            "entity": self.entity,
            "replica": self.replica,
            "kind": self.kind,
            "id": self.id,
            "details": list(self.details),
        }


NO_EFFECT = "no_effect"
"""The reason of an event that is good, and of which its record holds nothing."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A message before the committed offset that has neither an effect nor a dead letter."""

    topic: str
    partition: int
    offset: int
    reason: str
    detail: str

    def to_json(self) -> dict[str, Any]:
        """Return it for machines."""
        return asdict(self)


@dataclass(slots=True)
class Report:
    """The result for one entity.

    `records` counts what the first pass read of each side; `read_again` what was read one by one after it. `in_flight`
    counts records that events under way are about to change: nothing can be said of them. `log_complete` is false once
    retention has removed events. `truncated`: there were more differences than are listed. `unwitnessed` counts what no
    stage can read and is older than the dead letters that retention has left.
    """

    entity: Entity
    records: dict[str, int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    read_again: int = 0
    in_flight: int = 0
    log_complete: bool = True
    truncated: bool = False
    unwitnessed: int = 0

    @property
    def is_consistent(self) -> bool:
        """Whether nothing was found."""
        return not self.differences and not self.lost

    @property
    def replicas(self) -> list[str]:
        """The stores that were compared with the log."""
        return [side for side in self.records if side != "log"]

    @property
    def read_again_share(self) -> float:
        """The share of MongoDB's and Qdrant's records that were read after the first pass."""
        stored = sum(self.records[replica] for replica in self.replicas)
        return self.read_again / stored if stored else 0.0

    def counts(self) -> Counter[tuple[str, Kind]]:
        """Return how many differences there are, by replica and kind."""
        counts: Counter[tuple[str, Kind]] = Counter()
        counts.update((d.replica, d.kind) for d in self.differences)
        return counts

    def to_json(self) -> dict[str, Any]:
        """Return it for machines."""
        counts = self.counts()
        return {
            "entity": self.entity,
            "consistent": self.is_consistent,
            "records": self.records,
            "counts": {replica: {kind: counts[replica, kind] for kind in KINDS} for replica in self.replicas},
            "read_again": self.read_again,
            "read_again_share": round(self.read_again_share, 6),
            "in_flight": self.in_flight,
            "log_complete": self.log_complete,
            "truncated": self.truncated,
            "unwitnessed": self.unwitnessed,
            "lost": [each.to_json() for each in self.lost],
            "differences": [d.to_json() for d in self.differences],
        }
