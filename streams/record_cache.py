"""Records that a process keeps to answer reads: put by messages of the record topics, filled from MongoDB on demand.

A record is published before it is stored, so for a moment MongoDB is older than the topic. Three rules keep a reader
from going back: of two messages the one with the greater offset holds, whatever its revision (a correction comes last);
a fill is kept only if no message of its record came while it was under way; and only if it is not of an earlier
revision than the last message. See docs/decisions/0053-reads-follow-the-log.md.
"""

import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from schemas.entities import Entity

MAX_BYTES = 64 * 1024 * 1024
MAX_SECONDS = 300.0
"""How long a record may be kept: what changes MongoDB and tells no topic (a restored backup) shows after it."""
MAX_FLOORS = 200_000
FLOOR_SECONDS = 60.0
"""How long MongoDB may stay behind the topic; after it, MongoDB is right."""
OVERHEAD_BYTES = 1000
"""Of one record, beside its texts: measured with tracemalloc at 700 to 900."""
_NEWS_SHARE = 4


class Key(NamedTuple):
    """Which record."""

    entity: Entity
    id: str


class Encoded(NamedTuple):
    """An answer as it goes out: its bytes, and the ETag that changes with them."""

    body: bytes
    etag: bytes


@dataclass(slots=True)
class Entry:
    """A record as readers see it. `fields` is JSON with sorted keys; None: there is no such record.

    `encoded` are the answers made of it, one for each mask. Provenance, conflicts and the revision are not in it: they
    change without a message when another source confirms a value.
    """

    revision: int
    deleted: bool = False
    fields: bytes | None = None
    since: float = 0.0
    encoded: dict[Hashable, Encoded] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """What it takes in memory, about."""
        answers = sum(len(each.body) for each in self.encoded.values())
        return OVERHEAD_BYTES + len(self.fields or b"") + answers


def entry_of(revision: int, deleted: bool, fields: dict[str, Any]) -> Entry:
    """Return a record as readers see it."""
    return Entry(revision, deleted, orjson.dumps(fields, option=orjson.OPT_SORT_KEYS))


class Fill:
    """A read of MongoDB under way. `is_overtaken`: a message of the record came meanwhile, so it may be too old."""

    __slots__ = ("is_overtaken", "key")

    def __init__(self, key: Key) -> None:
        self.key = key
        self.is_overtaken = False


class _Floor(NamedTuple):
    revision: int
    offset: int
    seen: float


class RecordCache:
    """A state machine without input or output; one event loop uses it.

    What is read is kept by last use. What messages bring and nobody has read yet has a quarter of the room for itself,
    so that a bulk load does not drive out what is read.
    """

    def __init__(self, max_bytes: int = MAX_BYTES, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._read = _Shelf(max_bytes - max_bytes // _NEWS_SHARE)
        self._news = _Shelf(max_bytes // _NEWS_SHARE)
        self._floors: OrderedDict[Key, _Floor] = OrderedDict()
        self._filling: defaultdict[Key, set[Fill]] = defaultdict(set)
        self._clock = clock
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        """Return how many records are kept."""
        return len(self._read.entries) + len(self._news.entries)

    @property
    def size(self) -> int:
        """Bytes that are kept, about."""
        return self._read.size + self._news.size

    def get(self, key: Key) -> Entry | None:
        """Return what is known of a record; None where MongoDB has to be asked."""
        entry = self._read.get(key)
        if entry is None and (entry := self._news.take(key)) is not None:
            self._read.put(key, entry)
        if entry is not None and self._clock() - entry.since > MAX_SECONDS:
            self._read.take(key)
            entry = None
        if entry is None:
            self.misses += 1
        else:
            self.hits += 1
        return entry

    def encoded(self, key: Key, entry: Entry, mask: Hashable, answer: Encoded) -> None:
        """Keep the answer that was made of an entry for a mask."""
        entry.encoded[mask] = answer
        if self._read.get(key) is entry:
            self._read.put(key, entry)  # its size has changed

    def message(self, key: Key, offset: int, entry: Entry | None) -> None:
        """Note a record topic's message; None for a tombstone. One that was read before, by a tail begun anew, is not.

        The tail tells the messages of a record in the order of their offsets.
        """
        floor = self._floors.pop(key, None)
        if floor is not None and offset <= floor.offset:
            self._floors[key] = floor
            return
        now = self._clock()
        self._floors[key] = _Floor(entry.revision if entry else 0, offset, now)
        while len(self._floors) > MAX_FLOORS:
            self._floors.popitem(last=False)
        for fill in self._filling.pop(key, ()):
            fill.is_overtaken = True
        is_read = self._read.take(key) is not None
        self._news.take(key)
        if entry is not None:
            entry.since = now
            (self._read if is_read else self._news).put(key, entry)

    def begin(self, key: Key) -> Fill:
        """Begin to read a record from MongoDB; to be called before it is asked."""
        fill = Fill(key)
        self._filling[key].add(fill)
        return fill

    def end(self, fill: Fill, entry: Entry) -> bool:
        """Keep what MongoDB said; False if it may be older than what readers have seen: then ask it again."""
        if fill.is_overtaken:
            return False
        self.abandon(fill)
        now = self._clock()
        floor = self._floors.get(fill.key)
        if floor is not None and entry.revision < floor.revision and now - floor.seen < FLOOR_SECONDS:
            return False
        entry.since = now
        self._read.put(fill.key, entry)
        return True

    def abandon(self, fill: Fill) -> None:
        """End a fill that failed."""
        under_way = self._filling.get(fill.key)
        if under_way is not None:
            under_way.discard(fill)
            if not under_way:
                del self._filling[fill.key]

    def clear(self) -> None:
        """Know nothing any more: another generation is active, or a topic was made anew."""
        self._read.clear()
        self._news.clear()
        self._floors.clear()
        for fill in (each for fills in self._filling.values() for each in fills):
            fill.is_overtaken = True
        self._filling.clear()


class _Shelf:
    """Entries by last use, within a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self.entries: OrderedDict[Key, tuple[Entry, int]] = OrderedDict()
        self.size = 0
        self._max_bytes = max_bytes

    def get(self, key: Key) -> Entry | None:
        found = self.entries.get(key)
        if found is None:
            return None
        self.entries.move_to_end(key)
        return found[0]

    def take(self, key: Key) -> Entry | None:
        found = self.entries.pop(key, None)
        if found is None:
            return None
        self.size -= found[1]
        return found[0]

    def put(self, key: Key, entry: Entry) -> None:
        self.take(key)
        size = entry.size
        self.entries[key] = entry, size
        self.size += size
        while self.size > self._max_bytes and self.entries:
            _, (_, gone) = self.entries.popitem(last=False)
            self.size -= gone

    def clear(self) -> None:
        self.entries.clear()
        self.size = 0
