"""JSON as strangers write it: what one value gets wrong costs that value, not the text around it.

Whatever is not JSON by RFC 8259, and still has one structure, is read as something that `connectors.plain` refuses with
a reason: NaN, numbers without end, keys that are named twice, nesting without end. Control characters in strings are
read as they stand.
"""

import json
import re
from typing import Any

MAX_DEPTH = 64
_MAX_DIGITS = 1000
_CLIPPED_DEPTH = MAX_DEPTH + 8
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.S)


class Ambiguous(dict[str, Any]):
    """An object that names a key twice, so that nobody knows what it says."""


def loads(text: str) -> Any:
    """Return the value of a JSON text. Raises JSONDecodeError."""
    try:
        return _usual.decode(text)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        text = _clipped(text)
    except ValueError:
        pass  # a number of more digits than Python reads
    return _patient.decode(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Ambiguous(found)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MAX_DIGITS else float("inf")


def _clipped(text: str) -> str:
    """Leave out what is nested deeper than anyone may; what is left is still too deep."""
    parts, depth, kept = [], 0, 0
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth == _CLIPPED_DEPTH:
                parts.append(text[kept : token.end()])
        elif token[0] in "]}":
            if depth == _CLIPPED_DEPTH:
                kept = token.start()
            depth -= 1
    return "".join(parts) + (text[kept:] if depth < _CLIPPED_DEPTH else "")


_usual = json.JSONDecoder(object_pairs_hook=_object, strict=False)
_patient = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, strict=False)
