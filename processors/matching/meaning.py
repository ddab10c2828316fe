"""Vectors of a record's parts, packed so that they travel with its profile."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
MAX_PARTS = 48


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


@lru_cache(maxsize=512)
def unpack(packed: bytes) -> Rows:
    """Return the rows, normalised; the last ones asked for are remembered, for one side of many pairs is the same."""
    dimensions = int.from_bytes(packed[:2], "big")
    rows = np.frombuffer(packed, dtype=np.int8, offset=2).reshape(-1, dimensions).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def comparable(a: bytes, b: bytes) -> bool:
    """Whether both sides have vectors, of as many dimensions."""
    return bool(a) and a[:2] == b[:2]


def nearest_parts(wanted: bytes, held: bytes) -> Rows:
    """Return for each part of `wanted` the cosine of the nearest part of `held`."""
    nearest: Rows = (unpack(wanted) @ unpack(held).T).max(axis=1)
    return nearest


def closest(wanted: bytes, held: bytes, count: int = 3) -> float:
    """Return the mean cosine of the `count` rows of `held` (or fewer) nearest to the one of `wanted`."""
    cosines = unpack(held) @ unpack(wanted)[0]
    return float(np.sort(cosines)[-count:].mean())
