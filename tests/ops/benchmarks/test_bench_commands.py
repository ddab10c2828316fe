"""What `looma bench cli` measures, without a stack."""

import os
import sys
from pathlib import Path

import click
import pytest

from ops.benchmarks.commands import PYTHON, CommandFailedError, Took, commands, figures_of, in_rounds, timed
from ops.cli import main


def test_time_of_the_processor_is_that_of_the_command_and_of_what_it_starts() -> None:
    spin = "import time\nwhile time.process_time() < 0.3: pass"
    idle = timed([sys.executable, "-c", ""], os.environ)
    busy = timed(
        [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {spin!r}])"], os.environ
    )
    assert busy.cpu - idle.cpu > 0.2
    assert busy.wall > 0.3


def test_a_command_that_fails_is_no_figure() -> None:
    with pytest.raises(CommandFailedError, match="it is broken"):
        timed([sys.executable, "-c", "raise SystemExit('it is broken')"], os.environ)


def test_rounds_alternate_and_the_first_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []

    def took(command: list[str], _: object) -> Took:
        ran.append(command[0])
        return Took(float(len(ran)), 0.0)

    monkeypatch.setattr("ops.benchmarks.commands.timed", took)
    found = in_rounds({"a": ["a"], "b": ["b"]}, {}, 3, lambda _: None)
    assert "".join(ran) == "abababab"
    assert [t.wall for t in found["a"]] == [3.0, 5.0, 7.0]
    assert figures_of(found)["b"] == {"wall_s": 6.0, "wall_s_least": 4.0, "cpu_s": 0.0, "cpu_s_least": 0.0}


def test_every_command_that_is_measured_exists() -> None:
    for name, command in commands(Path(__file__)).items():
        if name != PYTHON:
            words = command[3:]
            found, context = main.get_command(click.Context(main), words[0]), click.Context(main)
            while isinstance(found, click.Group):
                found = found.get_command(context, (words := words[1:])[0])
            assert found or words == ["--help"], name
