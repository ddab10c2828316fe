"""Ranks jobs for CVs from their plain texts, beside baselines, and measures how good the order is."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ops.evaluation import calibration
from ops.evaluation.match_sets import SetName, graded_set
from processors.embedding.model import EmbeddingModel, Vectors
from processors.embedding.titles import title_encoder
from processors.fairness import impersonal
from processors.matching.closeness import measure
from processors.matching.features.feature import Finding
from processors.matching.meaning import pack
from processors.matching.profile import Profile
from processors.matching.reading.items import parts, work_parts
from processors.matching.reading.record import job_profile, talent_profile
from processors.matching.score import find, weigh
from processors.matching.weights import DEFAULT, Weights
from processors.reading.ad import ad_fields
from processors.reading.cv import MAX_CHARACTERS, cv_fields
from processors.reading.gaps import filled, sayable
from schemas.entities import Side
from schemas.records import SourceRecord
from streams.vectors import embedded_texts, payload_of

Matrix = NDArray[np.float64]
Stored = tuple[Profile, Vectors]
"""A record's profile, and the vector of its whole text."""
LONGEST = 1500
"""Of a text embedded as a whole."""
WORTH = 2
"""The grade from which a pair is worth an interview: what a calibrated score is the probability of."""


@dataclass(frozen=True, slots=True)
class JobAd:
    """A vacancy as it is advertised."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Pool:
    """CVs and jobs, read and embedded: everything that the ranker looks at."""

    talents: tuple[Profile, ...]
    jobs: tuple[Profile, ...]
    similarity: Matrix

    def features(self) -> NDArray[np.float64]:
        """Return every feature of every pair: talents x jobs x features."""
        return np.array([[[finding.score for finding in found] for found in row] for row in self._found()])

    def scores(self, weights: Weights = DEFAULT) -> Matrix:
        """Return the score of every pair, talents x jobs, as matching computes it in production."""
        return np.array([[weighed.total for weighed in weigh(row, weights)] for row in self._found()])

    def _found(self) -> Iterator[list[list[Finding]]]:
        for talent, row in zip(self.talents, self.similarity, strict=True):
            close = measure([talent], self.jobs, row.tolist())
            yield [find(talent, job, each) for job, each in zip(self.jobs, close, strict=True)]


def read_pool(cvs: Sequence[str], ads: Sequence[JobAd], model: EmbeddingModel, today: date | None = None) -> Pool:
    """Read and embed texts; `today` ends positions still held (default: the actual day)."""
    neutral = [impersonal(text[:MAX_CHARACTERS]) for text in cvs]
    talents = [
        _embedded(talent_profile(str(i), 0, sayable("talent", talent_fields(t, today)), today=today), t, model)
        for i, t in enumerate(cvs)
    ]
    jobs = [
        _embedded(job_profile(str(i), 0, sayable("job", job_fields(a.title, a.text))), f"{a.title}\n{a.text}", model)
        for i, a in enumerate(ads)
    ]
    return Pool(tuple(talents), tuple(jobs), similarities(neutral, ads, model))


def talent_fields(text: str, today: date | None = None) -> dict[str, Any]:
    """Return a talent's fields as far as the text of a CV says them, without what identifies the person."""
    text = impersonal(text[:MAX_CHARACTERS])
    return {**cv_fields(text, today or date.today()), "summary": text}


def resume_fields(text: str, today: date | None = None) -> dict[str, Any]:
    """Return the fields of a talent that is known by its resume alone, positions and employers among them."""
    day = (today or date.today()).isoformat()
    return filled("talent", {"resume_text": text}, {"resume_text": {"time": day}})[0]


def job_fields(title: str, description: str) -> dict[str, Any]:
    """Return a job's fields as far as its ad says them."""
    return {"title": title, "description": description, **ad_fields(title, description)}


def _embedded(profile: Profile, text: str, model: EmbeddingModel) -> Profile:
    text = impersonal(text) if profile.entity == "talent" else text
    pieces = parts(text) if profile.entity == "talent" else work_parts(text)
    rows = model.embed(pieces)
    titles = model.embed([profile.title or ""])
    encoder = title_encoder(model.version)
    roles = encoder.packed([profile.title or ""], titles) if encoder else b""
    return replace(profile, title_vector=pack(titles), section_vectors=pack(rows), role_vectors=roles)


def stream_pool(
    cvs: Sequence[str],
    ads: Sequence[JobAd],
    model: EmbeddingModel,
    today: date | None = None,
    read: Callable[[str, date | None], dict[str, Any]] | None = None,
) -> Pool:
    """Return what the stream stores of talents and jobs whose records say what their texts say.

    `read` tells what a record says of a CV; by default `talent_fields`.
    """
    return pooled(stored_talents(cvs, model, today, read), stored_jobs(ads, model))


def stored_talents(
    cvs: Sequence[str],
    model: EmbeddingModel,
    today: date | None = None,
    read: Callable[[str, date | None], dict[str, Any]] | None = None,
) -> list[Stored]:
    """Return what the stream stores of talents."""
    read = read or talent_fields
    return [_stored("talent", i, read(text, today), model, today) for i, text in enumerate(cvs)]


