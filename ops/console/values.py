"""How values look, whatever the language: numbers, durations, moments."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

Kind = Literal["none", "flag", "number", "text", "list", "table", "mapping"]


def kind_of(value: Any) -> Kind:
    """Return how a field's value is shown."""
    if value is None or value == []:
        return "none"
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, Mapping):
        return "mapping"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "table" if all(isinstance(each, Mapping) for each in value) else "list"
    return "text"


def number(value: float | None, digits: int = 0) -> str:
    """Return a number for people: thousands apart, and no more digits than say something."""
    if value is None:
        return "–"
    if 0 < abs(value) < 10 and digits:
        return f"{value:,.{digits}f}"
    return f"{value:,.0f}"


def duration(milliseconds: float | None) -> str:
    """Return how long something took."""
    if milliseconds is None:
        return "–"
    if milliseconds < 1:
        return f"{milliseconds * 1000:.0f} µs"
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms" if milliseconds >= 10 else f"{milliseconds:.1f} ms"
    seconds = milliseconds / 1000
    if seconds < 120:
        return f"{seconds:.0f} s" if seconds == round(seconds) else f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def moment(value: str | float | datetime | None) -> str:
    """Return when something was, in UTC to the second; a number counts seconds since 1970."""
    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return value
    else:
        found = datetime.fromtimestamp(value, UTC)
    return found.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
