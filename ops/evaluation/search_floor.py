"""What search says where there is no answer, and what that costs where there is one.

The records are those of `ops.evaluation.search`. The queries are labelled: relevant records are known by how they were
drawn, and some queries have none: nonsense, occupations and tools that nobody has, small talk. Their kinds are divided:
the weights and bounds of `processors.search.relevance` were chosen on the tuning half, the other one is to report. All
runs as it is served, over records in memory.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ops.evaluation.search import QUERIES, TOP, Document, Words, draw_documents, grade, ndcg
from processors.embedding.model import EmbeddingModel, Vectors
from processors.search.background import Background
from processors.search.bm25 import document_vector, query_vector
from processors.search.criteria import Criteria, Kind, Mode
from processors.search.fusion import reciprocal_rank_fusion
from processors.search.relevance import OF_TEXT, Evidence, facts, shares_of
from processors.search.terms import terms
from streams.search.results import CANDIDATES, Asked, Results, best_read, results
from streams.search.searcher import MAX_QUERY_CHARACTERS
from streams.search.store import Found, Known, Page, Query

Numbers = NDArray[np.float64]
_PULL, _STEPS = 1e-3, 50
LABELLED = Path(__file__).with_name("search_floor.jsonl")
TUNING = frozenset(("words", "keyboard", "role in chinese", "small talk"))
"""Kinds of queries on which weights and bounds were chosen; `words` are those of `ops.evaluation.search`."""


class Pool:
    """Candidates in memory, ranked with the formulas of the store."""

    def __init__(self, documents: Sequence[Document], vectors: Vectors) -> None:
        self.documents = documents
        self._vectors = vectors
        encoded = [document_vector(d.text) for d in documents]
        self._words = Words(encoded)
        self._positions = [frozenset(v.indices) for v in encoded]

    async def search(
        self,
        kind: Kind,
        query: Query,
        criteria: Criteria,
        *,
        mode: Mode,
        limit: int,
        offset: int,
        exclude: Sequence[str] = (),
    ) -> Page:
        """Return a page of both rankings fused; there are no criteria to satisfy."""
        wanted = 2 * (offset + limit)
        similar = np.argsort(-(self._vectors @ np.array(query.dense, dtype=np.float32)))[:wanted]
        fused = reciprocal_rank_fusion([[int(i) for i in similar], self._words.rank(query.words)[:wanted]])
        return Page([self._found(i) for i in fused[offset : offset + limit]], len(self.documents))

    def _found(self, number: int) -> Found:
        return Found(str(number), 0.0, {"title": self.documents[number].text.split("\n")[0]})

    async def known(self, kind: Kind, dense: list[float], hits: Sequence[Found]) -> list[Known]:
        """Return what each hit is judged by."""
        vector = np.array(dense, dtype=np.float32)
        return [Known(float(self._vectors[int(h.id)] @ vector), self._positions[int(h.id)]) for h in hits]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a labelled query found, with the grades of all records; `bare` is what it found without a floor."""

    kind: str
    query: str
    grades: Sequence[int]
    hits: Sequence[int]
    probabilities: Sequence[float]
    near: Sequence[int]
    bare: Sequence[int]

    @property
    def answerable(self) -> bool:
        """Whether a record is relevant."""
        return any(self.grades)


async def evaluate_floor(model: EmbeddingModel, documents: int = 800, seed: int = 11) -> dict[str, Any]:
    """Return the figures of both halves, and the kinds of each."""
    documents_ = draw_documents(documents, seed)
    pool, background = Pool(documents_, model.embed([d.text for d in documents_])), Background(model.embed)
    answers = [await answer(model, background, pool, labelled) for labelled in labelled_queries()]
    halves = {
        "tuning": [a for a in answers if a.kind in TUNING],
        "reporting": [a for a in answers if a.kind not in TUNING],
    }
    kinds = dict.fromkeys(a.kind for a in answers)
    return {
        "documents": len(documents_),
        "weights": {
            "used": [OF_TEXT.base, OF_TEXT.coverage, OF_TEXT.lift, OF_TEXT.lacking],
            "fitted": await fitted(model, background, pool),
        },
        **{name: figures(half) for name, half in halves.items()},
        "kinds": {kind: figures([a for a in answers if a.kind == kind]) for kind in kinds},
    }


def labelled_queries() -> list[dict[str, Any]]:
    """Return the queries with their kind, and the roles and skills that are relevant; neither means nobody is."""
    bare = [{"kind": "words", **json.loads(line)} for line in QUERIES.read_text("utf-8").splitlines()]
    return bare + [json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()]