def stored_jobs(ads: Sequence[JobAd], model: EmbeddingModel) -> list[Stored]:
    """Return what the stream stores of jobs."""
    return [_stored("job", i, job_fields(ad.title, ad.text), model, None) for i, ad in enumerate(ads)]


def pooled(talents: Sequence[Stored], jobs: Sequence[Stored]) -> Pool:
    """Return both sides together."""
    wholes = [np.array([row for _, row in side], dtype=np.float64) for side in (talents, jobs)]
    return Pool(tuple(p for p, _ in talents), tuple(p for p, _ in jobs), wholes[0] @ wholes[1].T)


def _stored(side: Side, number: int, fields: dict[str, Any], model: EmbeddingModel, today: date | None) -> Stored:
    record = SourceRecord(side, str(number), 1, False, sayable(side, fields), {})
    rows = model.embed(embedded_texts(side, record))
    return payload_of(side, record, "", model.version, rows[1:], today).profile, rows[0]


def similarities(cvs: Sequence[str], ads: Sequence[JobAd], model: EmbeddingModel) -> Matrix:
    """Return the cosines of whole texts: the plain embedding baseline."""
    talents: Vectors = model.embed([text[:LONGEST] for text in cvs])
    jobs: Vectors = model.embed([f"{ad.title}\n{ad.text}"[:LONGEST] for ad in ads])
    return np.asarray(talents @ jobs.T, dtype=np.float64)


def bm25(cvs: Sequence[str], ads: Sequence[JobAd], k1: float = 1.2, b: float = 0.75) -> Matrix:
    """Return Okapi BM25 of each CV as the query against the ads; Chinese text counts by pairs of characters."""
    documents = [Counter(_words(f"{ad.title}\n{ad.text}")) for ad in ads]
    lengths = np.array([sum(d.values()) for d in documents], dtype=float)
    norm = k1 * (1 - b + b * lengths / max(lengths.mean(), 1e-9))
    columns: dict[str, Matrix] = {}
    for word in set().union(*documents):
        counts = np.array([d[word] for d in documents], dtype=float)
        idf = math.log(1 + (len(ads) - (counts > 0).sum() + 0.5) / ((counts > 0).sum() + 0.5))
        columns[word] = idf * counts * (k1 + 1) / (counts + norm)
    rows = []
    for text in cvs:
        rows.append(sum((columns[w] for w in set(_words(text)) if w in columns), np.zeros(len(ads))))
    return np.array(rows)


def _words(text: str) -> list[str]:
    words = []
    for run in re.findall(r"[a-z0-9+#.]+|[\u3400-\u9fff]+", text.casefold()):
        if run[0] < "\u3400":
            words.append(run.strip("."))
        else:
            words += [run[i : i + 2] for i in range(max(len(run) - 1, 1))]
    return words


def ndcg(scores: Sequence[float] | Matrix, gains: Sequence[float] | Matrix, k: int) -> float:
    """Return the normalised discounted cumulative gain of the k best; 1 where nothing can be gained.

    Jarvelin and Kekalainen 2002, with gains 2^grade - 1 given by the caller. Ties stay in the order given.
    """
    order = np.argsort(-np.asarray(scores, dtype=float), kind="stable")[:k]
    gained = np.asarray(gains, dtype=float)
    discounts = 1 / np.log2(np.arange(2, len(order) + 2))
    ideal = float(np.sort(gained)[::-1][: len(order)] @ discounts)
    return float(gained[order] @ discounts) / ideal if ideal else 1.0


