"""Reranking: the first answers again, by their parts instead of by one vector of the whole."""

from collections.abc import Callable, Sequence

import numpy as np

from processors.embedding.model import Vectors
from processors.search.tokens import words

MAX_PARTS = 4
RERANKED = 20
_WEIGHTS = (0.5, 0.3, 0.2)


def rerank(query: str, vector: Vectors, texts: Sequence[str], embed: Callable[[Sequence[str]], Vectors]) -> list[int]:
    """Return the places of `texts`, the best first.

    A text's score: how similar its most similar part is (late interaction, as in ColBERT, but of lines, not words), how
    similar its first line, the title, is, and how many of the query's words it has.
    """
    parts = [text.split("\n")[:MAX_PARTS] for text in texts]
    flat = [part for row in parts for part in row]
    if not flat:
        return []
    similar = embed(flat) @ vector
    wanted = set(words(query))
    scores, at = [], 0
    for text, row in zip(texts, parts, strict=True):
        own = similar[at : at + len(row)]
        at += len(row)
        covered = len(wanted & set(words(text))) / len(wanted) if wanted else 0.0
        scores.append(float(np.dot(_WEIGHTS, (own.max(), own[0], covered))))
    return sorted(range(len(texts)), key=lambda i: -scores[i])
