"""A Merkle tree over ranges of hashed keys: two sides compare roots and descend only where they differ.

A leaf covers the keys whose SHA-256 begins with the same `depth` bits. It holds the sum, modulo 2**256, of the hashes
of its (key, digest) entries: an additive multiset hash (Bellare & Micciancio 1997,
https://doi.org/10.1007/3-540-69053-0_13). Entries may therefore come in any order, and a tree takes the memory of its
leaves however many entries it has.
"""

import hashlib
import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

POSITION_BITS = 63
"""Of a key's hash that say where it lies: what a signed 64-bit integer holds."""

MAX_DEPTH = 18
"""A tree of 262,144 leaves takes about 18 MB; ten million records are 40 to a leaf."""

_MODULUS = 1 << 256
_HASH_BYTES = 32


def canonical(content: Any) -> str:
    """Return JSON that is equal exactly if contents are: sorted keys, 1 and 1.0 and true kept apart.

    What JSON has no form for is represented by its type and `repr`, so that no stored value makes this fail.
    """
    return json.dumps(content, sort_keys=True, separators=(",", ":"), default=_foreign)


def _foreign(value: Any) -> str:
    return f"\0{type(value).__name__}:{value!r}"


def digest(content: Any) -> bytes:
    """Return the SHA-256 of the canonical form."""
    return hashlib.sha256(canonical(content).encode()).digest()


def position(key: str) -> int:
    """Return where a key lies: the first bits of its SHA-256, evenly spread whatever keys look like."""
    return int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8]) >> 1


def leaf_range(leaf: int, depth: int) -> tuple[int, int]:
    """Return the first and the last position that a leaf covers."""
    width = POSITION_BITS - depth
    return leaf << width, ((leaf + 1) << width) - 1


def depth_for(entries: int) -> int:
    """Return the depth at which a leaf holds about one entry, or the greatest there is."""
    return min(MAX_DEPTH, max(1, entries).bit_length())


class MerkleTree:
    """The tree of one side. Trees to be compared have the same depth."""

    __slots__ = ("_leaves", "depth", "entries")

    def __init__(self, depth: int) -> None:
        if not 0 <= depth <= MAX_DEPTH:
            raise ValueError(f"the depth is 0 to {MAX_DEPTH}")
        self.depth = depth
        self.entries = 0
        self._leaves = [0] * (1 << depth)

    def add(self, key: str, content: bytes) -> None:
        """Add an entry by its key and the digest of its content."""
        text = key.encode("utf-8", "surrogatepass")
        entry = hashlib.sha256(b"\0" + len(text).to_bytes(8) + text + content).digest()
        leaf = self.leaf_of(key)
        self._leaves[leaf] = (self._leaves[leaf] + int.from_bytes(entry)) % _MODULUS
        self.entries += 1

    def leaf_of(self, key: str) -> int:
        """Return the leaf that covers a key."""
        return position(key) >> (POSITION_BITS - self.depth)

    @property
    def root(self) -> bytes:
        """The hash of everything: equal roots, equal sides."""
        return self._levels()[-1][0]

    def differing(self, other: "MerkleTree") -> Iterator[int]:
        """Yield the leaves in which two trees differ, in ascending order."""
        if self.depth != other.depth:
            raise ValueError("trees of different depths cannot be compared")
        ours, theirs = self._levels(), other._levels()
        nodes = [0]
        for level in range(self.depth, -1, -1):
            nodes = [n for n in nodes if ours[level][n] != theirs[level][n]]
            if level:
                nodes = [child for n in nodes for child in (2 * n, 2 * n + 1)]
        yield from nodes

    def _levels(self) -> list[list[bytes]]:
        """Return the hashes of all nodes, leaves first, the root last."""
        levels = [[leaf.to_bytes(_HASH_BYTES) for leaf in self._leaves]]
        while len(levels[-1]) > 1:
            below = levels[-1]
            pairs = list(pairwise(below))[::2]
            levels.append([hashlib.sha256(b"\1" + left + right).digest() for left, right in pairs])
        return levels
