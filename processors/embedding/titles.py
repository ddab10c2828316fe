"""Job titles as vectors, made to be compared with one another: what people call the same work lies close together.

A title's vector is that of the default encoder, mapped, plus a learned vector for each of its words and pieces of
words. `ops/training/titles.py` makes the map and the vectors, and says of which data.
"""

import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from processors.embedding.model import EmbeddingModel, Vectors
from processors.lexicon.script import fold, plain
from processors.matching.closeness import TAG
from processors.matching.meaning import pack

WEIGHTS = files("processors.embedding") / "data" / "titles.bin"
MAX_CHARACTERS = 120
"""Of a longer title the beginning is read."""
_WORD = re.compile(r"[a-z][a-z0-9+#]*|[0-9]+|[\u3400-\u9fff]+|[^\W\d_]+")
_PLURAL = re.compile(r"(?<=[^\Ws])s$")
_PIECES = 4, 5
_RUNS = 1, 2, 3
_LENGTH = 16
"""Bytes of a file that say how long its description is."""


class TitleEncoder:
    """Maps titles to vectors of `dimensions`; safe to share among threads.

    `base` is the version of the encoder whose vectors it maps; vectors of two `version`s are never compared.
    """

    def __init__(self, content: bytes) -> None:
        """Read what `ops.training.titles` wrote. Raises KeyError or ValueError for anything else."""
        start = _LENGTH + int.from_bytes(content[:_LENGTH], "big")
        about = orjson.loads(content[_LENGTH:start])
        self.base: str = about["base"]
        self.dimensions: int = about["dimensions"]
        digest = hashlib.sha256(content).digest()
        self.tag = digest[:TAG]
        self.version = f"{about['name']}@{digest.hex()[:12]}"
        read: dict[str, NDArray[Any]] = {}
        for name, kind, shape in about["arrays"]:
            read[name] = np.frombuffer(content, kind, int(np.prod(shape)), start).reshape(shape)
            start += read[name].nbytes
        self._map = read["map"].astype(np.float32)
        self._numbers, self._scales, self._weights = read["numbers"], read["scales"], read["weights"]
        self._place = {key: n for n, key in enumerate(read["keys"].tolist())}

    def embed(self, titles: Sequence[str], vectors: Vectors) -> Vectors:
        """Return one L2-normalised row for each title; `vectors` are their rows by the encoder of version `base`.

        A title of which neither says anything is a zero vector, similar to nothing.
        """
        found = np.asarray(vectors, dtype=np.float32) @ self._map
        for row, title in zip(found, titles, strict=True):
            known = [n for n in map(self._place.get, dict.fromkeys(map(key, features(title)))) if n is not None]
            if known:
                weights = self._weights[known].astype(np.float32)
                weights /= np.linalg.norm(weights)
                row += (weights * self._scales[known].astype(np.float32)) @ self._numbers[known].astype(np.float32)
        norms = np.linalg.norm(found, axis=1, keepdims=True)
        rows: Vectors = np.divide(found, norms, out=found, where=norms > 0)
        return rows

    def packed(self, titles: Sequence[str], vectors: Vectors) -> bytes:
        """Return the rows of titles as a profile keeps them, behind the tag of this version; nothing of blank ones."""
        numbers = pack(self.embed(titles, vectors))
        return self.tag + numbers if numbers else b""


class TitleModel(EmbeddingModel):
    """The encoder of titles together with its base, as a model like any other: for short texts that name work."""

    def __init__(self, version: str, base: EmbeddingModel, titles: TitleEncoder) -> None:
        """Raise ValueError if the weights were made for another base."""
        if titles.base != base.version:
            raise ValueError(f"{titles.version} maps vectors of {titles.base}, not of {base.version}")
        self.version, self.dimensions = version, titles.dimensions
        self._base, self._titles = base, titles

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one L2-normalised row for each text, of which the beginning is read as a title."""
        return self._titles.embed(texts, self._base.embed(texts))


def features(title: str) -> Iterator[str]:
    """Yield the words of a title, pairs of neighbours, pieces of long words, and runs of Chinese characters."""
    before = None
    for word in _WORD.findall(plain(fold(title[:MAX_CHARACTERS])).replace("'s", "")):
        if "\u3400" <= word[0] <= "\u9fff":
            before = None
            for size in _RUNS:
                yield from (word[n : n + size] for n in range(len(word) - size + 1))
            yield from (f"${word[:2]}", f"{word[-2:]}$", f"{word[-1]}$")
            continue
        word = _PLURAL.sub("", word) if len(word) > 3 else word
        yield f"{word} "
        if before:
            yield f"{before} {word} "
        before = word
        if len(word) > 4:
            bounded = f"<{word}>"
            for size in _PIECES:
                yield from (bounded[n : n + size] for n in range(len(bounded) - size + 1))


def key(feature: str) -> int:
    """Return the number under which the weights know a feature."""
    return zlib.crc32(feature.encode("utf-8", "replace"))


@cache
def _own() -> TitleEncoder:
    return TitleEncoder(WEIGHTS.read_bytes())


def title_encoder(base: str) -> TitleEncoder | None:
    """Return the encoder of titles that maps vectors of the version `base`; None if it was made for another one."""
    return found if (found := _own()).base == base else None
