"""A worker's clock jumps and is right again; the checker reads its times as if it had never been wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.faults import clock
from ops.faults.clock import LEAST_HOURS, MOST_HOURS, Clocks, Jump, offset, set_right, true_time
from ops.faults.history import History, Letter, Place, Poison, Work

WATCH = """
import time
from datetime import datetime, UTC
before, began = time.time(), time.monotonic()
print("begun", flush=True)
def wrong():
    return datetime.now(UTC).timestamp() - before - (time.monotonic() - began)
for told, is_so in (("forth", lambda: wrong() > 1000), ("back", lambda: wrong() < -1000), ("right", lambda: abs(wrong()) < 500)):
    while not is_so():
        time.sleep(0.01)
    print(told, flush=True)
"""


def test_a_process_follows_its_file(tmp_path: Path) -> None:
    environment = {**os.environ, **clock.environment(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", WATCH], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline().strip() == "begun"
        for wrong, told in ((3600.0, "forth"), (-7200.0, "back"), (0.0, "right")):
            clock._write(clock.file(tmp_path), wrong)
            assert process.stdout.readline().strip() == told
    assert process.returncode == 0


async def test_a_jump_goes_forth_and_back_and_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, said = tmp_path / "clock", []
    monkeypatch.setattr(clock, "_write", lambda to, wrong: said.append((to, wrong)))
    clocks = Clocks()
    await clocks.jump(path, 900.0, 0.02)
    assert said == [(path, 900.0), (path, 0.0), (path, -900.0), (path, 0.0)]
    assert [jump.offset for jump in clocks.jumps] == [900.0, -900.0]
    assert all(jump.begun <= jump.ended for jump in clocks.jumps)


@given(st.floats(0, 1))
def test_a_jump_is_of_minutes_or_hours(drawn: float) -> None:
    assert LEAST_HOURS * 3600 - 1 <= offset(drawn) <= MOST_HOURS * 3600 + 1


@given(st.floats(0, 600), st.floats(0, 1), st.booleans(), st.floats(0, 1))
def test_times_are_set_right(begun: float, drawn: float, back: bool, within: float) -> None:
    wrong = -offset(drawn) if back else offset(drawn)
    jumps = [Jump(1e9 + begun, 1e9 + begun + 10, wrong)]
    moment = 1e9 + begun + 10 * within
    assert true_time(moment + wrong, jumps) == pytest.approx(moment, abs=0.001)
    assert true_time(moment, jumps) == moment


def test_what_workers_wrote_is_set_right_in_a_history() -> None:
    place = Place(0, 1)
    history = History(
        work=[Work(1, place, 3700.0, 104.0, "e1", "applied")],
        letters=[Letter(place, Poison(None, None, [], "bad_key"), "", 3701.0)],
    )
    assert set_right(history, [Jump(99.0, 103.0, 3600.0)]) == 1
    assert history.work == [Work(1, place, 100.0, 104.0, "e1", "applied")]
    assert history.letters[0].failed_at == 101.0
    assert set_right(history, []) == 0
