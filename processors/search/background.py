"""How similar a query is to just any record: what a similarity has to be compared with."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np

from processors.embedding.model import Vectors


class Background:
    """Invented records of many professions, embedded by the model whose similarities are to be judged.

    Models differ in what they call similar, and so do queries: one is similar to nothing, another to everything.
    """

    def __init__(self, embed: Callable[[Sequence[str]], Vectors]) -> None:
        vectors = embed(_texts())
        between = vectors @ vectors.T
        self._mean: Vectors = vectors.mean(axis=0)
        self._spread = float(between[~np.eye(len(vectors), dtype=bool)].std()) or 1.0

    def lifts(self, query: Sequence[float] | Vectors, similarities: Sequence[float]) -> list[float]:
        """Return by how much each similarity to a query is above that of random records.

        The unit is the standard deviation of the similarity of two random records.
        """
        usual = float(np.asarray(query, dtype=np.float32) @ self._mean)
        return [(similarity - usual) / self._spread for similarity in similarities]


@lru_cache(maxsize=1)
def _texts() -> tuple[str, ...]:
    data = files("processors.search") / "data" / "background.txt"
    return tuple(data.read_text("utf-8").splitlines())
