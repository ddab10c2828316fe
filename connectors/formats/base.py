"""What a format is, and the record that each makes of one thing it holds."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.entities import Entity

Record = dict[str, Any]
"""An event's JSON object: `entity`, `id`, `fields`, and `time` where the document says it."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


@dataclass(frozen=True, slots=True)
class Format:
    """One way in which a system writes jobs or people.

    A document is a JSON value: `items` yields the things in it, and `record` says what one is, as of a time. Both take
    any value: `record` raises RefusedError for one that says too little, and leaves out what has another type.
    """

    name: str
    title: str
    files: tuple[str, ...]
    recognises: Callable[[Any], bool]
    items: Callable[[Any], Iterator[Any]]
    record: Callable[[Any, datetime], Record]
    page: str = "cursor"
    """The query parameter by which the system's API takes the next page."""


def made(entity: Entity, id: str, fields: dict[str, Any], time: str | None = None) -> Record:
    """Return a record, without the fields that say nothing."""
    said = {name: value for name, value in fields.items() if value not in (None, "", [], {})}
    return {"entity": entity, "id": id, "fields": said} | ({"time": time} if time else {})


def identity(prefix: str, *said: Any, within: str | None = None) -> str:
    """Return an entity's id: the first of `said` that may stand in one, else a digest of the first that there is.

    The prefix keeps systems apart; `within` is whose the id is, where another may use it too.
    """
    texts = [str(one) for one in said if (isinstance(one, str) and one.strip()) or type(one) is int]
    marked = "" if within is None else f"-{digest(within)[:8]}"
    for one in texts:
        if _ID.fullmatch(one.strip()):
            return f"{prefix}:{one.strip()}{marked}"
    return f"{prefix}:{digest(*texts[:1])}{marked}"


def digest(*said: str) -> str:
    """Return 24 hexadecimal digits that stand for some texts."""
    return hashlib.sha256("\x1f".join(said).encode("utf-8", "surrogatepass")).hexdigest()[:24]
