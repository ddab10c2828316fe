"""Measures advice on hand-graded cases: skills to add, faults of resumes, fitting jobs; development and test apart."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from importlib.resources import files
from typing import Any, NamedTuple

import orjson

from processors.advice import (
    Corpus,
    StoredJob,
    ad_job,
    assess,
    fitting_jobs,
    recommend,
    stored_job,
    target_job,
    target_role,
)
from processors.advice.demand import LEAST_TITLE
from processors.advice.jobs import skill_key
from processors.resume.parse import parse_resume

TODAY = date(2026, 1, 1)
"""The cases are read as of this day, so that the figures stay."""
DEPTH = 5
Row = dict[str, Any]


class Ranked(NamedTuple):
    """The grades of what was recommended, in order, and those of what could have been."""

    got: Sequence[int]
    possible: Sequence[int]


def rows(*path: str) -> Iterator[Row]:
    """Yield the rows of one of our own data files."""
    for line in files("ops").joinpath(*path).read_bytes().splitlines():
        yield orjson.loads(line)


def sample_jobs() -> list[StoredJob]:
    """Return the jobs that demand is counted in: the sample's and those of the graded matching set."""
    sample = [stored_job(row["id"], row["fields"]) for row in rows("local", "sample_data", "jobs.jsonl")]
    return [*sample, *graded_jobs()]


def graded_jobs() -> list[StoredJob]:
    """Return the jobs of the graded matching set."""
    return [ad_job(r["id"], r["title"], r["text"]) for r in rows("evaluation", "data", "match", "jobs.jsonl")]


def evaluate() -> dict[str, Any]:
    """Return the figures of each part: development cases have odd numbers, test cases even ones."""
    corpus, graded = Corpus.of(sample_jobs()), Corpus.of(graded_jobs())
    skills, quality, fitting = (
        list(rows("evaluation", "data", "advice", f"{name}.jsonl")) for name in ("skills", "quality", "fitting")
    )
    return {
        part: {
            "skills": ranking(rank_skills(row, corpus) for row in _part(skills, part)),
            "counted": ranking(counted(row, corpus) for row in _part(skills, part)),
            "popular": ranking(popular(row, corpus) for row in _part(skills, part)),
            "quality": faults((row, advised(row)) for row in _part(quality, part)),
            "fitting": ranking(rank_jobs(row, graded) for row in _part(fitting, part)),
        }
        for part in ("dev", "test")
    }


def _part(cases: Iterable[Row], part: str) -> list[Row]:
    return [case for case in cases if (int(case["id"][1:]) % 2 == 1) == (part == "dev")]


def rank_skills(case: Row, corpus: Corpus) -> Ranked:
    """Return the grades of the skills recommended in a case."""
    person = case["profile"]
    if job := case.get("job"):
        target = target_job(ad_job("target", job["title"], job["text"]))
    else:
        target = target_role(case["role"], corpus)
    found = recommend(person["skills"], target, corpus, case["language"], DEPTH)
    return _graded([advice.skill for advice in found], case)


def counted(case: Row, corpus: Corpus) -> Ranked:
    """Return what counting skills in the jobs with a title like the target's would be graded, for comparison."""
    held = {skill_key(name) for name in case["profile"]["skills"]}
    if job := case.get("job"):
        jobs = [ad_job("target", job["title"], job["text"])]
    else:
        jobs = [j for j in corpus.jobs if corpus.titles.closeness(case["role"], j.title) >= LEAST_TITLE]
    counts = Counter(key for job in jobs for key in job.skills if key not in held)
    return _graded([key for key, _ in sorted(counts.items(), key=lambda c: (-c[1], c[0]))][:DEPTH], case)


def popular(case: Row, corpus: Corpus) -> Ranked:
    """Return what recommending the skills that all jobs ask for most would be graded, for comparison."""
    held = {skill_key(name) for name in case["profile"]["skills"]}
    best = sorted(corpus.base, key=lambda key: (-corpus.base[key], key))
    return _graded([key for key in best if key not in held][:DEPTH], case)


def _graded(keys: Iterable[str], case: Row) -> Ranked:
    grades = grades_of(case)
    return Ranked([grades.get(key, 0) for key in keys], list(grades.values()))


def grades_of(case: Row) -> dict[str, int]:
    """Return the grade of each skill of a case by its key; what is not in it, or is held already, has grade 0."""
    held = {skill_key(name) for name in case["profile"]["skills"]}
    grades = {skill_key(name): 1 for name in case["grades"]["1"]}
    grades.update((skill_key(name), 2) for name in case["grades"]["2"])
    return {key: grade for key, grade in grades.items() if key not in held}


def rank_jobs(case: Row, corpus: Corpus) -> Ranked:
    """Return the grades of the jobs that were said to fit."""
    person = case["profile"]
    found = fitting_jobs(person["title"], person["years"], person["skills"], corpus, case["language"], DEPTH)
    grades = {id: int(grade) for grade, ids in case["grades"].items() for id in ids}
    return Ranked([grades.get(job.job_id, 0) for job in found], list(grades.values()))


def ranking(cases: Iterable[Ranked]) -> dict[str, float]:
    """Return the means over cases: precision (grade 1 or more) of five places, nDCG, and how often the first is a 2."""
    found = list(cases)
    return {
        "cases": len(found),
        "precision_at_5": _mean(sum(g > 0 for g in case.got[:DEPTH]) / DEPTH for case in found),
        "ndcg_at_5": _mean(ndcg(case) for case in found),
        "first_is_best": _mean(float(case.got[:1] == [2]) for case in found),
    }


def ndcg(case: Ranked) -> float:
    """Return the normalised discounted cumulative gain (Järvelin and Kekäläinen, 2002; gain 2^grade - 1) of five."""
    best = _gain(sorted(case.possible, reverse=True))
    return _gain(case.got) / best if best else 1.0


def _gain(grades: Sequence[int]) -> float:
    return sum((float(2**grade) - 1) / math.log2(place + 2) for place, grade in enumerate(grades[:DEPTH]))


def advised(case: Row) -> set[str]:
    """Return the codes of the advice on a case's text."""
    profile = parse_resume(case["text"], today=TODAY)
    return {advice.code for advice in assess(profile, case["text"], TODAY).advice}


def faults(cases: Iterable[tuple[Row, set[str]]]) -> dict[str, Any]:
    """Return how many planted weaknesses were found, how much advice was wrong, and how many cases were all right."""
    must = found = wrong = judged = perfect = number = 0
    codes: dict[str, list[int]] = {}
    for case, got in cases:
        number += 1
        hits = [code in got for code in case["must"]]
        bad = [code in got for code in case["must_not"]]
        must, found = must + len(hits), found + sum(hits)
        judged, wrong = judged + len(bad), wrong + sum(bad)
        perfect += all(hits) and not any(bad)
        for code, hit in [*zip(case["must"], hits, strict=True), *zip(case["must_not"], map(_not, bad), strict=True)]:
            codes.setdefault(code, []).append(hit)
    return {
        "cases": number,
        "recall": _share(found, must),
        "precision": _share(found, found + wrong),
        "accuracy": _share(found + judged - wrong, must + judged),
        "perfect": _share(perfect, number),
        "codes": {code: _mean(map(float, right)) for code, right in sorted(codes.items())},
    }


def _not(value: bool) -> bool:
    return not value


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return round(sum(known) / len(known), 4) if known else 0.0
