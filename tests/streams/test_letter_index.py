"""The dead letters that an API knows: each once, with what came again, and again once it was settled."""

from collections.abc import AsyncIterator, Iterable
from typing import Any, cast

import pytest
from aiokafka.structs import ConsumerRecord

from schemas.settings import KafkaSettings
from schemas.topics import DEAD_LETTERS
from streams import letter_index
from streams.dead_letters import letter_id
from streams.letter_index import MAX_REPEATS, LetterIndex, pending, whole


def letter(offset: int, value: bytes = b"x") -> ConsumerRecord[bytes, bytes]:
    own = {"topic": b"talent-events", "partition": b"0", "offset": b"%d" % offset, "timestamp": b"1", "reason": b"bad"}
    headers = tuple((f"dlq_{name}", content) for name, content in own.items())
    return ConsumerRecord(DEAD_LETTERS, 0, offset, 0, 0, b"k", value, None, 0, 0, headers)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    known: set[str] = set()

    async def having(_: object, __: str, ids: Iterable[str], **___: Any) -> AsyncIterator[dict[str, str]]:
        for each in ids:
            if each in known:
                yield {"_id": each}

    monkeypatch.setattr(letter_index, "having", having)
    return known


async def listed(index: LetterIndex) -> list[tuple[int, int]]:
    """Return the offsets of pending letters, and how often each came again."""
    database: Any = {letter_index.SETTLED: None}
    found = await index.pending(database, before=None, limit=10)
    assert [await index.find(database, each.id) for each in found] == found
    return [(each.offset, len(each.repeats)) for each in found]


async def test_what_was_settled_and_fails_again_is_a_letter_again(settled: set[str]) -> None:
    index = LetterIndex()
    for record in (letter(1), letter(2, b"other"), letter(3), letter(3)):
        index.add(record)
    assert await listed(index) == [(2, 0), (1, 1)]
    settled |= {each for found in index._letters.values() for each in (found.id, *found.repeats)}
    assert await listed(index) == []
    for offset in (5, 6):
        index.add(letter(offset))
    assert await listed(index) == [(6, 1)]
    index.add(letter(7))
    assert await listed(index) == [(6, 2)], "its id stays until it is settled"


async def test_a_message_that_comes_again_without_end_takes_no_memory_without_end(settled: set[str]) -> None:
    index = LetterIndex()
    for offset in range(2 * MAX_REPEATS):
        index.add(letter(offset))
    assert await listed(index) == [(0, MAX_REPEATS)]


async def test_what_is_pending_is_listed_without_what_it_holds_and_read_whole_one_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = [letter(1), letter(2, b"settled"), letter(3, b"other"), letter(4), letter(4)]

    async def read_topic(*_: object) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
        for record in log:
            yield record

    class Settled:
        async def find(self, *_: object) -> AsyncIterator[dict[str, str]]:
            yield {"_id": letter_id(log[1])}

    monkeypatch.setattr(letter_index, "read_topic", read_topic)
    kafka, database = KafkaSettings(), cast(Any, {letter_index.SETTLED: Settled()})
    found = await pending(kafka, database)
    assert [(each.offset, each.bytes, len(each.repeats)) for each in found] == [(1, 1, 1), (3, 5, 0)]
    assert not any(isinstance(getattr(found[0], name), bytes) for name in found[0].__slots__)
    assert [(each.value, each.repeats) async for each in whole(kafka, found[:1])] == [(b"x", [letter_id(log[3])])]
    del log[0]
    assert [each async for each in whole(kafka, found[:1])] == [], "retention took it"
