"""Pages come within a minute of real faults, and a short soak keeps its promises: minutes each, so both are `long`."""

import shutil

import pytest

from ops.faults.alarms import PROMISED_SECONDS, time_alarms
from ops.faults.history import Place
from ops.faults.lookout import MANAGERS
from ops.faults.schedule import Fault
from ops.faults.soak import KINDS, faults, growth, soak
from ops.faults.stages import effects, freshness
from ops.runtime.traces import SpanRecord
from schemas import semconv


@pytest.mark.long
async def test_somebody_is_told_of_each_fault_within_a_minute() -> None:
    has_prometheus = bool(shutil.which("prometheus") and any(map(shutil.which, MANAGERS)))
    figures = await time_alarms(print, with_prometheus=has_prometheus)
    late = [
        row for row in figures["faults"] if any(row[by] is None or row[by] > PROMISED_SECONDS for by in list(row)[2:])
    ]
    assert late == []
    assert figures["rules"] >= 10


@pytest.mark.long
async def test_a_soak_of_two_minutes_loses_nothing() -> None:
    figures = await soak(2, seed=7, rate=5, progress=print)
    broken = {name: figures[name] for name in ("lost", "duplicated", "out_of_order", "unaccounted", "differences")}
    assert not any(broken.values()), figures["findings"]
    assert figures["freshness"]["events"] > 100
    stages = figures["freshness_of_stages"]
    behind = [stages[name] for name in ("process talent-records", "resolve talent-records", "process match-requests")]
    assert all(stage["events"] > 100 for stage in behind), stages
    assert figures["unexpected_exits"] == []


def test_a_soak_kills_the_youngest_worker_and_brings_every_kind_of_fault() -> None:
    drawn = faults(seed=1, seconds=1800)
    assert {fault.kind for fault in drawn} == set(KINDS)
    assert all(int(fault.target * size) == size - 1 for fault in drawn for size in (1, 2, 3))
    assert drawn == faults(seed=1, seconds=1800) != faults(seed=2, seconds=1800)
    assert all(isinstance(fault, Fault) for fault in drawn)


def test_freshness_counts_each_event_from_its_publication_to_its_first_effect() -> None:
    published = {Place(0, n): 100.0 for n in range(4)}
    done = [(Place(0, 0), 101.0), (Place(0, 1), 150.0), (Place(0, 1), 109.0), (Place(0, 2), 130.0), (Place(9, 9), 1.0)]
    assert freshness(published, done) == {
        "events": 3,
        "seconds": {"p50": 9.0, "p99": 30.0},
        "longest": 30.0,
        "within_10_s": 0.66667,
    }
    assert growth([900.0, 10, 10, 11, 12, 13, 14, 15, 16, 16]) == {"early_mb": 10.5, "late_mb": 16.0}


def test_a_stage_has_done_a_message_when_it_first_had_an_effect() -> None:
    def span(name: str, topic: str, offset: int, end: float, **more: str) -> SpanRecord:
        attributes = {
            semconv.OPERATION_TYPE: "process",
            semconv.DESTINATION: topic,
            semconv.PARTITION: "3",
            semconv.OFFSET: offset,
            semconv.OUTCOME: "applied",
            **more,
        }
        return SpanRecord("t", "s", "", name, "looma-worker", 0, round(end * 1e9), attributes, (), False)

    assert effects(
        [
            span("resolve talent-records", "talent-records", 7, 20.0),
            span("resolve talent-records", "talent-records", 7, 12.0),
            span("resolve talent-records", "talent-records", 8, 5.0, **{semconv.OUTCOME: "revoked"}),
            span("process talent-records", "talent-records", 7, 9.0),
            span("process talent-events", "talent-events", 7, 1.0),
            span("publish match-requests", "match-requests", 1, 1.0, **{semconv.OPERATION_TYPE: "send"}),
        ]
    ) == {
        ("resolve talent-records", "talent-records"): {(3, 7): 12.0},
        ("process talent-records", "talent-records"): {(3, 7): 9.0},
    }
