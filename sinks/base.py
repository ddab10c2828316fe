"""The contract of a sink that takes whole topics, as `looma export` fills it. See docs/guides/add-a-sink.md."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from schemas.archived import Archived
from schemas.base import Model
from schemas.entities import ENTITIES
from schemas.errors import LoomaError
from schemas.messages import Match
from schemas.records import BODIES
from schemas.topics import EVENTS, MATCH_FEEDBACK, MATCH_RESULTS, RECORDS, RESUMES


class SinkError(LoomaError):
    """A sink cannot take a topic; the text says why and what to do."""

    code = "sink"


@dataclass(frozen=True, slots=True)
class Table:
    """A topic as a table, by its name in the catalogue. `person`: the field that names a talent, or several, if any."""

    name: str
    model: type[Model]
    person: str | None = None


TABLES: Mapping[str, Table] = {
    **{RECORDS[e]: Table(RECORDS[e], BODIES[e], "id" if e == "talent" else None) for e in ENTITIES},
    MATCH_RESULTS: Table(MATCH_RESULTS, Match, "talent_id"),
}
"""What can be exported."""

ARCHIVE: Mapping[str, Table] = {
    name: Table(name, Archived, "people") for name in (*EVENTS.values(), RESUMES, MATCH_FEEDBACK)
}
"""What can be archived: what others have said, and Kafka does not keep for ever."""


class Origin(NamedTuple):
    """The topic that a table comes from. Of a name there may be several: one a generation, and those made anew."""

    topic: str
    id: str


@dataclass(frozen=True, slots=True)
class Row:
    """A message of a topic. `data` and `json` are None where its key was erased: then the key is all there is."""

    partition: int
    offset: int
    appended: datetime | None
    key: str
    event_id: str | None
    source: str | None
    time: datetime | None
    cause: str | None
    json: str | None
    data: Model | None


class Chunk(NamedTuple):
    """Consecutive messages of one partition, appended on one day, from offset `first` to `last`. `rows` is read once.

    What cannot be read is not among the rows, so there may be none.
    """

    partition: int
    first: int
    last: int
    day: date
    rows: Iterable[Row]


class Sink(Protocol):
    """Takes what topics hold, and knows from what it has stored how far it has come: nobody else remembers it."""

    def prepare(self, table: Table, origin: Origin) -> Mapping[int, int]:
        """Get ready to take a topic; return the offset to go on from, of each partition that it knows.

        Raises SinkError if it holds another topic of that name.
        """
        ...

    def write(self, table: Table, chunk: Chunk) -> None:
        """Store a chunk durably, as a whole or not at all: `prepare` returns the offset behind it from then on."""
        ...