def interval(values: Sequence[float], *, draws: int = 2000, seed: int = 7) -> tuple[float, float]:
    """Return the 95 % interval of the mean by the bootstrap over talents."""
    sample = np.asarray(values, dtype=float)
    means = sample[np.random.default_rng(seed).integers(0, len(sample), (draws, len(sample)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return round(float(low), 4), round(float(high), 4)


def systems(
    cvs: Sequence[str], ads: Sequence[JobAd], model: EmbeddingModel, today: date | None = None
) -> dict[str, Callable[[], Matrix]]:
    """Return the ranker and its baselines by name; each call scores talents x jobs.

    `model` compares all of the texts, `stream` as much of them as a worker stores.
    """
    return {
        "model": lambda: read_pool(cvs, ads, model, today).scores(),
        "stream": lambda: stream_pool(cvs, ads, model, today).scores(),
        "random": lambda: np.random.default_rng(7).random((len(cvs), len(ads))),
        "bm25": partial(bm25, cvs, ads),
        "embedding": partial(similarities, cvs, ads, model),
    }


def in_house(model: EmbeddingModel, *, name: SetName = "small", split: int = 1) -> dict[str, Any]:
    """Return nDCG@10 of every system on half of a graded set (1: the test half), with intervals.

    `margin` is the mean gain of the model over a system and its interval, talents paired.
    """
    graded = graded_set(name)
    ads = [JobAd(*ad) for ad in graded.ads]
    half = list(range(split, len(graded.cvs), 2))
    gains = 2.0 ** graded.grades[half] - 1
    values: dict[str, list[float]] = {}
    scored = {system: score() for system, score in systems(graded.cvs, ads, model, graded.today).items()}
    for system, scores in scored.items():
        values[system] = [ndcg(scores[i], gain, 10) for i, gain in zip(half, gains, strict=True)]
    figures: dict[str, Any] = {"set": name, "talents": len(half), "jobs": len(ads)}
    for system, found in values.items():
        lead = [a - b for a, b in zip(values["model"], found, strict=True)]
        figures[system] = {"ndcg10": _mean(found), "interval": interval(found)}
        if system != "model":
            figures[system] |= {"margin": _mean(lead), "margin_interval": interval(lead)}
    worth = (graded.grades >= WORTH).astype(np.float64)
    figures["calibration"] = calibrated(scored["model"], worth, split)
    return figures


def calibrated(scores: Matrix, outcomes: Matrix, split: int) -> dict[str, Any]:
    """Fit scores to outcomes on one half of the talents; return how reliable the probabilities are on half `split`."""
    fitted = calibration.fit(scores[1 - split :: 2].ravel(), outcomes[1 - split :: 2].ravel())
    predicted, truth = fitted(scores[split::2].ravel()), outcomes[split::2].ravel()
    table = calibration.reliability(predicted, truth)
    return {
        "means": f"share of pairs graded {WORTH} or better among pairs of this score, every talent with every job",
        "pairs": len(truth),
        "base_rate": _mean(truth),
        "brier": _mean((predicted - truth) ** 2),
        "brier_base_rate": _mean((outcomes[1 - split :: 2].mean() - truth) ** 2),
        "calibration_error": round(calibration.calibration_error(table), 4),
        "reliability": [asdict(row) for row in table],
    }


def annotated(
    cvs: Sequence[str], ads: Sequence[JobAd], rankings: Mapping[str, Sequence[Sequence[int]]], model: EmbeddingModel
) -> dict[str, Any]:
    """Return how well every system agrees with annotators, averaged over them, and how they agree with each other.

    A ranking lists for each CV the positions of the ads, from 0, best first; it may be partial. An ad's gain falls from
    the number of ads ranked to 1; those left out gain 0. MRR is of the annotator's first choice; Spearman is over the
    ads that the annotator ranked.
    """
    figures: dict[str, Any] = {"cvs": len(cvs), "vacancies": len(ads)}
    for name, score in systems(cvs, ads, model).items():
        orders = [np.argsort(-row, kind="stable").tolist() for row in score()]
        asked = {annotator: agreement(orders, ranks, len(ads)) for annotator, ranks in rankings.items()}
        each = {annotator: found for annotator, found in asked.items() if found}
        figures[name] = {**_averaged(list(each.values())), "by_annotator": each}
    pairs = {}
    for a, b in combinations(rankings, 2):
        both = agreement(rankings[a], rankings[b], len(ads)), agreement(rankings[b], rankings[a], len(ads))
        if found := [one for one in both if one]:
            pairs[f"{a} | {b}"] = _averaged(found)
    figures["annotators"] = {**_averaged(list(pairs.values())), "pairs": pairs} if pairs else None
    return figures


def agreement(orders: Sequence[Sequence[int]], wanted: Sequence[Sequence[int]], count: int) -> dict[str, float] | None:
    """Return nDCG@5, MRR, Spearman and top-1 agreement of orders with those wanted, averaged over CVs.

    CVs that either did not rank are left out; None if there are no others.
    """
    rows = []
    for order, ideal in zip(orders, wanted, strict=True):
        if not ideal or not order:
            continue
        place = {ad: rank for rank, ad in enumerate(order)}
        scores = [-float(place.get(ad, count)) for ad in range(count)]
        gains = np.zeros(count)
        for rank, ad in enumerate(ideal):
            gains[ad] = len(ideal) - rank
        rows.append((
            ndcg(scores, gains, 5),
            1 / (place.get(ideal[0], count) + 1),
            _spearman([place.get(ad, count) for ad in ideal]),
            float(order[0] == ideal[0]),
        ))  # fmt: skip
    if not rows:
        return None
    means = np.mean(rows, axis=0)
    return {name: round(float(v), 4) for name, v in zip(("ndcg5", "mrr", "spearman", "top1"), means, strict=True)}


def _spearman(places: Sequence[int]) -> float:
    """Return the rank correlation of places with 0, 1, 2 …; 1 for a single one."""
    if len(places) < 2:
        return 1.0
    given = np.argsort(np.argsort(places))
    n = len(places)
    return float(1 - 6 * ((given - np.arange(n)) ** 2).sum() / (n * (n * n - 1)))


def _averaged(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {key: _mean([row[key] for row in rows]) for key in ("ndcg5", "mrr", "spearman", "top1")}


def _mean(values: Sequence[float] | Matrix) -> float:
    return round(float(np.mean(values)), 4)
