"""How words are written: in Chinese characters or Latin letters, in which width and case, with which digits."""

import re
import unicodedata

import opencc

from schemas.base import Language

_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
"""With the rare ones of people's names."""
_CONFUSED = re.compile(r"(?<=\d)[OolI]{1,4}(?=\d)|(?<=\d[.\-/])[OolI](?=\d)|(?<=\d\d\d)[Oo](?!\w)")
_DIGITS = str.maketrans("OolI", "0011")
_SAMPLE = 4000


def fold(text: str) -> str:
    """Return a text without what writings of the same words differ in: width, case, outer spaces."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def is_han(text: str) -> bool:
    """Whether there is a Chinese character in it."""
    return _HAN.search(text) is not None


def all_han(text: str) -> bool:
    """Whether there is nothing but Chinese characters in it."""
    return all(map(_HAN.match, text))


def detect_language(text: str) -> Language:
    """Return `zh` if a tenth of the letters or more are Chinese characters, or if there are no letters at all.

    A tenth, because Chinese texts on technology are full of English words, while English ones have no Chinese. The
    beginning of a long text decides.
    """
    letters = "".join(filter(str.isalpha, text[:_SAMPLE]))
    return "zh" if len(_HAN.findall(letters)) * 10 >= len(letters) else "en"


def digits(text: str) -> str:
    """Return a text of the same length with digits for the letters that a scan reads for them inside numbers."""
    return _CONFUSED.sub(lambda m: m[0].translate(_DIGITS), text)


class _Plain(dict[int, str]):
    """Simplified characters for traditional ones, one for one, as they are asked for."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        changed = _SIMPLIFIED.convert(character) if "\u3400" <= character <= "\u9fff" else character
        self[code] = changed if len(changed) == 1 else character
        return self[code]


_SIMPLIFIED = opencc.OpenCC("t2s")
_PLAIN = _Plain(dict.fromkeys((8208, 8209, 8210, 65123), "-") | dict.fromkeys((160, 8199, 8239), " "))


def plain(text: str) -> str:
    """Return a text of the same length in simplified characters, with plain hyphens and spaces."""
    return text if text.isascii() else text.translate(_PLAIN)


def is_traditional(text: str, simplified: str) -> bool:
    """Whether a text is in traditional characters; `simplified` is the same one as `plain` returns it."""
    changed = sum(a != b and is_han(a) for a, b in zip(text[:_SAMPLE], simplified[:_SAMPLE], strict=True))
    return changed > 2 and changed * 20 > len(_HAN.findall(text[:_SAMPLE]))
