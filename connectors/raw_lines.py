"""Raw lines: `{"raw": {"topic": ...}}` states bytes to send unchecked, for tests of the dead-letter path.

Beside the topic: `key`, `headers`, and one of `value` (text), `value_base64`, `pad` (a value of so many bytes).
"""

import base64
import binascii
from typing import Any

from connectors.plain import RefusedError
from connectors.rows import RawRow
from connectors.sources.record import only

_MAX_PAD = 4 * 1024 * 1024
_KEYS = frozenset(("topic", "key", "value", "value_base64", "pad", "headers"))


def raw_row(number: int, data: dict[str, Any]) -> RawRow:
    """Return the message that a raw line states. Raises RefusedError."""
    raw = data["raw"]
    if not isinstance(raw, dict) or not isinstance(raw.get("topic"), str):
        raise RefusedError("raw must be a JSON object with a topic")
    only(data, frozenset(("raw", "note")))
    only(raw, _KEYS)
    key, headers, note = raw.get("key"), raw.get("headers", {}), data.get("note")
    if not isinstance(key, str | None) or not isinstance(note, str | None) or not isinstance(headers, dict):
        raise RefusedError("raw.key and note must be text, raw.headers a JSON object")
    if not all(isinstance(value, str) for value in headers.values()):
        raise RefusedError("raw.headers must hold text")
    return RawRow(
        number,
        raw["topic"],
        None if key is None else _bytes(key),
        _value(raw),
        [(name, _bytes(value)) for name, value in headers.items()],
        note,
    )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _value(raw: dict[str, Any]) -> bytes | None:
    given = [name for name in ("value", "value_base64", "pad") if raw.get(name) is not None]
    if len(given) > 1:
        raise RefusedError("raw takes one of value, value_base64, pad")
    if not given:
        return None
    value = raw[given[0]]
    if given[0] == "pad":
        if type(value) is not int or not 2 <= value <= _MAX_PAD:
            raise RefusedError(f"raw.pad must be a whole number from 2 to {_MAX_PAD}")
        return b"{" + b" " * (value - 2) + b"}"
    if not isinstance(value, str):
        raise RefusedError(f"raw.{given[0]} must be text")
    if given[0] == "value":
        return _bytes(value)
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError("raw.value_base64 is not base64") from None
