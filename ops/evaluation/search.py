"""How well search answers: nDCG@10 of keyword, semantic, hybrid and reranked search over generated records.

The records are drawn by the sample's generator, so who is relevant is known and not judged by a search: grade 2 for one
of the wanted profession with a wanted skill, grade 1 for the profession or for all wanted skills. The queries, zh and
en, were written beside the vocabulary before anything was tuned; half of them avoid its words. Everything runs in
memory, with the formulas that the store uses.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Any

import numpy as np

from ops.local.sample import generate
from ops.local.sample_data.draw import Draw
from processors.embedding.model import EmbeddingModel, Vectors
from processors.embedding.texts import record_text
from processors.search.bm25 import SparseVector, document_vector, query_vector
from processors.search.fusion import reciprocal_rank_fusion
from processors.search.rerank import rerank

QUERIES = Path(__file__).with_name("search_queries.jsonl")
METHODS = ("keyword", "semantic", "hybrid", "reranked")
TOP = 10
_WINDOW = 100
_RESAMPLES = 1000

Encode = Callable[[str], SparseVector]


@dataclass(frozen=True, slots=True)
class Document:
    """A record that may be found."""

    text: str
    role: str
    skills: frozenset[str]


class Words:
    """An index of words over documents, as the store keeps it: dot products weighted by idf."""

    def __init__(self, documents: Sequence[SparseVector]) -> None:
        self._documents = [dict(zip(d.indices, d.values, strict=True)) for d in documents]
        self._frequency = Counter(i for d in documents for i in d.indices)

    def rank(self, query: SparseVector) -> list[int]:
        """Return the documents that have a word of the query, the best first."""
        n = len(self._documents)
        idf = {i: np.log(1 + (n - f + 0.5) / (f + 0.5)) for i in query.indices if (f := self._frequency[i])}
        scores = [sum(w * d[i] for i, w in idf.items() if i in d) for d in self._documents]
        return [int(i) for i in np.argsort(-np.array(scores), kind="stable") if scores[i] > 0]


def evaluate(model: EmbeddingModel, documents: int = 800, seed: int = 11) -> dict[str, Any]:
    """Return each method's nDCG@10 with a bootstrap interval of 95 %."""
    queries = [json.loads(line) for line in QUERIES.read_text("utf-8").splitlines()]
    pool = draw_documents(documents, seed)
    vectors = model.embed([d.text for d in pool])
    embedded = model.embed([q["query"] for q in queries])
    words = Words([document_vector(d.text) for d in pool])
    scores: dict[str, list[float]] = {}
    for query, vector in zip(queries, embedded, strict=True):
        grades = [grade(query, d) for d in pool]
        for name, ranking in rankings(query["query"], vector, pool, vectors, words, model).items():
            scores.setdefault(name, []).append(ndcg([grades[i] for i in ranking[:TOP]], grades))
    return {
        "queries": len(queries),
        "documents": len(pool),
        **{name: {"ndcg10": round(float(np.mean(s)), 4), "interval": interval(s)} for name, s in scores.items()},
    }


def rankings(
    query: str, vector: Vectors, pool: Sequence[Document], vectors: Vectors, words: Words, model: EmbeddingModel
) -> dict[str, list[int]]:
    """Return what each method answers a query with."""
    semantic = [int(i) for i in np.argsort(-(vectors @ vector))][:_WINDOW]
    keyword = words.rank(query_vector(query))[:_WINDOW]
    hybrid = reciprocal_rank_fusion([semantic, keyword])
    order = rerank(query, vector, [pool[i].text for i in hybrid[:20]], model.embed)
    return {
        "keyword": keyword,
        "semantic": semantic,
        "hybrid": hybrid,
        "reranked": [hybrid[i] for i in order] + hybrid[20:],
    }


def draw_documents(count: int, seed: int) -> list[Document]:
    """Return records, talents and jobs half each, with what they are."""
    lines = generate(seed, talents=count // 2, jobs=count // 2, companies=40)
    words = Draw(random.Random(0)).words
    roles = [tuple(role["title"].split("|")) for p in words["professions"] for role in p["roles"]]
    names = [s.split("|") for p in words["professions"] for part in (p, *p["roles"]) for s in part["skills"]]
    chinese = {spelling: pair[0] for pair in names for spelling in pair}
    found = []
    for line in lines["talents.jsonl"] + lines["jobs.jsonl"]:
        fields, text = line["fields"], record_text(line["entity"], line["fields"])
        if text:
            skills = frozenset(chinese.get(s["name"], s["name"]) for s in fields.get("skills") or ())
            found.append(Document(text, _role(fields.get("title") or "", roles), skills))
    return found


def _role(title: str, roles: Sequence[tuple[str, ...]]) -> str:
    """Return the Chinese name of the longest role that a title ends with."""
    fitting = [pair for pair in roles if title.endswith(pair)]
    return max(fitting, key=lambda pair: max(len(name) for name in pair if title.endswith(name)), default=("",))[0]


def grade(query: Mapping[str, Any], document: Document) -> int:
    """Return how relevant a document is, 0 to 2."""
    wanted = set(query["skills"])
    if document.role in query["roles"]:
        return 2 if not wanted or wanted & document.skills else 1
    if not wanted or not wanted <= document.skills:
        return 0
    return 1 if query["roles"] else 2


def ndcg(found: Sequence[int], all_grades: Sequence[int]) -> float:
    """Return the normalised discounted cumulative gain of the first TOP, gains 2^grade - 1 (Burges et al., 2005)."""
    ideal = _gain(sorted(all_grades, reverse=True)[:TOP])
    return _gain(found) / ideal if ideal else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum((2.0**g - 1) / log2(rank + 2) for rank, g in enumerate(grades))


def interval(scores: Sequence[float]) -> list[float]:
    """Return the bootstrap's interval of 95 % of a mean."""
    rng = np.random.default_rng(0)
    means = rng.choice(np.asarray(scores), size=(_RESAMPLES, len(scores))).mean(axis=1)
    return [round(float(x), 4) for x in np.percentile(means, (2.5, 97.5))]
