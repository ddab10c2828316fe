"""Reads vacancies, CVs and annotators' rankings from files."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.evaluation.match import JobAd
from ops.runtime.json_rows import DataError, json_rows, text_of


@dataclass(frozen=True, slots=True)
class Annotated:
    """What `annotated` compares; `rankings` by annotator, one a CV, positions from 0."""

    cvs: list[str]
    ads: list[JobAd]
    rankings: Mapping[str, list[list[int]]]


def load(vacancies: Path, folder: Path, rankings: Path) -> Annotated:
    """Read the files: CVs are N.docx for the `cv` N of a ranking. Raises DataError."""
    ads = [
        JobAd(text_of(r, "job_title", where), text_of(r, "job_description", where)) for where, r in json_rows(vacancies)
    ]
    rows = list(json_rows(rankings))
    if not ads or not rows:
        raise DataError(f"{(vacancies if not ads else rankings).name}: empty")
    annotators = sorted({key for _, row in rows for key in row if key.startswith("annotator")})
    if not annotators:
        raise DataError(f"{rankings.name}: no annotator_1")
    found: dict[str, list[list[int]]] = {name: [] for name in annotators}
    paths = []
    for where, row in rows:
        paths.append(folder / _file_name(row.get("cv"), where))
        for name in annotators:
            found[name].append(_ranking(row.get(name) or [], len(ads), f"{where} {name}"))
    return Annotated(asyncio.run(read_documents(paths)), ads, found)


async def read_documents(paths: Sequence[Path]) -> list[str]:
    """Return the text of each document. Raises DataError."""
    from connectors.documents import DocumentError, DocumentReader  # starts processes: only where it is needed

    texts = []
    async with DocumentReader() as reader:
        for path in paths:
            try:
                texts.append((await reader.read(path.read_bytes())).text)
            except (OSError, DocumentError) as error:
                raise DataError(f"{path.name}: {error}") from error
    return texts


def _file_name(cv: Any, where: str) -> str:
    name = str(cv)
    if not name or "/" in name or "\\" in name or name in ("None", "..", "."):
        raise DataError(f"{where}: cv must be a file's number or name")
    return name if name.endswith(".docx") else f"{name}.docx"


def _ranking(value: Any, count: int, where: str) -> list[int]:
    if not isinstance(value, list) or not all(isinstance(i, int) and 1 <= i <= count for i in value):
        raise DataError(f"{where}: must list vacancies by position, 1 to {count}")
    if len(set(value)) < len(value):
        raise DataError(f"{where}: a vacancy stands twice")
    return [i - 1 for i in value]
