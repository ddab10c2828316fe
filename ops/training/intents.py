"""Trains a classifier of texts: multinomial logistic regression on an encoder's vectors and hashed words."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from scipy import sparse
from scipy.optimize import minimize

from processors.chat.classifier import DENSE_SCALE, LEXICAL_SCALE, Judgement, Matrix, Words, judgement, words_of
from processors.chat.lexical import BUCKETS, features

PENALTY = 3e-5
MAX_STEPS = 80
LEANING = 1.2
"""Logarithm of the odds that out of scope has beyond those of its share in the texts."""
REJECTED = 0.02
"""The share of texts in scope that the floor may reject, as measured on texts that were not learnt."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained layer: (dimensions + BUCKETS + 1, labels), the last row the bias; `floor` of the energy."""

    labels: tuple[str, ...]
    weights: Matrix
    rarity: Matrix
    floor: float

    def judge(self, vectors: Matrix, texts: Sequence[str]) -> list[Judgement]:
        """Return the judgement of each text, as the exported classifier does."""
        scores = self.scores(vectors, texts)
        return [judgement(row, self.labels, self.floor) for row in scores]

    def scores(self, vectors: Matrix, texts: Sequence[str]) -> Matrix:
        """Return a row of scores for each text."""
        return _inputs(vectors, texts, self.rarity).times(self.weights)


@dataclass(frozen=True, slots=True)
class _Inputs:
    """A row for each text: its scaled vector, its words, and a one."""

    dense: Matrix
    lexical: sparse.csr_matrix

    def times(self, weights: Matrix) -> Matrix:
        """Return the rows times the weights."""
        dense, lexical, bias = np.split(weights, [self.dense.shape[1], len(weights) - 1])
        found: Matrix = self.dense @ dense + self.lexical @ lexical + bias
        return found

    def turned_times(self, errors: Matrix) -> Matrix:
        """Return the turned rows times an error for each text and label."""
        return np.concatenate([self.dense.T @ errors, self.lexical.T @ errors, errors.sum(axis=0, keepdims=True)])


def fit(vectors: Matrix, texts: Sequence[str], labels: Sequence[str]) -> Fitted:
    """Train on texts with their vectors and labels; the floor rejects nothing yet. Raises ValueError for one label."""
    names = tuple(sorted(set(labels)))
    if len(names) < 2:
        raise ValueError("two labels are needed at least")
    place = {name: n for n, name in enumerate(names)}
    rarity = _rarity(texts)
    inputs = _inputs(vectors, texts, rarity)
    weights = _descend(inputs, np.array([place[label] for label in labels]), len(names))
    return Fitted(names, weights, rarity, -np.inf)


def leaning(fitted: Fitted, label: str) -> Fitted:
    """Return the layer with more odds for one label, by `LEANING`: what is none of ours is more than texts show."""
    weights = fitted.weights.copy()
    weights[-1, fitted.labels.index(label)] += LEANING
    return replace(fitted, weights=weights)


def floor_of(energies: Sequence[float], rejected: float = REJECTED) -> float:
    """Return the energy that this share of texts in scope is below."""
    return float(np.quantile(np.asarray(energies), rejected)) if len(energies) else -np.inf


def save(fitted: Fitted, path: Path, encoder: str) -> None:
    """Write one ONNX file, with labels, floor and encoder in its metadata."""
    dimensions = len(fitted.weights) - BUCKETS - 1
    dense, lexical, bias = np.split(fitted.weights, [dimensions, dimensions + BUCKETS])
    constants = {"dense": dense, "lexical": lexical.astype(np.float16), "bias": bias[0]}
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["vector", "dense"], ["meant"]),
            helper.make_node("Gather", ["lexical", "rows"], ["half"]),
            helper.make_node("Cast", ["half"], ["found"], to=TensorProto.FLOAT),
            helper.make_node("MatMul", ["values", "found"], ["said"]),
            helper.make_node("Sum", ["meant", "said", "bias"], ["scores"]),
        ],
        "classifier",
        [
            helper.make_tensor_value_info("vector", TensorProto.FLOAT, [dimensions]),
            helper.make_tensor_value_info("rows", TensorProto.INT64, ["features"]),
            helper.make_tensor_value_info("values", TensorProto.FLOAT, ["features"]),
        ],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [len(fitted.labels)])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    said = {
        "labels": json.dumps(fitted.labels, ensure_ascii=False),
        "floor": repr(fitted.floor),
        "encoder": encoder,
        "rarity": fitted.rarity.astype(np.float16).tobytes().hex(),
    }
    helper.set_model_props(model, said)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def _rarity(texts: Sequence[str]) -> Matrix:
    """Return the inverse document frequency of each bucket; of those that no text has, that of the rarest."""
    seen = np.zeros(BUCKETS, dtype=np.float32)
    for text in texts:
        seen[features(text)[0]] += 1
    found = np.log((1 + len(texts)) / (1 + seen)) + 1
    return found.astype(np.float16).astype(np.float32)  # as it is stored


def _inputs(vectors: Matrix, texts: Sequence[str], rarity: Matrix) -> _Inputs:
    parts: list[Words] = [words_of(text, rarity) for text in texts]
    values = np.concatenate([part.values for part in parts]) * LEXICAL_SCALE
    starts = np.concatenate([[0], np.cumsum([len(part.rows) for part in parts])])
    rows = np.concatenate([part.rows for part in parts])
    lexical = sparse.csr_matrix((values, rows, starts), shape=(len(texts), BUCKETS))
    return _Inputs(vectors * DENSE_SCALE, lexical)


def _descend(inputs: _Inputs, targets: NDArray[np.int64], labels: int) -> Matrix:
    """Return the weights of least cross-entropy and penalty, by L-BFGS from zero: the same inputs, the same weights."""
    rows, columns = len(targets), inputs.dense.shape[1] + BUCKETS + 1
    every = np.arange(rows)

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(columns, labels).astype(np.float32)
        scores = inputs.times(weights)
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        totals = chances.sum(axis=1, keepdims=True)
        entropy = float((np.log(totals[:, 0]) - scores[every, targets]).mean())
        chances /= totals
        chances[every, targets] -= 1
        chances /= np.float32(rows)
        shrunk = weights.copy()
        shrunk[-1] = 0  # the bias is free
        slope = inputs.turned_times(chances) + PENALTY * shrunk
        return entropy + PENALTY / 2 * float((shrunk**2).sum()), slope.ravel().astype(np.float64)

    start = np.zeros(columns * labels)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": MAX_STEPS, "maxcor": 5})
    weights: Matrix = found.x.reshape(columns, labels).astype(np.float32)
    return weights
