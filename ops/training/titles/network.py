"""Learns a vector for each word of titles and a map of the base encoder's vectors, by contrast.

Two titles of one occupation are pulled together and pushed away from the titles of all other occupations of a batch
(InfoNCE, both ways). The gradients are written out, so that NumPy is enough; the same data gives the same model.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ops.training.titles.occupations import Occupation
from processors.embedding.titles import features

Floats = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Floats]
Progress = Callable[[int, float], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """What training depends on; chosen on occupations that training did not see, and on two sets of other people."""

    dimensions: int = 128
    steps: int = 700
    batch: int = 768
    temperature: float = 0.1
    seldom: int = 3
    """A feature in fewer titles is left out."""
    made: float = 0.6
    """Share of an English occupation's pairs in which a title is Chinese."""
    weight: float = 0.8
    """An occupation is drawn by its count of titles to this power."""
    rates: tuple[float, float] = (0.05, 0.002)
    """Of the features, by Adagrad, and of the map, by Adam."""
    drop: tuple[float, float] = (0.2, 0.1)
    """Share of features, and of the base encoder's vectors, that a step does not see."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Learned:
    """The map, and of each feature its vector and its weight."""

    map: Floats
    vectors: Floats
    weights: Floats
    features: Sequence[str]


class Titles:
    """All titles as inputs: the base encoder's vectors, and rows of weighted features of length one."""

    def __init__(self, occupations: Sequence[Occupation], embed: Embed, seldom: int) -> None:
        counts: Counter[str] = Counter()
        for occupation in occupations:
            for place, title in enumerate(occupation.all):
                for feature in dict.fromkeys(features(title)):
                    counts[feature] += 1 if place < len(occupation.titles) else _MADE_COUNTS  # type: ignore[assignment]
        self.features = [feature for feature, count in counts.items() if count >= seldom]
        column = {feature: n for n, feature in enumerate(self.features)}
        self.number = {t: n for n, t in enumerate(dict.fromkeys(t for o in occupations for t in o.all))}
        total = sum(len(o.all) for o in occupations)
        known = np.array([counts[feature] for feature in self.features], dtype=np.float32)
        self.weights: Floats = (np.log(total / (known + 1)) / np.log(total)).astype(np.float32)
        self.vectors = embed(list(self.number)).astype(np.float16)
        found = [[column[f] for f in dict.fromkeys(features(t)) if f in column] for t in self.number]
        ends = np.cumsum([0, *map(len, found)])
        columns = np.array([n for row in found for n in row], dtype=np.int32)
        rows = sparse.csr_matrix((self.weights[columns], columns, ends), shape=(len(found), len(self.features)))
        norms = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
        self.rows = (sparse.diags((1 / np.maximum(norms, 1e-6)).astype(np.float32)) @ rows).tocsr()

    def numbers(self, titles: Sequence[str]) -> NDArray[np.int64]:
        """Return where titles stand."""
        return np.array([self.number[title] for title in titles], dtype=np.int64)


_TWO_CHINESE, _OWN = 0.3, 0.7
"""Shares, one on top of the other, of the kinds of pairs with Chinese titles."""
_MADE_COUNTS = 0.34
"""What a title counts for that was put together from a glossary: two of them, or more, are of one English title."""


def learn(titles: Titles, occupations: Sequence[Occupation], settings: Settings, progress: Progress) -> Learned:
    """Return what was learned from titles of the same occupation."""
    chance = np.random.default_rng(settings.seed)
    wide, size = titles.vectors.shape[1], settings.dimensions
    turned = np.linalg.qr(chance.normal(0, 1, (wide, size)))[0] * np.sqrt(wide / size) * 0.7
    mapped, mean, square = turned.astype(np.float32), np.zeros((wide, size)), np.zeros((wide, size))
    vectors = chance.normal(0, 0.05, (len(titles.features), size)).astype(np.float32)
    steepness = np.full(len(vectors), 1e-8, dtype=np.float32)
    for step, pairs in enumerate(_batches(titles, occupations, settings, chance), 1):
        rate = min(1, step / 50) * (1 + np.cos(np.pi * step / settings.steps)) / 2 + 0.02
        seen = [_seen(titles, side, settings, chance) for side in pairs.T]
        (own, other), loss = _gradients(
            [rows @ vectors + base @ mapped for base, rows in seen], pairs, settings.temperature
        )
        slope = seen[0][0].T @ own + seen[1][0].T @ other
        mean, square = 0.9 * mean + 0.1 * slope, 0.99 * square + 0.01 * slope**2
        steps = (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-9)
        mapped -= (settings.rates[1] * rate * steps).astype(np.float32)
        inputs = sparse.vstack([rows for _, rows in seen]).tocsc()
        touched = np.flatnonzero(np.diff(inputs.indptr))
        slopes = inputs[:, touched].T.tocsr() @ np.concatenate([own, other])
        steepness[touched] += (slopes * slopes).mean(axis=1)
        vectors[touched] -= settings.rates[0] * rate * slopes / np.sqrt(steepness[touched])[:, None]
        progress(step, loss)
    return Learned(mapped, vectors, titles.weights, titles.features)


