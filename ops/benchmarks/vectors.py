"""Vectors for the search benchmark: real embeddings of generated records, and mixtures between similar ones.

Uniform noise is the worst case for a graph index and copies are the best one. So a vector here lies between the
embedding of one of `BASE_RECORDS` generated texts and that of one of its nearest neighbours (as in SMOTE), moved by
half the difference of two neighbours drawn elsewhere in the base: a change that really separates two similar texts. As
many of them as there are texts have the texts' intrinsic dimension and distances between neighbours (measured in
docs/benchmarks/search.md). Queries are embeddings of texts that are not in the base, as they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ops.local.sample import generate
from processors.embedding.model import EmbeddingModel, Vectors
from processors.embedding.texts import record_text
from processors.search.bm25 import document_vector, query_vector

BASE_RECORDS = 6000
QUERIES = 500
CITIES = tuple(f"city-{number}" for number in range(50))
"""A city has about 2 % of the points, so that a filter by one is as selective as in practice."""

_NEIGHBOURS = 10
_SIMILAR = 0.999  # a pair above it is the same text for the model, its difference is nothing


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive vectors, the texts of the base that they began as, and the payload values to filter them by."""

    start: int
    vectors: Vectors
    rows: NDArray[np.int64]
    cities: NDArray[np.int64]
    years: NDArray[np.int64]


class VectorSource:
    """Embeds the base and the queries, then streams any number of vectors; the same model gives the same ones.

    `query_words` are of the title and the skills alone: what a person types.
    """

    def __init__(self, model: EmbeddingModel, records: int = BASE_RECORDS, queries: int = QUERIES) -> None:
        base_texts, query_texts = texts(records, seed=1), texts(queries, seed=2)
        self.queries = model.embed(query_texts)
        self.query_words = [query_vector(" ".join(text.split("\n")[:2])) for text in query_texts]
        self.words = [document_vector(text) for text in base_texts]
        self._base = model.embed(base_texts)
        self._pairs = neighbour_pairs(self._base)

    def chunks(self, count: int, size: int = 5000) -> Iterator[Chunk]:
        """Yield `count` vectors, at most `size` at a time."""
        for start in range(0, count, size):
            rng = np.random.default_rng((7, start))
            number = min(size, count - start)
            (a, b), (c, d) = (self._pairs[rng.integers(len(self._pairs), size=number)].T for _ in range(2))
            share = rng.random((number, 1), dtype=np.float32)
            vectors = self._base[a] + share * (self._base[b] - self._base[a]) + 0.5 * (self._base[c] - self._base[d])
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            yield Chunk(start, vectors, a, rng.integers(len(CITIES), size=number), rng.integers(0, 21, size=number))


def texts(count: int, seed: int) -> Sequence[str]:
    """Return at most `count` different texts of generated records, talents and jobs by turns."""
    half = (count + 1) // 2
    lines = generate(seed, talents=half, jobs=half, companies=40)
    pairs = zip(lines["talents.jsonl"], lines["jobs.jsonl"], strict=True)
    found = [record_text(line["entity"], line["fields"]) for pair in pairs for line in pair]
    return [text for text in dict.fromkeys(found) if text][:count]


def neighbour_pairs(base: Vectors) -> NDArray[np.int64]:
    """Return (row, neighbour) for the nearest neighbours of every row that are not the same text."""
    found = []
    for start in range(0, len(base), 1000):
        similarity = base[start : start + 1000] @ base.T
        similarity[similarity > _SIMILAR] = -1
        nearest = np.argpartition(-similarity, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
        rows = np.repeat(np.arange(start, start + len(nearest)), _NEIGHBOURS)
        found.append(np.stack([rows, nearest.ravel()], axis=1))
    return np.concatenate(found)
