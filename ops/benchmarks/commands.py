"""`looma bench cli`: what commands cost from the shell, each a process of its own, in alternating rounds.

The stack is of the run's own, with a few hundred talents and jobs that a worker has matched.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from ops.benchmarks.stack import Progress, fresh_stack, match_sample, prepare, workers
from ops.benchmarks.usage import cpu_seconds, mongodb_server
from ops.benchmarks.workload import talent
from ops.local.sample_data.resume import resume_text
from ops.runtime.settings import environment_of
from schemas.errors import LoomaError
from schemas.settings import Settings

RUN = "cli"
TALENTS, JOBS = 200, 100
COMMAND_SECONDS = 120
PYTHON = "python"
"""The interpreter that does nothing: no command can cost less."""
WORKER = "worker, until it is ready"

_RESUME = {
    **talent(1),
    "emails": ["wang.wei@example.com"],
    "phones": ["+86 138 1234 5678"],
    "employments": [
        {"company": "Example Ltd", "title": "Data Engineer", "start": "2019-03-01", "description": "Built pipelines."}
    ],
    "education": [
        {"school": "Fudan University", "degree": "master", "field": "Software", "start": "2014-09", "end": "2017-06"}
    ],
}


class CommandFailedError(LoomaError):
    """A command that is measured failed; the text has what it said."""

    code = "bench_command"


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds from the start of a process to its end, and of the processor."""

    wall: float
    cpu: float


def timed(command: Sequence[str], environment: Mapping[str, str]) -> Took:
    """Run a command to its end, its children counted. Raises CommandFailedError."""
    began, before = time.perf_counter(), os.times()
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=COMMAND_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise CommandFailedError(f"{' '.join(command)} took over {COMMAND_SECONDS} s") from error
    wall, after = time.perf_counter() - began, os.times()
    if done.returncode:
        raise CommandFailedError(f"{' '.join(command)}: {done.stderr.decode(errors='replace').strip()}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Took(wall, cpu)


def commands(resume: Path) -> dict[str, list[str]]:
    """Return the commands by what they are called in the table."""
    arguments = (
        ("--help",),
        ("search", "--help"),
        ("status",),
        ("topics", "list"),
        ("matches", "talent", f"{RUN}-1"),
        ("conflicts", "list"),
        ("dlq", "list"),
        ("search", "java", "--in", "talents"),
        ("parse", str(resume)),
    )
    looma = [sys.executable, "-m", "ops.cli"]
    named = {" ".join(("looma", *(Path(a).name if a == str(resume) else a for a in each))): each for each in arguments}
    return {PYTHON: [sys.executable, "-c", ""]} | {name: [*looma, *each] for name, each in named.items()}


def in_rounds(
    measured: Mapping[str, Sequence[str]], environment: Mapping[str, str], rounds: int, progress: Progress
) -> dict[str, list[Took]]:
    """Run every command once a round, after one that is not counted and fills the file cache."""
    took: dict[str, list[Took]] = {name: [] for name in measured}
    for number in range(rounds + 1):
        progress(f"round {number} of {rounds}")
        for name, command in measured.items():
            one = timed(command, environment)
            if number:
                took[name].append(one)
    return took


def figures_of(took: Mapping[str, Sequence[Took]]) -> dict[str, dict[str, float]]:
    """Return by command the median and the least of seconds and of processor seconds."""
    return {
        name: {
            "wall_s": round(median(t.wall for t in each), 2),
            "wall_s_least": round(min(t.wall for t in each), 2),
            "cpu_s": round(median(t.cpu for t in each), 2),
            "cpu_s_least": round(min(t.cpu for t in each), 2),
        }
        for name, each in took.items()
    }


async def _worker_starts(settings: Settings, rounds: int, progress: Progress) -> list[Took]:
    took = []
    for number in range(rounds + 1):
        progress(f"worker: start {number} of {rounds}")
        began = time.perf_counter()
        async with workers(settings, 1) as started:
            if number:
                took.append(Took(time.perf_counter() - began, sum(map(cpu_seconds, started.values()))))
    return took


async def bench_commands(rounds: int, progress: Progress) -> dict[str, Any]:
    """Run the benchmark; return its figures."""
    async with fresh_stack(progress) as settings:
        await prepare(settings)
        await match_sample(settings, RUN, TALENTS, JOBS, progress)
        with tempfile.TemporaryDirectory(prefix="looma-bench-") as folder:
            resume = Path(folder) / "resume.txt"
            resume.write_text(resume_text(_RESUME, english=True), "utf-8")
            environment = {**os.environ, **environment_of(settings)}
            environment.pop("PYTHONDONTWRITEBYTECODE", None)  # who works with commands has them compiled
            took = await asyncio.to_thread(in_rounds, commands(resume), environment, rounds, progress)
        took[WORKER] = await _worker_starts(settings, rounds, progress)
        return {"rounds": rounds, "commands": figures_of(took), "mongodb": await mongodb_server(settings)}
