"""A golden record is what its members' events amount to, whether it is made of the events or of what is stored."""

import bson
from hypothesis import given
from test_merge import event, histories

from processors.reading import gaps
from processors.sync.golden import golden_document, golden_of_stored
from processors.sync.merge import State, apply
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas.events import EntityEvent


def stored(history: list[EntityEvent], name: str) -> StoredRecord:
    """Return what another process finds in MongoDB."""
    record = StoredRecord.of("talent", name, 1, apply(State(), history), DEFAULT)
    return StoredRecord.from_document("talent", bson.decode(bson.encode(record.to_document())))


@given(histories, histories)
def test_stored_records_and_events_make_the_same(a: list[EntityEvent], b: list[EntityEvent]) -> None:
    found = {"a": stored(a, "a"), "b": stored(b, "b")}
    states = {"a": apply(State(), a), "b": apply(State(), b)}
    for members in (frozenset("a"), frozenset("ab")):
        expected = golden_document("talent", "a", members, states, DEFAULT)
        assert golden_of_stored("talent", "a", members, found, DEFAULT) == expected


def test_the_text_of_a_record_that_is_alone_is_not_read_again() -> None:
    found = {
        "a": stored([event(1, 0, {"summary": "2019.3-2024.6 上海云图科技有限公司 后端工程师，熟悉 Go、MySQL"})], "a")
    }
    gaps._read.cache_clear()
    golden = golden_of_stored("talent", "a", frozenset("a"), found, DEFAULT)
    assert gaps._read.cache_info().misses == 0
    assert golden["fields"]["skills"]