async def answer(model: EmbeddingModel, background: Background, pool: Pool, labelled: Mapping[str, Any]) -> Answer:
    """Return what a query finds."""

    async def find(text: str) -> Results:
        query = Query(model.embed([text])[0].tolist(), query_vector(text), model.version)
        if not any(map(str.isalpha, text)):
            return Results(query, [], [], 0, frozenset())
        return await results(pool, background, Asked("talent", query, terms(text), Criteria(), "hybrid"), TOP)

    text = labelled["query"][:MAX_QUERY_CHARACTERS]
    _, found = await best_read(text, find)
    query = Query(model.embed([text])[0].tolist(), query_vector(text), model.version)
    bare = await pool.search("talent", query, Criteria(), mode="hybrid", limit=TOP, offset=0)
    has_answer = bool(labelled["roles"] or labelled["skills"])
    return Answer(
        labelled["kind"],
        text,
        [grade(labelled, d) if has_answer else 0 for d in pool.documents],
        [int(j.hit.id) for j in found.hits],
        [j.relevance.probability for j in found.hits],
        [int(j.hit.id) for j in found.near],
        [int(hit.id) for hit in bare.hits],
    )


async def fitted(model: EmbeddingModel, background: Background, pool: Pool) -> list[float]:
    """Return the weights of the logistic function that fit the candidates of the tuning half best; a query counts once.

    By Newton's method, with a slight pull towards zero.
    """
    rows: list[tuple[float, ...]] = []
    relevant: list[float] = []
    counts: list[float] = []
    for labelled in labelled_queries():
        text = labelled["query"][:MAX_QUERY_CHARACTERS]
        named = terms(text)
        if labelled["kind"] not in TUNING or not named:
            continue
        query = Query(model.embed([text])[0].tolist(), query_vector(text), model.version)
        page = await pool.search("talent", query, Criteria(), mode="hybrid", limit=CANDIDATES, offset=0)
        known = await pool.known("talent", query.dense, page.hits)
        lifts = background.lifts(query.dense, [k.similarity for k in known])
        has_answer = bool(labelled["roles"] or labelled["skills"])
        for hit, k, lift in zip(page.hits, known, lifts, strict=True):
            evidence = Evidence(k.words, hit.payload["title"], (), lift)
            rows.append((1.0, *map(float, facts(named, evidence, shares_of(named, evidence)))))
            relevant.append(float(has_answer and grade(labelled, pool.documents[int(hit.id)]) > 0))
            counts.append(1 / len(page.hits))
    return [round(float(weight), 2) for weight in _logistic(np.array(rows), np.array(relevant), np.array(counts))]


def _logistic(x: Numbers, y: Numbers, counts: Numbers) -> Numbers:
    weights = np.zeros(x.shape[1])
    pull = _PULL * np.eye(x.shape[1])
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-x @ weights))
        slope = (x * (counts * p * (1 - p))[:, None]).T @ x + pull
        weights -= np.linalg.solve(slope, x.T @ (counts * (p - y)) + pull @ weights)
    return weights


def figures(answers: Sequence[Answer]) -> dict[str, Any]:
    """Return how often nothing is said, and rightly; how much of what is relevant stays; how true probabilities are.

    `kept` is the share of what is relevant among the first ten without a floor that is still a hit, or at least near.
    """
    able = [a for a in answers if a.answerable]
    silent = [a for a in answers if not a.hits and not a.near]
    quiet = [a for a in answers if not a.hits]
    said = [(p, a.grades[i] > 0) for a in answers for i, p in zip(a.hits, a.probabilities, strict=True)]
    return {
        "answerable": len(able),
        "unanswerable": len(answers) - len(able),
        "no hit": _right(quiet, len(answers) - len(able)),
        "nothing at all": _right(silent, len(answers) - len(able)),
        "kept as hits": _mean([_kept(a, a.hits) for a in able]),
        "kept": _mean([_kept(a, [*a.hits, *a.near]) for a in able]),
        "ndcg10 without a floor": _mean([_ndcg(a, a.bare) for a in able]),
        "ndcg10": _mean([_ndcg(a, a.hits) for a in able]),
        "probability": _mean([p for p, _ in said]),
        "relevant": _mean([float(relevant) for _, relevant in said]),
    }


def _right(without: Sequence[Answer], unanswerable: int) -> dict[str, float | None]:
    right = sum(not a.answerable for a in without)
    return {
        "precision": round(right / len(without), 4) if without else None,
        "recall": round(right / unanswerable, 4) if unanswerable else None,
    }


def _kept(answer: Answer, shown: Sequence[int]) -> float:
    relevant = [i for i in answer.bare if answer.grades[i]]
    return sum(i in set(shown) for i in relevant) / len(relevant) if relevant else float(bool(shown))


def _ndcg(answer: Answer, found: Sequence[int]) -> float:
    return ndcg([answer.grades[i] for i in found[:TOP]], answer.grades)


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None
