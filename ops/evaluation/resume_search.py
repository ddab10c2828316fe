"""How well resumes are found: nDCG@10 over generated documents, by parts as the store has them, and by one vector each.

The resumes are those of the suite, read and parsed from their files. A query is for a profession and for something
that a resume says (a mark, in any of its wordings): grade 2 for both, 1 for one. Most queries avoid the wordings.
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from connectors.documents import DocumentError, DocumentReader
from connectors.resumes.profile import profile_of
from ops.evaluation.resume_suite.people import TODAY, professions
from ops.evaluation.resume_suite.suite import Case
from ops.evaluation.search import TOP, Words, interval, ndcg
from processors.embedding.model import EmbeddingModel, Vectors
from processors.embedding.resume_parts import titled_parts
from processors.embedding.texts import record_text
from processors.resume.talent import talent
from processors.search.bm25 import document_vector, query_vector
from processors.search.fusion import reciprocal_rank_fusion

QUERIES = Path(__file__).with_name("resume_queries.jsonl")
_WINDOW = 100


@dataclass(frozen=True, slots=True)
class Resume:
    """A resume that may be found: what the record has of it, and whose it is."""

    fields: Mapping[str, Any]
    profession: str

    def says(self, marks: Iterable[str]) -> bool:
        """Whether it has one of the wordings."""
        text = str(self.fields.get("resume_text", "")).replace("\n", " ")
        return any(mark in text for mark in marks)


async def read(cases: Iterable[Case]) -> AsyncIterator[Resume]:
    """Yield the resumes of the suite as their files are understood; unread ones are left out."""
    async with DocumentReader(workers=1) as reader:
        for case in cases:
            try:
                document = await reader.read(case.data)
            except DocumentError:
                continue
            profile = profile_of(document, date(*TODAY, 1))
            fields = talent(profile, document.text).model_dump(mode="json", exclude_unset=True)
            yield Resume(fields, _profession([str(work["title"]) for work in case.truth.work]))


def _profession(titles: Sequence[str]) -> str:
    """Return the profession that has the longest of the titles, which may say `senior` before it."""
    known = [
        (title, name) for name, words in professions().items() for t in ("zh", "en") for title in words[t]["titles"]
    ]
    fitting = [(len(title), name) for title, name in known for held in titles if held.endswith(title)]
    return max(fitting, default=(0, ""))[1]


def evaluate(model: EmbeddingModel, pool: Sequence[Resume]) -> dict[str, Any]:
    """Return nDCG@10 of keyword, semantic and hybrid search with a bootstrap interval of 95 %, by what is indexed."""
    queries = [json.loads(line) for line in QUERIES.read_text("utf-8").splitlines()]
    grades = [[grade(query, resume) for resume in pool] for query in queries]
    parts = [titled_parts(resume.fields) or [""] for resume in pool]
    vectors = [model.embed(texts) for texts in parts]
    indexed: dict[str, tuple[list[list[str]], list[Vectors]]] = {
        "parts": (parts, vectors),
        "one vector": ([["\n".join(texts)] for texts in parts], [v.mean(axis=0, keepdims=True) for v in vectors]),
    }
    told = [[record_text("talent", resume.fields)] for resume in pool]
    indexed["talent"] = told, [model.embed(texts) for texts in told]
    embedded = model.embed([query["query"] for query in queries])
    figures: dict[str, Any] = {"queries": len(queries), "resumes": len(pool), "parts": sum(map(len, parts))}
    for name, (texts, rows) in indexed.items():
        shelf = Shelf(texts, rows)
        answers = [shelf.answers(q["query"], vector) for q, vector in zip(queries, embedded, strict=True)]
        figures[f"by {name}"] = {}
        for method in answers[0]:
            scores = [ndcg([g[i] for i in a[method][:TOP]], g) for a, g in zip(answers, grades, strict=True)]
            figures[f"by {name}"][method] = {"ndcg10": round(float(np.mean(scores)), 4), "interval": interval(scores)}
    return figures


class Shelf:
    """Resumes in memory, each in parts, searched by the store's formulas."""

    def __init__(self, texts: Sequence[Sequence[str]], vectors: Sequence[Vectors]) -> None:
        self._owners = [number for number, parts in enumerate(texts) for _ in parts]
        rows = np.concatenate(vectors)
        self._vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        self._words = Words([document_vector(text) for parts in texts for text in parts])

    def answers(self, query: str, vector: Vectors) -> dict[str, list[int]]:
        """Return what each method answers, the best first."""
        semantic = [int(i) for i in np.argsort(-(self._vectors @ vector), kind="stable")]
        keyword = self._words.rank(query_vector(query))
        hybrid = reciprocal_rank_fusion([semantic[:_WINDOW], keyword[:_WINDOW]])
        ways = {"keyword": keyword, "semantic": semantic, "hybrid": hybrid}
        return {name: list(dict.fromkeys(self._owners[i] for i in found)) for name, found in ways.items()}


def grade(query: Mapping[str, Any], resume: Resume) -> int:
    """Return how relevant a resume is, 0 to 2."""
    said = resume.says(query["marks"])
    if resume.profession in query["professions"]:
        return 2 if said else 1
    if not said:
        return 0
    return 1 if query["professions"] else 2
