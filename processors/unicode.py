"""Text that has an encoding: no halves of surrogate pairs, which neither UTF-8 nor MongoDB nor Qdrant can hold."""

import json
import re
from typing import Any

_HALF = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")


def whole(text: str) -> str:
    """Return the text with U+FFFD for each half of a pair; places in it stay."""
    return text if text.isascii() else _HALF.sub("\ufffd", text)


def loads(text: str) -> Any:
    """Return what JSON says, with whole texts: its escapes can write a half too. Raises ValueError, RecursionError."""
    value = json.loads(whole(text))
    return json.loads(whole(json.dumps(value, ensure_ascii=False))) if _ESCAPED.search(text) else value
