"""Measures resumes from bytes to a parsed profile: time by format, throughput, memory, and another parser beside it.

Files are of the generated suite. They are read by the pool's confined processes, as in production, and parsed here.
"""

import asyncio
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from connectors.documents import DocumentReader
from ops.evaluation.resume_suite import rival
from ops.evaluation.resume_suite.measure import Measured
from ops.evaluation.resume_suite.parsing import parsed
from ops.evaluation.resume_suite.scoring import score
from ops.evaluation.resume_suite.suite import Case, cases, long_cases
from ops.evaluation.resume_suite.truth import Truth
from ops.evaluation.resume_suite.writing import suffix, write
from schemas.errors import LoomaError

Progress = Callable[[str], None]
RIVAL_SECONDS = 300
WORKERS = 2
_COMMON = (
    "name",
    "email",
    "phone",
    "work.employer",
    "work.title",
    "work.start",
    "work.end",
    "education.degree",
    "skill",
)
"""Fields that the other parsers return as well."""


class RivalError(LoomaError):
    """The other parser does not run."""

    code = "rival"


async def bench(count: int, scans: int, long: int, rival_python: str | None, progress: Progress) -> dict[str, Any]:
    """Return the figures of a run."""
    progress("making resumes")
    digital = list(cases(count))
    pictures = [c for c in cases(scans * 2, scans=True) if c.kind.startswith("scan")][:scans] if scans else []
    threes = list(long_cases(long))
    figures: dict[str, Any] = {"documents": len(digital) + len(threes) + len(pictures)}
    figures["latency_ms"], reader = await latencies([*digital, *threes, *pictures], progress)
    progress("throughput")
    figures["throughput"] = {
        "workers": WORKERS,
        "digital_per_second": await throughput([*digital, *threes]),
        "three_pages_per_second": await throughput(threes),
        "scanned_pages_per_second": await throughput(pictures) if pictures else None,
    }
    figures["peak_memory_mb"] = {
        "readers": round(reader / 1e6),
        "caller": round(psutil.Process().memory_info().rss / 1e6),
    }
    if rival_python:
        progress("another parser")
        figures["compared"] = await compare(digital, rival_python)
    return figures


async def latencies(measured: Sequence[Case], progress: Progress) -> tuple[dict[str, Any], int]:
    """Return milliseconds from bytes to a profile by kind, one document at a time, and the readers' most bytes."""
    this, most = psutil.Process(), 0
    times: dict[str, list[tuple[float, float]]] = defaultdict(list)
    async with DocumentReader(workers=1) as reader:
        warm: set[str] = set()
        for number, case in enumerate(measured):
            if number % 20 == 0:
                progress(f"latency: {number} of {len(measured)}")
            if case.kind not in warm:
                warm.add(case.kind)
                parsed(await reader.read(case.data))
            started = time.perf_counter()
            document = await reader.read(case.data)
            read = time.perf_counter()
            parsed(document)
            pages = max(len(document.pages), 1) if document.ocr else 1
            times[case.kind].append(((time.perf_counter() - started) * 1e3 / pages, (read - started) * 1e3 / pages))
            most = max(most, sum(child.memory_info().rss for child in this.children(recursive=True)))
    return {kind: _spread(rows) for kind, rows in times.items()}, most


def _spread(rows: Sequence[tuple[float, float]]) -> dict[str, float]:
    whole, reading = np.array(rows).T
    return {
        "documents": len(rows),
        "p50": round(float(np.percentile(whole, 50)), 1),
        "p99": round(float(np.percentile(whole, 99)), 1),
        "reading_p50": round(float(np.percentile(reading, 50)), 1),
    }


async def throughput(chosen: Sequence[Case]) -> float:
    """Return documents a second with `WORKERS` readers busy all the time."""
    queue = list(chosen)
    async with DocumentReader(workers=WORKERS) as reader:
        await asyncio.gather(*(reader.read(chosen[0].data) for _ in range(WORKERS)))

        async def work() -> None:
            while queue:
                document = await reader.read(queue.pop().data)
                await asyncio.to_thread(parsed, document)

        started = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(2 * WORKERS)))
        return round(len(chosen) / (time.perf_counter() - started), 2)


async def compare(digital: Sequence[Case], python: str) -> dict[str, Any]:
    """Return accuracy and time of ours and of another parser on the same PDFs, in the fields both have."""
    chosen = [case for case in digital if case.layout.format == "pdf"]
    with tempfile.TemporaryDirectory(prefix="looma-resumes-") as name:
        folder = Path(name)
        for _ in write(chosen, folder):
            pass
        lines = await _run(python, folder)
    theirs = {line["file"]: line for line in lines}
    results: dict[str, dict[str, Measured]] = defaultdict(lambda: {"looma": Measured(), "other": Measured()})
    ours: list[float] = []
    async with DocumentReader(workers=1) as reader:
        await reader.read(chosen[0].data)
        for case in chosen:
            started = time.perf_counter()
            found = parsed(await reader.read(case.data))
            ours.append((time.perf_counter() - started) * 1e3)
            line = theirs.get(f"{case.name}.{suffix(case)}", {"found": {}})
            other = Truth(**{k: v for k, v in line["found"].items() if k != "error"})
            for who, claimed in (("looma", found), ("other", other)):
                items = [item for item in score(case.truth, claimed) if item.field in _COMMON]
                results[case.layout.language][who].add(case, items)
    seconds = [line["seconds"] * 1e3 for line in lines]
    return {
        "parser": lines[0]["parser"],
        "files": len(chosen),
        "fields": list(_COMMON),
        "ms_p50": {
            "looma": round(float(np.percentile(ours, 50)), 1),
            "other": round(float(np.percentile(seconds, 50)), 1),
        },
        "accuracy": {
            language: {who: round(measured.total.share, 4) for who, measured in by.items()}
            for language, by in sorted(results.items())
        },
        "accuracy_by_field": {
            language: {
                field: {who: round(_share(measured, field), 4) for who, measured in by.items()} for field in _COMMON
            }
            for language, by in sorted(results.items())
        },
    }


def _share(measured: Measured, field: str) -> float:
    tallies = measured.fields[field].values()
    return sum(t.right for t in tallies) / max(sum(t.all for t in tallies), 1)


async def _run(python: str, folder: Path) -> list[dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        python, rival.__file__, str(folder), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(RIVAL_SECONDS):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            psutil.Process(process.pid).kill()
            await process.wait()
    lines = [json.loads(line) for line in output.splitlines()]
    if not lines:
        raise RivalError(f"{python} parsed nothing: is openresume-parser or leverparser installed there?")
    return lines
