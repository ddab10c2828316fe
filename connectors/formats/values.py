"""Reads values of documents that strangers wrote: what has another type than it should counts as not said."""

import html
import math
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from connectors.documents.errors import DocumentError
from connectors.documents.model import Limits
from connectors.plain import RefusedError
from connectors.plain import text as encodable
from processors.lexicon.dates import dates
from processors.lexicon.script import fold

MOST = 1000
"""Values read of a list."""
_SHORT = 300
_LONG = 100_000
_MARKUP = re.compile(
    r"</?(?:p|br|div|ul|ol|li|h[1-6]|strong|b|em|i|u|span|a|table|tr|td|th|section|hr|font|blockquote)\b[^<>]{0,2000}/?>",
    re.I,
)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{1,6}|#x[0-9a-f]{1,6});", re.I)
_DATE = re.compile(r"([12]\d{3})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?:[T ].*)?", re.S)
_THOUSANDS = re.compile(r"\d{1,3}(?:[, '’\u00a0.]\d{3})+(?:\.\d{1,2})?")
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,6})?")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
_SPLIT = re.compile(r"[,，;；、|\n•·]+")
_MILLISECONDS = 10**11
_LIMITS = Limits(characters=_LONG * 4)


def obj(value: Any) -> dict[str, Any]:
    """Return an object, an empty one for anything else; of a list the first."""
    if isinstance(value, list):
        return next((one for one in value[:MOST] if isinstance(one, dict)), {})
    return value if isinstance(value, dict) else {}


def many(value: Any) -> list[Any]:
    """Return a list's values, or the one value that stands for a list."""
    if isinstance(value, list):
        return value[:MOST]
    return [] if value is None else [value]


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a list, or the only one."""
    return (one for one in many(value) if isinstance(one, dict))


def text(value: Any) -> str | None:
    """Return a text that says something; JSON-LD may wrap it."""
    if isinstance(value, dict):
        value = value.get("@value")
    if not isinstance(value, str):
        return None
    return value.replace("\x00", "").strip() or None


def short(value: Any) -> str | None:
    """Return a line of text as long as a name or title may be."""
    said = text(value)
    return " ".join(html.unescape(said).split())[:_SHORT].strip() or None if said else None


def first(*values: Any) -> str | None:
    """Return the first that says something, as a line."""
    return next((said for value in values if (said := short(value))), None)


def shorts(value: Any) -> list[str]:
    """Return the lines of a list, each once."""
    return list(dict.fromkeys(said for one in many(value) if (said := short(one))))


def words(value: Any) -> list[str]:
    """Return what a text lists between commas and the like, or a list of texts."""
    return list(dict.fromkeys(part for one in shorts(value) for each in _SPLIT.split(one) if (part := each.strip())))


def long(*values: Any) -> str | None:
    """Return texts or HTML as one text, a paragraph each. Raises RefusedError for HTML that cannot be read."""
    parts = list(dict.fromkeys(part for value in values if (said := text(value)) and (part := _plain(said))))
    return "\n\n".join(parts)[:_LONG].strip() or None


def titled(title: Any, body: Any) -> str | None:
    """Return a section of a text with its heading."""
    said, heading = long(body), short(title)
    return f"{heading}\n{said}" if said and heading else said


def _plain(said: str) -> str:
    said = encodable(said)
    if "&lt;" in said and not _MARKUP.search(said):  # HTML that was escaped once more
        said = html.unescape(said)
    if not _MARKUP.search(said):
        return html.unescape(said) if _ENTITY.search(said) else said
    from connectors.documents.html import document_of

    try:
        return document_of(said, _LIMITS, "html", None).text.strip()
    except DocumentError as error:
        if error.code == "no_text":
            return ""
        raise RefusedError("the description is HTML that cannot be read: nested too deeply or too long") from None


def number(value: Any) -> float | None:
    """Return a number that is not negative, also one that is written as text."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if 0 <= value <= 1e12 and math.isfinite(value) else None
    said = text(value)
    if said and _THOUSANDS.fullmatch(said):
        whole, cents = (said[:-3], said[-3:]) if re.search(r"\.\d\d$", said) else (said, "")
        return float(re.sub(r"\D", "", whole) + cents)
    return float(said) if said and _NUMBER.fullmatch(said) else None


def emails(value: Any) -> list[str]:
    """Return what looks like an e-mail address, at most 20."""
    said = (one.removeprefix("mailto:").strip() for one in shorts(value))
    return list(dict.fromkeys(one for one in said if _EMAIL.fullmatch(one)))[:20]


def day(value: Any) -> str | None:
    """Return a date, from a date or time in ISO 8601, a year or month, seconds or ms since 1970, or words (Sep 2020).

    What is less precise begins in January and on the first.
    """
    if isinstance(value, dict):
        value = "-".join(str(value[n]) for n in ("year", "month", "day") if type(value.get(n)) is int)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if 1900 <= value <= 2200:
            return f"{int(value)}-01-01"
        return exact[:10] if (exact := moment(value)) else None
    said = short(value)
    if said is None:
        return None
    if found := _DATE.fullmatch(said):
        return _calendar(found[1], found[2], found[3])
    span = next(dates(fold(said[:60])), None)
    found = _DATE.fullmatch(span.start) if span and span.start else None
    return _calendar(found[1], found[2], found[3]) if found else None


def _calendar(year: str, month: str | None, of_month: str | None) -> str | None:
    try:
        return date(int(year), int(month or 1), int(of_month or 1)).isoformat()
    except ValueError:
        return None if month and not 1 <= int(month) <= 12 else f"{year}-{int(month or 1):02}-01"


def moment(value: Any) -> str | None:
    """Return a time with its zone, from ISO 8601 or from seconds or milliseconds since 1970."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if value > _MILLISECONDS else value
            return datetime.fromtimestamp(seconds, UTC).isoformat() if seconds > 0 else None
        said = text(value)
        time = datetime.fromisoformat(said) if said else None
        return time.astimezone(UTC).isoformat() if time and time.tzinfo else None
    except (ValueError, OverflowError, OSError):
        return None


def closed(until: Any, at: datetime) -> bool:
    """Whether a date or time has passed; a date counts to its end."""
    if exact := moment(until):
        return datetime.fromisoformat(exact) < at
    last = day(until)
    return last is not None and last < at.astimezone(UTC).date().isoformat()
