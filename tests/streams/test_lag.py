"""A lag is what is left to read: markers of transactions are not, and a former life of a topic does not count."""

import asyncio
from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from streams.lag import acknowledged, behind
from streams.reading import read_ranges


class Log:
    """Partitions with gaps: the offsets of their records, and where they end."""

    def __init__(self, records: dict[TopicPartition, list[int]], ends: dict[TopicPartition, int]) -> None:
        self._records, self._ends = records, ends
        self._at: dict[TopicPartition, int] = {}

    def assign(self, partitions: list[TopicPartition]) -> None:
        self._at = dict.fromkeys(partitions, 0)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self._at[partition] = offset

    def pause(self, *partitions: TopicPartition) -> None:
        pass

    async def position(self, partition: TopicPartition) -> int:
        return self._at[partition]

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return {p: self._ends[p] for p in partitions}

    async def getmany(self, *partitions: TopicPartition, timeout_ms: int, max_records: int) -> Any:
        found: dict[TopicPartition, list[Any]] = {}
        for p in partitions:
            ready = [o for o in self._records[p] if o >= self._at[p]][:max_records]
            self._at[p] = ready[-1] + 1 if ready else self._ends[p]
            if ready:
                found[p] = [SimpleNamespace(topic=p.topic, partition=p.partition, offset=o) for o in ready]
        return found


partition_of = st.integers(0, 30).flatmap(
    lambda end: st.tuples(
        st.lists(st.integers(0, max(0, end - 1)), unique=True, max_size=end).map(sorted),
        st.integers(0, 30),
        st.just(end),
    )
)


@given(st.lists(partition_of, max_size=4))
def test_a_partition_is_behind_from_its_first_record_on(partitions: list[tuple[list[int], int, int]]) -> None:
    names = [TopicPartition("t", n) for n in range(len(partitions))]
    records = {p: offsets for p, (offsets, _, _) in zip(names, partitions, strict=True)}
    done = {p: at for p, (_, at, _) in zip(names, partitions, strict=True)}
    ends = {p: end for p, (_, _, end) in zip(names, partitions, strict=True)}
    log: Any = Log(records, ends)
    found = asyncio.run(behind(log, done, ends, timeout_seconds=60))
    for p in names:
        left = [o for o in records[p] if o >= done[p]]
        assert found[p] == (ends[p] - left[0] if left else 0)


@given(st.lists(partition_of, max_size=4), st.integers(0, 30))
def test_a_range_is_read_whole_and_once(partitions: list[tuple[list[int], int, int]], beyond: int) -> None:
    names = [TopicPartition("t", n) for n in range(len(partitions))]
    records = {p: offsets for p, (offsets, _, _) in zip(names, partitions, strict=True)}
    starts = {p: at for p, (_, at, _) in zip(names, partitions, strict=True)}
    ends = {p: end for p, (_, _, end) in zip(names, partitions, strict=True)}
    wanted = {p: end + beyond for p, end in ends.items()}  # as it was before the topic was made again
    log: Any = Log(records, ends)

    async def read() -> list[Any]:
        return [r async for batch in read_ranges(log, starts, wanted, timeout_seconds=60, max_records=3) for r in batch]

    found = asyncio.run(read())
    for p in names:
        assert [r.offset for r in found if r.partition == p.partition] == [o for o in records[p] if o >= starts[p]]


def test_commits_of_a_longer_former_life_do_not_count() -> None:
    assert acknowledged(7, 2, 9) == 7
    assert acknowledged(-1, 2, 9) == 2
    assert acknowledged(1, 2, 9) == 2
    assert acknowledged(500, 0, 9) == 0
