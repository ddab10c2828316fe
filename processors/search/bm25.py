"""BM25 as sparse vectors: the dot product of a query's and a document's, weighted by inverse document frequency.

The document's side saturates term frequency and evens out length; the inverse document frequency is left to the vector
store, which knows all documents (Qdrant's modifier `idf`). Robertson and Zaragoza, "The Probabilistic Relevance
Framework: BM25 and Beyond" (2009).
"""

import hashlib
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from processors.search.tokens import words

K1 = 1.2
B = 0.75
AVERAGE_WORDS = 90
"""Of a record's text; measured over the sample. A constant, so that a document's vector depends on nothing else."""

MAX_QUERY_WORDS = 200


class SparseVector(NamedTuple):
    """Values at the positions `indices`, which are sorted."""

    indices: list[int]
    values: list[float]


def document_vector(text: str) -> SparseVector:
    """Return the vector of a text that is to be found."""
    found = words(text)
    even = K1 * (1 - B + B * len(found) / AVERAGE_WORDS)
    return _vector({word: n * (K1 + 1) / (n + even) for word, n in Counter(found).items()})


def query_vector(text: str) -> SparseVector:
    """Return the vector of a query: each word of it once; of a long one, its beginning."""
    return _vector(dict.fromkeys(words(text)[:MAX_QUERY_WORDS], 1.0))


def _vector(weights: dict[str, float]) -> SparseVector:
    by_index: dict[int, float] = {}
    for word, weight in weights.items():
        index = word_index(word)
        by_index[index] = by_index.get(index, 0.0) + weight  # two words of one index add up
    indices = sorted(by_index)
    return SparseVector(indices, [round(by_index[i], 6) for i in indices])


@lru_cache(maxsize=100_000)
def word_index(word: str) -> int:
    """Return the position of a word: 32 bits of its hash, so that there is no vocabulary to keep."""
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=4).digest())