def _batches(
    titles: Titles, occupations: Sequence[Occupation], settings: Settings, chance: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Yield pairs of titles, each pair of an occupation of its own."""
    several = [o for o in occupations if len(o.titles) > 1]
    given = [titles.numbers(o.titles) for o in several]
    made = [
        np.stack([titles.numbers(side) for side in zip(*o.made, strict=True)] or [given[n][:0]] * 2)
        for n, o in enumerate(several)
    ]
    shares = np.array([len(o.titles) ** settings.weight for o in several])
    for _ in range(settings.steps):
        chosen = chance.choice(len(several), min(settings.batch, len(several)), replace=False, p=shares / shares.sum())
        yield np.array([_pair(given[n], made[n], settings.made, chance) for n in chosen])


def _pair(
    titles: NDArray[np.int64], made: NDArray[np.int64], share: float, chance: np.random.Generator
) -> tuple[int, int]:
    """Draw two different titles: given ones, or one with its own Chinese one, or with another, or two Chinese ones."""
    if made.size and (drawn := chance.random()) < share:
        own, other = chance.integers(made.shape[1], size=2)
        kind = drawn / share
        one = made[1, own] if kind < _TWO_CHINESE else made[0, own] if kind < _OWN else chance.choice(titles)
        pair = int(one), int(made[1, own if _TWO_CHINESE <= kind < _OWN else other])
        return pair if chance.random() < 0.5 else pair[::-1]
    first = chance.integers(len(titles))
    return int(titles[first]), int(titles[(first + chance.integers(1, len(titles))) % len(titles)])


def _seen(
    titles: Titles, chosen: NDArray[np.int64], settings: Settings, chance: np.random.Generator
) -> tuple[Floats, sparse.csr_matrix]:
    """Return the inputs of titles as a step sees them, with some left out."""
    rows = titles.rows[chosen].copy()
    kept = 1 - settings.drop[0]
    rows.data *= (chance.random(len(rows.data)) < kept) / np.float32(kept)
    base = titles.vectors[chosen].astype(np.float32)
    return base * (chance.random((len(chosen), 1)) > settings.drop[1]), rows


def _gradients(
    sides: Sequence[Floats], pairs: NDArray[np.int64], temperature: float
) -> tuple[tuple[Floats, Floats], float]:
    """Return the gradients of both sides' vectors, and the loss."""
    norms = [np.linalg.norm(side, axis=1, keepdims=True) + 1e-6 for side in sides]
    one, other = (side / norm for side, norm in zip(sides, norms, strict=True))
    scores = one @ other.T / temperature
    same = (pairs[:, :1] == pairs[:, 0]) | (pairs[:, :1] == pairs[:, 1]) | (pairs[:, 1:] == pairs[:, 1])
    np.fill_diagonal(same, False)
    scores[same] = -30  # the same title of another occupation is no example of a difference
    errors, loss = np.zeros_like(scores), 0.0
    for axis in (0, 1):
        chances = np.exp(scores - scores.max(axis=axis, keepdims=True))
        chances /= chances.sum(axis=axis, keepdims=True)
        loss -= float(np.log(np.diag(chances) + 1e-12).mean()) / 2
        errors += chances
    errors[np.diag_indices_from(errors)] -= 2
    errors /= 2 * len(pairs) * temperature
    return (_along(errors @ other, one, norms[0]), _along(errors.T @ one, other, norms[1])), loss


def _along(slope: Floats, unit: Floats, norm: Floats) -> Floats:
    """Return the gradient before vectors were made to have length one."""
    found: Floats = ((slope - (slope * unit).sum(axis=1, keepdims=True) * unit) / norm).astype(np.float32)
    return found
