"""Words of a text as numbered features: words and their pairs, parts of Latin words, runs of Chinese characters.

Beside a sentence's vector they tell what it leaves out: `card not working` and `card not arrived` are close by meaning.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from processors.lexicon.script import fold, plain

BUCKETS = 1 << 15
"""Features are hashed, so that any text of any length has a place."""
MAX_CHARACTERS = 2000

_WORDS = re.compile(r"[a-z0-9']+|[\u3400-\u9fff]")
_PART = 4


def features(text: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the buckets of a text, ascending, and 1 + log of how often each comes."""
    counted = Counter(zlib.crc32(name.encode()) % BUCKETS for name in _names(plain(fold(text))[:MAX_CHARACTERS]))
    rows = np.array(sorted(counted), dtype=np.int64)
    return rows, (1 + np.log(np.array([counted[row] for row in rows.tolist()], dtype=np.float32))).astype(np.float32)


def _names(text: str) -> Iterator[str]:
    words = _WORDS.findall(text)
    yield from (f"2{word} {following}" for word, following in pairwise(words))
    for word in words:
        yield f"1{word}"
        if len(word) >= _PART:
            bounded = f"^{word}$"
            yield from (f"3{bounded[i : i + _PART]}" for i in range(len(bounded) - _PART + 1))
    characters = "".join(word for word in words if word > "z")
    yield from (f"4{characters[i : i + 3]}" for i in range(len(characters) - 2))
