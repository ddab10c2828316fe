"""Workers are upgraded, rolled back and upgraded again under fire; the other version is one that was on main before."""

import io
import json
import subprocess
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.cli.bench import faults as bench_faults
from ops.cli.drill import drill
from ops.faults.upgrade import EVENTS, ROLL_SECONDS

ROOT = Path(__file__).parents[2]
OF_ONE_POLICY = "68d8837510fd3cbd1e8930bbe211207c0442b7c6"
"""Of before workers counted servers that answer, and sent log lines to a collector; it decides records as we do."""
OF_ANOTHER = "585fef886702cf01da006e3f25f4c8c0b4e27dcf"
"""Of before version 4 of the talents' schema, its policy, compressed topics and the encoder of titles."""


def source_of(commit: str, folder: Path) -> Path:
    """Return a folder with the source of a commit."""
    done = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("a clone without its history")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize(
    ("commit", "promises"),
    [(OF_ONE_POLICY, ("lost", "duplicated", "out_of_order", "unaccounted")), (OF_ANOTHER, ("lost", "unaccounted"))],
    ids=["of one policy", "of another"],
)
def test_a_rolling_upgrade_and_its_rollback_lose_nothing(
    commit: str, promises: tuple[str, ...], tmp_path: Path
) -> None:
    source = source_of(commit, tmp_path)
    arguments = ["--seconds", "30", "--workers", "2", "--seed", "11", "--rate", "10", "--faults", "kill,slow,broker"]
    result = CliRunner().invoke(bench_faults.bench_faults, [*arguments, "--upgrade-from", str(source), "--json"])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    wrong = {name: figures[name] for name in promises}
    assert not any(wrong.values()), (wrong, figures["findings"])
    assert figures["drained"]
    assert not figures["upgrade"]["differences"]
    assert figures["upgrade"]["decides_otherwise"] is (commit == OF_ANOTHER)
    assert [roll["to"] for roll in figures["upgrade"]["rolls"]] == ["newer", "older", "newer"]
    assert all(roll["seconds"] < ROLL_SECONDS for roll in figures["upgrade"]["rolls"])
    at_work = [phase["at_work"] for phase in figures["upgrade"]["phases"]]
    older, both, newer = ["older"], ["older", "newer"], ["newer"]
    assert at_work == [older, both, newer, both, older, both, newer]
    for phase in figures["upgrade"]["phases"]:
        assert all(phase["events"][version] >= EVENTS for version in phase["at_work"]), phase
        if phase["at_work"] == both:
            assert all(phase["messages_of_the_other"][version] >= EVENTS for version in both), phase


def test_one_worker_is_no_rolling_upgrade(tmp_path: Path) -> None:
    arguments = ["--workers", "1", "--upgrade-from", str(tmp_path)]
    result = CliRunner().invoke(bench_faults.bench_faults, arguments)
    assert result.exit_code == 2
    assert "two workers" in result.output


def test_what_is_no_other_version_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(bench_faults.bench_faults, ["--upgrade-from", str(tmp_path)])
    assert result.exit_code == 1
    assert "holds no source of Looma Streams" in result.output


@pytest.mark.slow
@pytest.mark.long
def test_a_rehearsed_failover_loses_nothing_and_says_when_work_went_on() -> None:
    result = CliRunner().invoke(drill, ["failover", "--json"])
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert set(said["failures"]) == {"worker", "mongodb", "broker"}
    assert all(each["first_event_ms"] is not None for each in said["failures"].values()), said
