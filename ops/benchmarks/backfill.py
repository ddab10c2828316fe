"""`looma bench backfill`: records published a second and peak memory, from JSON Lines and from Parquet.

The stack is of the run's own, in a temporary folder. What is measured is the command as people run it, in a process of
its own, traces included; the peak is what the system says of exactly that process.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ops.benchmarks.stack import fresh_stack
from ops.benchmarks.workload import talent
from ops.runtime.settings import environment_of
from schemas.errors import LoomaError
from schemas.settings import Settings

SIZES = (10_000, 100_000, 1_000_000)
FORMATS = ("jsonl", "parquet")
_GROUP_ROWS = 10_000

Progress = Callable[[str], None]


class BenchError(LoomaError):
    """The command that was to be measured failed; the text is its own."""

    code = "benchmark"


def write_jsonl(path: Path, count: int) -> None:
    """Write `count` talents of about 900 bytes."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            line = {"id": f"{path.stem}-{number}", "entity": "talent", "fields": talent(number)}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def write_parquet(path: Path, count: int) -> None:
    """Write the same talents as a table."""
    writer: Any = None
    for first in range(0, count, _GROUP_ROWS):
        numbers = range(first, min(first + _GROUP_ROWS, count))
        rows = [{"id": f"{path.stem}-{n}", "entity": "talent", **talent(n)} for n in numbers]
        table = pa.Table.from_pylist(rows)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()


def measure(settings: Settings, path: Path) -> dict[str, float]:
    """Sync one file by the command; return its figures."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "ops.cli", "sync", "run", str(path), "--source", "bench", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment_of(settings)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    output = process.stdout.read()  # one short line; the progress bar is silent where nobody watches
    problems = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise BenchError(problems.decode(errors="replace")[-1000:])
    report = json.loads(output)
    unit = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes here
    return {
        "seconds": report["working_seconds"],
        "seconds_with_start": round(time.perf_counter() - began, 2),
        "records_per_s": round(report["published"] / report["working_seconds"]),
        "peak_memory_mb": round(usage.ru_maxrss / unit, 1),
    }


async def backfill(sizes: Sequence[int], formats: Sequence[str], progress: Progress) -> dict[str, Any]:
    """Run the benchmark; return the figures by number of records and format. Raises BenchError, StackError."""
    figures: dict[str, Any] = {}
    async with fresh_stack(progress) as settings:
        for count in sizes:
            by_kind = figures[str(count)] = {}
            for kind in formats:
                write = {"jsonl": write_jsonl, "parquet": write_parquet}[kind]
                path = settings.data_dir / f"bench-{count}.{kind}"
                progress(f"{count} records of {kind}: writing the file")
                await asyncio.to_thread(write, path, count)
                progress(f"{count} records of {kind}: looma sync run")
                by_kind[kind] = await asyncio.to_thread(measure, settings, path)
                path.unlink()
    return figures
