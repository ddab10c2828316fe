"""What goes into one file: whatever comes, and however it is bounded, nothing is left out, doubled or out of order."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from streams.delivery import Inbound
from streams.rolling import Limits, Rolling, day_of

DAY = 86_400.0
messages = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 3), st.sampled_from([0.0, DAY, 1.5 * DAY, -1e30]), st.integers(0, 50))
)
limits = st.builds(Limits, rows=st.integers(1, 9), bytes=st.integers(1, 200), seconds=st.sampled_from([1.0, 5.0, 1e9]))


def log(said: list[tuple[int, int, float, int]]) -> list[Inbound]:
    """Messages in the order they come; each partition has offsets of its own, with gaps as compaction leaves them."""
    ends = {0: 0, 1: 1000, 2: 5}
    found = []
    for partition, step, time, size in said:
        ends[partition] += step
        found.append(Inbound("t", partition, ends[partition], None, b"x" * size, [], time))
    return found


@given(messages, limits)
def test_chunks_hold_everything_once_and_in_order(said, limits) -> None:
    rolling, chunks = Rolling(limits), []
    came = log(said)
    for now, message in enumerate(came):
        chunks += rolling.add(message, now)
        chunks += rolling.due(now)
    chunks += rolling.rest()
    for partition in range(3):
        written = [m for chunk in chunks for m in chunk if m.partition == partition]
        assert written == [m for m in came if m.partition == partition]
    for chunk in chunks:
        assert len({(m.partition, day_of(m)) for m in chunk}) == 1
        assert len(chunk) <= limits.rows
    assert not list(rolling.rest())


@given(messages, limits)
def test_memory_is_bounded_for_all_partitions_together(said, limits) -> None:
    rolling, held = Rolling(limits), 0
    for message in log(said):
        held += message.size - sum(m.size for chunk in rolling.add(message, 0) for m in chunk)
        assert held < limits.bytes


@given(messages)
def test_nothing_waits_longer_than_it_may(said) -> None:
    rolling = Rolling(Limits(rows=10**6, bytes=10**9, seconds=5))
    came: dict[tuple[int, int], int] = {}
    for now, message in enumerate(log(said)):
        came[message.partition, message.offset] = now
        for chunk in [*rolling.add(message, now), *rolling.due(now)]:
            for m in chunk:
                del came[m.partition, m.offset]
        assert all(now - since < 5 for since in came.values())


def test_a_day_is_that_of_the_broker_in_utc() -> None:
    late = datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC).timestamp()
    assert str(day_of(Inbound("t", 0, 0, None, None, [], late))) == "2026-03-01"
    assert str(day_of(Inbound("t", 0, 0, None, None, [], late + 1))) == "2026-03-02"
