"""Writes a suite to a folder: the files, and a line of truth for each."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from ops.evaluation.resume_suite.suite import Case


def suffix(case: Case) -> str:
    """Return the ending that a case's file has."""
    if not case.kind.startswith("scan"):
        return case.layout.format
    return {b"\x89P": "png", b"\xff\xd8": "jpg"}.get(case.data[:2], "pdf")


def write(cases: Iterable[Case], folder: Path) -> Iterator[Path]:
    """Write each case and yield its path; `truth.jsonl` has what is in them."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "truth.jsonl").open("w", encoding="utf-8") as lines:
        for case in cases:
            path = folder / f"{case.name}.{suffix(case)}"
            path.write_bytes(case.data)
            line = {
                "file": path.name,
                "layout": case.layout.id,
                "part": case.layout.part,
                "language": case.layout.language,
                "kind": case.kind,
                **asdict(case.truth),
            }
            lines.write(json.dumps(line, ensure_ascii=False) + "\n")
            yield path
