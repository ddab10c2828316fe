"""Vectors of a record's parts, packed so that they travel with its profile."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
MAX_PARTS = 48
FOLDED = 128
"""Dimensions of folded rows: a quarter of the space, for 0.002 of nDCG@10 (docs/benchmarks/matching.md)."""


def pack(vectors: Rows) -> bytes:
    """Return rows as one byte a number: each row scaled to its greatest, for only directions are compared.

    The first two bytes are the number of dimensions. Rows of zeros say nothing and are left out.
    """
    rows = np.asarray(vectors, dtype=np.float32)[:MAX_PARTS]
    peaks = np.abs(rows).max(axis=1, initial=0, keepdims=True)
    rows, peaks = rows[peaks[:, 0] > 0], peaks[peaks[:, 0] > 0]
    if not len(rows):
        return b""
    numbers: bytes = np.rint(rows / peaks * 127).astype(np.int8).tobytes()
    return int(rows.shape[1]).to_bytes(2, "big") + numbers


def fold(rows: Rows) -> Rows:
    """Return rows in FOLDED dimensions whose cosines are about the same: sums of groups, signs and groups by chance.

    Narrower rows stay as they are. A count sketch (Charikar, Chen and Farach-Colton 2002); always the same one, for
    what was stored by one worker is compared with what another stores.
    """
    wide = rows.shape[1]
    if wide <= FOLDED:
        return rows
    order, signs = _sketch(wide)
    padded = np.zeros((len(rows), len(order)), dtype=np.float32)
    padded[:, :wide] = rows * signs
    folded: Rows = padded[:, order].reshape(len(rows), FOLDED, len(order) // FOLDED).sum(axis=2)
    return folded


@lru_cache(maxsize=8)
def _sketch(wide: int) -> tuple[NDArray[np.int64], Rows]:
    chance = np.random.RandomState(wide)  # the one generator whose numbers NumPy promises never to change
    signs = chance.randint(0, 2, wide) * 2 - 1
    return chance.permutation(-(-wide // FOLDED) * FOLDED), signs.astype(np.float32)


def width(packed: bytes) -> int:
    """Return the dimensions of packed rows; 0 if there are none."""
    return int.from_bytes(packed[:2], "big")


def unpack(packed: bytes) -> Rows:
    """Return the rows, normalised."""
    rows = np.frombuffer(packed, dtype=np.int8, offset=2).reshape(-1, width(packed)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows
