"""CVs and jobs with judgements in the manner of TREC: which suit, or how well, as other people have said."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ops.evaluation.match import JobAd, bm25, interval, ndcg, systems
from ops.evaluation.match_files import read_documents
from ops.evaluation.ranked import Numbers, figures, mean, ranked, standardised
from ops.runtime.json_rows import DataError, json_rows
from processors.embedding.model import EmbeddingModel

Direction = Literal["jobs", "resumes"]
"""What is asked about: `jobs` ranks resumes for each job, `resumes` ranks jobs for each resume."""


@dataclass(frozen=True, slots=True)
class Judged:
    """CVs, ads, and the grade of every pair, CVs x ads; what nobody has judged has the lowest.

    `worth` is the lowest grade that counts as relevant; `left_out` judgements are of ids that are in neither file.
    """

    cvs: Sequence[str]
    ads: Sequence[JobAd]
    grades: Numbers
    worth: float
    left_out: int


def load(jobs: Path, resumes: Path, qrels: Path, languages: tuple[str, str] = ("", "")) -> Judged:
    """Read the three files; `languages` of the CVs and of the jobs, where a file has several. Raises DataError.

    Jobs and resumes are JSON Lines or a folder with one document each, whose name without its ending is the id.
    """
    cvs, ads = _texts(jobs, resumes, languages)
    row, column = ({i: n for n, i in enumerate(side)} for side in (cvs, ads))
    found: dict[tuple[int, int], float] = {}
    left_out = 0
    for where, judgement in json_rows(qrels):
        for job, resume, grade in _judgements(judgement, where):
            if job in column and resume in row:
                found[row[resume], column[job]] = grade
            else:
                left_out += 1
    if not found:
        raise DataError(f"{qrels.name}: no judgement of a pair of {jobs.name} and {resumes.name}")
    lowest, highest = min(0.0, *found.values()), max(found.values())
    judged = min(found.values()) if len(found) == len(cvs) * len(ads) else lowest
    grades = np.full((len(cvs), len(ads)), lowest)
    for pair, grade in found.items():
        grades[pair] = grade
    return Judged(list(cvs.values()), list(ads.values()), grades, (judged + highest) / 2, left_out)


def read_texts(jobs: Path, resumes: Path, languages: tuple[str, str] = ("", "")) -> tuple[list[str], list[JobAd]]:
    """Read the CVs and the ads of two files as `load` does. Raises DataError."""
    cvs, ads = _texts(jobs, resumes, languages)
    return list(cvs.values()), list(ads.values())


def _texts(jobs: Path, resumes: Path, languages: tuple[str, str]) -> tuple[dict[str, str], dict[str, JobAd]]:
    cvs = {i: f"{title}\n{text}".strip() for i, (title, text) in _documents(resumes, languages[0]).items()}
    return cvs, {i: JobAd(title, text) for i, (title, text) in _documents(jobs, languages[1]).items()}


def measure(judged: Judged, model: EmbeddingModel, direction: Direction = "jobs") -> dict[str, Any]:
    """Return MAP, nDCG@10, P@5 and MRR of the ranker and of its baselines, in one run.

    Queries without anything relevant are left out. `lead` is the mean gain in average precision of `stream` over a
    system, queries paired. `fused` is the sum of BM25 and embedding, standardised for each query.
    """
    ask: Callable[[Numbers], Numbers] = np.transpose if direction == "jobs" else np.asarray
    scores = {name: ask(score()) for name, score in systems(judged.cvs, judged.ads, model).items() if name != "bm25"}
    scores["bm25"] = _words(judged, direction)
    scores["fused"] = standardised(scores["bm25"]) + standardised(scores["embedding"])
    grades = ask(judged.grades)
    asked = [n for n, row in enumerate(grades) if (row > judged.worth).any()]
    if not asked:
        raise DataError("no query has anything relevant")
    precisions: dict[str, list[float]] = {}
    measured: dict[str, Any] = {}
    for name, found in scores.items():
        each = [ranked(found[n], np.flatnonzero(grades[n] > judged.worth).tolist()) for n in asked]
        precisions[name] = [one.average_precision for one in each]
        measured[name] = figures(each) | {"ndcg10": mean([ndcg(found[n], 2.0 ** grades[n] - 1, 10) for n in asked])}
    for name, row in measured.items():
        if name != "stream":
            lead = [a - b for a, b in zip(precisions["stream"], precisions[name], strict=True)]
            row |= {"lead": mean(lead), "lead_interval": interval(lead)}
    counts = {"resumes": len(judged.cvs), "jobs": len(judged.ads), "queries": len(asked), "left_out": judged.left_out}
    return {**counts, "direction": direction, **measured}


def _words(judged: Judged, direction: Direction) -> Numbers:
    if direction == "resumes":
        return bm25(judged.cvs, judged.ads)
    return bm25([f"{ad.title}\n{ad.text}" for ad in judged.ads], [JobAd("", cv) for cv in judged.cvs])


def _judgements(row: Mapping[str, Any], where: str) -> list[tuple[str, str, float]]:
    job = str(row.get("job"))
    if isinstance(row.get("relevant"), list):
        return [(job, str(resume), 1.0) for resume in row["relevant"]]
    grade = row.get("grade", row.get("same_field"))
    if not isinstance(grade, int | float) or "job" not in row or "resume" not in row:
        raise DataError(f"{where}: a judgement is job and relevant [ids], or job, resume and grade")
    return [(job, str(row["resume"]), float(grade))]


def _documents(path: Path, language: str) -> dict[str, tuple[str, str]]:
    """Return title and text by id."""
    if path.is_dir():
        paths = sorted(each for each in path.iterdir() if each.is_file() and not each.name.startswith("."))
        texts = asyncio.run(read_documents(paths))
        found = {each.stem: ("", text) for each, text in zip(paths, texts, strict=True)}
    else:
        found = {str(row.get("id")): _title_and_text(row, language, where) for where, row in json_rows(path)}
    if not found:
        raise DataError(f"{path.name}: empty")
    return found


def _title_and_text(row: Mapping[str, Any], language: str, where: str) -> tuple[str, str]:
    """Return `title_LANG` and `text_LANG`, or `title` and `text`, or else all that the row says as the text."""
    title, text = (row.get(f"{name}_{language}") or row.get(name) or "" for name in ("title", "text"))
    if not text and (several := sorted(key.removeprefix("text_") for key in row if key.startswith("text_"))):
        raise DataError(f"{where}: texts in {', '.join(several)}; say which by --languages CV:JOB")
    text = text or "\n".join(_said(value) for key, value in row.items() if key not in ("id", "title") and value)
    if not isinstance(title, str) or not isinstance(text, str) or not text.strip():
        raise DataError(f"{where}: no text")
    return title, text


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
