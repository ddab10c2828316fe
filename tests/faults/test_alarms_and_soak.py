"""Pages come within a minute of real faults, and a short soak keeps its promises: minutes each, so both are `long`."""

import shutil

import pytest

from ops.faults.alarms import PROMISED_SECONDS, time_alarms
from ops.faults.history import Place
from ops.faults.lookout import MANAGERS
from ops.faults.schedule import Fault
from ops.faults.soak import KINDS, faults, freshness, growth, soak


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
