"""Text that has an encoding: no halves of surrogate pairs, which neither UTF-8 nor MongoDB nor Qdrant can hold."""

import json
import re
import unicodedata
from typing import Any

_HALF = re.compile("[\ud800-\udfff]")
_UNSEEN = re.compile("[\u034f\u115f\u1160\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Letters without a form, and selectors of variants."""
_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")


def whole(text: str) -> str:
    """Return the text with U+FFFD for each half of a pair; places in it stay."""
    return text if text.isascii() else _HALF.sub("\ufffd", text)


def loads(text: str) -> Any:
    """Return what JSON says, with whole texts: its escapes can write a half too. Raises ValueError, RecursionError."""
    value = json.loads(whole(text))
    return json.loads(whole(json.dumps(value, ensure_ascii=False))) if _ESCAPED.search(text) else value


def visible(text: str) -> str:
    """Return the text in one line without characters that nobody sees: controls, marks of direction, tags."""
    kept = (c if unicodedata.category(c)[0] not in "CZ" else " " if c.isspace() else "" for c in text)
    return " ".join(_UNSEEN.sub("", "".join(kept)).split())
