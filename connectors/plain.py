"""Values of BSON, Arrow and lenient JSON as plain JSON values, or why they are none."""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from bson import Decimal128, ObjectId
from bson.datetime_ms import DatetimeMS

from connectors.json_text import MAX_DEPTH, Ambiguous
from schemas.entities import MODELS
from schemas.envelope import timestamp

EVENT_KEYS = frozenset(("entity", "id", "action", "event_id", "time", "source", "version", "fields", "note"))
FIELDS = frozenset(name for model in MODELS.values() for name in model.model_fields)
_MAX_BITS = 1024
_MAX_DIGITS = 40


class RefusedError(ValueError):
    """Why a record is no event; the text holds no values."""


def plain(value: object) -> Any:
    """Return `value` as plain JSON values; an error names the field. Raises RefusedError."""
    if not isinstance(value, Mapping):
        return _plain(value, 0)
    if isinstance(value, Ambiguous):
        raise RefusedError("names a key twice")
    found: dict[str, Any] = {}
    for name, inner in value.items():
        if name == "fields" and isinstance(inner, Mapping):
            found[name] = plain(inner)
            continue
        try:
            found[text(name)] = _plain(inner, 1)
        except RefusedError as error:
            raise RefusedError(f"{name if name in FIELDS | EVENT_KEYS else 'a column'} {error}") from None
    return found


def text(value: object) -> str:
    """Return `value` as text that has an encoding. Raises RefusedError."""
    found = str(value)
    if not found.isascii():
        try:
            found.encode()
        except UnicodeEncodeError:
            raise RefusedError("holds text that is not Unicode: a damaged character, half of a pair") from None
    return found


def _plain(value: object, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise RefusedError("is nested too deep")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value if value.isascii() else text(value)
    if isinstance(value, int):
        if value.bit_length() > _MAX_BITS:
            raise RefusedError("holds a number too long")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise RefusedError("holds NaN, infinity or a number too long")
        return float(value)
    if isinstance(value, Ambiguous):
        raise RefusedError("names a key twice")
    if isinstance(value, Mapping):
        return {text(name): _plain(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, depth + 1) for inner in value]
    if isinstance(value, datetime):
        try:
            return timestamp(value if value.tzinfo else value.replace(tzinfo=UTC))
        except OverflowError:
            raise RefusedError("holds a time outside the years 1 to 9999") from None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, DatetimeMS):
        raise RefusedError("holds a time outside the years 1 to 9999")
    if isinstance(value, Decimal | Decimal128):
        return _number(value if isinstance(value, Decimal) else value.to_decimal())
    if isinstance(value, ObjectId | UUID):
        return str(value)
    if isinstance(value, bytes):
        raise RefusedError("holds bytes, not text; convert the column to text")
    raise RefusedError(f"holds a value of type {type(value).__name__}, which is not JSON")


def _number(value: Decimal) -> int | float:
    if not value.is_finite():
        raise RefusedError("holds NaN or infinity")
    if value.adjusted() < _MAX_DIGITS and value == value.to_integral_value():
        return int(value)
    return _plain(float(value), 0)  # type: ignore[no-any-return]
