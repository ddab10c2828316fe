"""The short form of `looma bench faults`: the same code, fixed seed and faults, half a minute of load."""

import json

import pytest
from click.testing import CliRunner

from ops.cli.bench import faults as bench_faults
from ops.faults.schedule import Fault

FAULTS = [
    Fault(3.0, "slow", seconds=3.0),
    Fault(4.5, "kill"),  # while MongoDB stands still: the worker has published and not stored
    Fault(9.0, "clock_jump", seconds=6.0, target=0.1),  # of the one that was not killed
    Fault(10.0, "disk_full", seconds=1.0),
    Fault(16.0, "broker", seconds=0.5, hard=True),
]


def test_nothing_is_lost_or_doubled_and_order_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.faults.schedule.schedule", lambda *_: FAULTS)
    arguments = ["--seconds", "28", "--workers", "2", "--seed", "4", "--rate", "50", "--json"]
    result = CliRunner().invoke(bench_faults.bench_faults, arguments)
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    wrong = {name: figures[name] for name in ("lost", "duplicated", "out_of_order", "unaccounted")}
    assert not any(wrong.values()), (wrong, figures["findings"])
    assert figures["drained"]
    assert figures["faults"] == {"slow": 1, "kill": 1, "clock_jump": 1, "disk_full": 1, "broker": 1}
    assert figures["events"]["published"] > 500
    assert figures["events"]["poison"] > 2
    assert figures["events"]["hostile"] > 10
    assert figures["events"]["librdkafka"] > 100
    assert figures["events"]["java"] > 100
    assert figures["events"]["aborted"] > 0
    assert figures["wrong_times"] > 0
    kills = figures["recovery_ms"]["kills"]
    assert kills <= 1, "a kill whose partitions nothing came for is not measured"
    assert (figures["recovery_ms"]["p50"] > 0) == (kills == 1)
