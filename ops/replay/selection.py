"""What is replayed: where in which topics, and which of the events there."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from schemas.entities import ENTITIES
from schemas.envelope import Headers
from schemas.errors import LoomaError
from schemas.events import ACTIONS, event_type
from schemas.exits import Exit
from schemas.topics import EVENTS

EVENT_TYPES = frozenset(event_type(entity, action) for entity in ENTITIES for action in ACTIONS)
_OFFSET = re.compile(r"^(?:([A-Za-z0-9._-]{1,249}):)?(\d{1,9}):(\d{1,18})$")


class SelectionError(LoomaError, ValueError):
    """A selection that cannot be meant; the text says what to write."""

    code = "selection"
    exit_status = Exit.USAGE


class Start(BaseModel):
    """One partition's first offset."""

    model_config = ConfigDict(frozen=True)

    topic: str
    partition: int
    offset: int


class Selection(BaseModel):
    """Exactly one of `beginning`, `offsets` and `since` says where to start; `until` None is now.

    Times are those of Kafka's messages, that is of publication. Empty `keys`, `types` or `sources` select all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: tuple[str, ...]
    beginning: bool = False
    offsets: tuple[Start, ...] = ()
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    keys: frozenset[str] = Field(default=frozenset(), max_length=1000)
    types: frozenset[str] = frozenset()
    sources: frozenset[str] = Field(default=frozenset(), max_length=100)

    @model_validator(mode="after")
    def _one_start(self) -> "Selection":
        if self.beginning + bool(self.offsets) + (self.since is not None) != 1:
            raise SelectionError("say where to start: --from-beginning, --from TIME, or --from-offset")
        if unknown := frozenset(self.topics) - set(EVENTS.values()):
            raise SelectionError(f"{', '.join(sorted(unknown))}: only {', '.join(EVENTS.values())} can be replayed")
        if unknown := self.types - EVENT_TYPES:
            raise SelectionError(f"{', '.join(sorted(unknown))}: known types are {', '.join(sorted(EVENT_TYPES))}")
        if self.since and self.until and self.since >= self.until:
            raise SelectionError("--from must be before --to")
        return self

    def takes(self, key: bytes | None, headers: Headers) -> bool:
        """Whether an event of this key and these headers is selected."""
        if self.keys and (key or b"").decode(errors="replace") not in self.keys:
            return False
        return _names(self.types, "ce_type", headers) and _names(self.sources, "ce_source", headers)


def _names(wanted: frozenset[str], header: str, headers: Headers) -> bool:
    return not wanted or any(name == header and value.decode(errors="replace") in wanted for name, value in headers)


def select(**values: Any) -> Selection:
    """Return a selection. Raises SelectionError."""
    try:
        return Selection(**values)
    except ValidationError as error:
        raise SelectionError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


def parse_offsets(texts: Iterable[str], topics: Sequence[str]) -> tuple[Start, ...]:
    """Read `[TOPIC:]PARTITION:OFFSET`; the topic may be left out if there is only one. Raises SelectionError."""
    found: dict[tuple[str, int], Start] = {}
    for text in texts:
        match = _OFFSET.match(text)
        topic = (match[1] if match else None) or (topics[0] if len(topics) == 1 else "")
        if not match or topic not in topics:
            raise SelectionError(f"{text}: write TOPIC:PARTITION:OFFSET, e.g. talent-events:0:120, of a chosen topic")
        start = Start(topic=topic, partition=int(match[2]), offset=int(match[3]))
        if found.setdefault((topic, start.partition), start) != start:
            raise SelectionError(f"two offsets for {topic}:{start.partition}")
    return tuple(found.values())


def parse_time(text: str | None) -> datetime | None:
    """Read an RFC 3339 time; `now` and None are None. Raises SelectionError."""
    if text in (None, "now"):
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise SelectionError(f"{text}: write a time like 2026-01-05T16:00:00+08:00") from None
    if time.tzinfo is None:
        raise SelectionError(f"{text} needs a time zone, e.g. Z or +08:00")
    return time
