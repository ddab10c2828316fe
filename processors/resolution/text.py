"""One spelling for text from many keyboards: width, case, traditional characters, tones and accents."""

import unicodedata
from functools import lru_cache

import opencc
from pypinyin import lazy_pinyin

from processors.lexicon.accents import without_accents

_SIMPLIFIED = opencc.OpenCC("t2s")
MAX_TEXT = 300
"""Characters read of one value; more is not a name."""


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """Return text in NFKC, lower case, simplified characters, single spaces."""
    folded = unicodedata.normalize("NFKC", text[:MAX_TEXT]).casefold()
    return " ".join(_SIMPLIFIED.convert(folded).split()) if not folded.isascii() else " ".join(folded.split())


def unaccented(text: str) -> str:
    """Return text without tone marks and accents; `ü` and its stand-in `v` become `u`."""
    return without_accents(text).replace("v", "u")


@lru_cache(maxsize=50_000)
def pinyin(han: str) -> str:
    """Return the pinyin of Chinese characters in letters only, without tones."""
    return unaccented("".join(lazy_pinyin(han)))
