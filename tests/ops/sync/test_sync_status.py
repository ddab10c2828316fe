"""Freshness is from an event's publication to its record's, by what the record topic says."""

from types import SimpleNamespace
from typing import Any

from ops.sync.status import delays, percentile
from schemas.chain import PUBLISHED, REPLAY
from schemas.envelope import Headers


def record(at: int, *headers: tuple[str, bytes]) -> Any:
    found: Headers = list(headers)
    return SimpleNamespace(timestamp=at, headers=found)


def test_only_recent_records_of_live_events_count() -> None:
    records = [
        record(10_000, (PUBLISHED, b"9750")),
        record(10_000, (PUBLISHED, b"10001")),  # two brokers' clocks
        record(10_000),
        record(10_000, (PUBLISHED, b"-1")),
        record(10_000, (PUBLISHED, b"9" * 5000)),  # anybody may write headers
        record(10_000, (PUBLISHED, b"1"), (REPLAY, b"r")),
        record(999, (PUBLISHED, b"1")),
    ]
    assert delays(records, since=1.0) == [0.25, 0.0]


def test_percentile_by_nearest_rank() -> None:
    assert percentile([]) is None
    assert percentile([3.0]) == 3.0
    assert percentile([float(n) for n in range(1, 101)]) == 99.0
    assert percentile([float(n) for n in range(1, 102)]) == 100.0
