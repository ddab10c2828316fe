"""The read cache in any order of messages, fills, corrections, evictions and tombstones."""

from dataclasses import dataclass, field

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from streams.record_cache import (
    FLOOR_SECONDS,
    MAX_SECONDS,
    OVERHEAD_BYTES,
    Encoded,
    Entry,
    Fill,
    Key,
    RecordCache,
    entry_of,
)

KEYS = [Key("talent", "T1"), Key("job", "J1")]
KEY = KEYS[0]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def said(revision: int, text: object = "x") -> Entry:
    return entry_of(revision, False, {"title": text})


def title(entry: Entry | None) -> object:
    return None if entry is None or entry.fields is None else orjson.loads(entry.fields)["title"]


@dataclass
class World:
    """One record's truth: what its topic's messages said, in order, and what MongoDB has."""

    log: list[tuple[int, int]] = field(default_factory=list)
    """(revision, text); the offset is the place. The text is the number of the publication."""
    stored: tuple[int, int] = (0, -1)
    told: int = 0
    """Messages that the tail has brought."""


class Interleavings(RuleBasedStateMachine):
    """Publish, store, bring a message, read by a fill or from the cache: in every order that the system allows.

    Texts are numbered as they are published. A writer publishes, then stores; a former owner may publish what it never
    stores, and a correction of what is stored follows. Another record drives this one out of a cache that holds one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.room = 4 * (OVERHEAD_BYTES + 30)
        self.cache = RecordCache(self.room)
        self.world = World()
        self.fills: list[tuple[Fill, tuple[int, int]]] = []
        self.others = 0

    @property
    def is_stored(self) -> bool:
        return not self.world.log or self.world.log[-1] == self.world.stored

    @precondition(lambda self: self.is_stored)
    @rule()
    def publish(self) -> None:
        self.world.log.append((self.world.stored[0] + 1, len(self.world.log)))

    @precondition(lambda self: not self.is_stored)
    @rule()
    def store(self) -> None:
        self.world.stored = self.world.log[-1]

    @precondition(lambda self: self.is_stored and self.world.log)
    @rule()
    def former_owner_then_correction(self) -> None:
        revision = self.world.stored[0]
        self.world.log.append((revision + 1, len(self.world.log)))
        self.world.log.append((revision, len(self.world.log)))
        self.world.stored = self.world.log[-1]  # a correction says again what is stored; numbered, to tell it apart

    @precondition(lambda self: self.world.told < len(self.world.log))
    @rule()
    def bring(self) -> None:
        revision, text = self.world.log[self.world.told]
        self.cache.message(KEY, self.world.told, said(revision, text))
        self.world.told += 1

    @rule()
    def bring_all(self) -> None:
        while self.world.told < len(self.world.log):
            self.bring()

    @precondition(lambda self: self.world.told)
    @rule(back=st.integers(1, 4))
    def tail_begins_anew(self, back: int) -> None:
        for place in range(max(0, self.world.told - back), self.world.told):
            self.cache.message(KEY, place, said(*self.world.log[place]))
            self.read()

    @rule()
    def drive_out(self) -> None:
        for _ in range(4):
            other = Key("job", f"J{self.others}")
            self.others += 1
            self.cache.message(other, self.others, said(1))
            self.cache.get(other)

    @precondition(lambda self: len(self.fills) < 3)
    @rule()
    def begin_fill(self) -> None:
        """The fill reads MongoDB at once; its answer arrives at any time later."""
        self.fills.append((self.cache.begin(KEY), self.world.stored))

    @precondition(lambda self: self.fills)
    @rule(first=st.booleans())
    def end_fill(self, first: bool) -> None:
        fill, (revision, text) = self.fills.pop(0 if first else -1)
        if self.cache.end(fill, said(revision, text) if revision else Entry(0)):
            self.check(text)

    @rule()
    def read(self) -> None:
        if (entry := self.cache.get(KEY)) is not None:
            text = title(entry)
            self.check(-1 if text is None else int(str(text)))

    def check(self, text: int) -> None:
        """A reader sees nothing older than the last message that the tail has brought."""
        assert text >= self.world.told - 1, (text, self.world)

    @invariant()
    def bounded(self) -> None:
        shelves = (self.cache._read, self.cache._news)
        assert self.cache.size == sum(size for shelf in shelves for _, size in shelf.entries.values()) <= self.room


def test_no_interleaving_gives_a_reader_less_than_what_the_tail_has_brought() -> None:
    run_state_machine_as_test(Interleavings, settings=settings(max_examples=30, stateful_step_count=30, deadline=None))


def test_a_fill_that_began_before_a_message_does_not_replace_it() -> None:
    cache, key = RecordCache(), KEYS[0]
    fill = cache.begin(key)
    cache.message(key, 7, said(2, "new"))
    assert not cache.end(fill, said(1, "old"))
    assert title(cache.get(key)) == "new"


def test_a_message_overtakes_every_fill_under_way() -> None:
    cache = RecordCache()
    fills = [cache.begin(KEY), cache.begin(KEY)]
    cache.message(KEY, 7, said(2, "a former owner's"))
    cache.message(KEY, 8, said(1, "corrected"))
    assert [cache.end(fill, said(1, "old")) for fill in fills] == [False, False]
    assert title(cache.get(KEY)) == "corrected"


def test_a_fill_of_an_earlier_revision_than_the_last_message_is_not_kept() -> None:
    """Published, evicted, and not stored yet."""
    clock = Clock()
    cache, key = RecordCache(4 * (OVERHEAD_BYTES + 40), clock=clock), KEYS[0]
    cache.message(key, 7, said(2, "new"))
    cache.message(KEYS[1], 1, said(1))  # drives it out
    assert cache.get(key) is None
    assert not cache.end(cache.begin(key), said(1, "old"))
    clock.now += FLOOR_SECONDS
    assert cache.end(cache.begin(key), said(1, "restored from a backup"))


def test_a_correction_of_an_earlier_revision_holds() -> None:
    cache, key = RecordCache(), KEYS[0]
    cache.message(key, 7, said(5, "never stored"))
    cache.message(key, 8, said(4, "right"))
    assert title(cache.get(key)) == "right"
    cache.clear()
    assert cache.end(cache.begin(key), said(4, "right"))


def test_a_tombstone_takes_the_record_and_the_fill_under_way() -> None:
    cache, key = RecordCache(), KEYS[0]
    cache.message(key, 7, said(5))
    cache.get(key)
    fill = cache.begin(key)
    cache.message(key, 9, None)
    assert cache.get(key) is None
    assert not cache.end(fill, said(5))


def test_what_nobody_tells_is_read_again_in_time() -> None:
    clock = Clock()
    cache, key = RecordCache(clock=clock), KEYS[0]
    cache.end(cache.begin(key), said(1))
    clock.now += MAX_SECONDS + 1
    assert cache.get(key) is None
    assert len(cache) == 0


def test_answers_count_in_the_size() -> None:
    cache, key = RecordCache(), KEYS[0]
    entry = said(1)
    cache.end(cache.begin(key), entry)
    before = cache.size
    cache.encoded(key, entry, "mask", Encoded(b"x" * 100, b"e"))
    assert cache.size == before + 100
    cache.message(key, 1, None)
    cache.encoded(key, entry, "other", Encoded(b"x" * 100, b"e"))  # of an entry that is gone
    assert cache.size == 0


@given(st.integers(1, 300))
def test_a_bulk_load_leaves_what_is_read(count: int) -> None:
    cache, key = RecordCache(100 * (OVERHEAD_BYTES + 40)), KEYS[0]
    cache.end(cache.begin(key), said(1))
    for number in range(count):
        cache.message(Key("job", f"J{number}"), number, said(1))
    assert cache.get(key) is not None
