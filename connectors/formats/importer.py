"""Makes rows of documents in the formats of other systems; an event of ours among them is read as one."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from connectors.formats.base import Format
from connectors.formats.registry import NAMES, by_name, format_of
from connectors.plain import EVENT_KEYS, FIELDS, RefusedError, plain
from connectors.rows import Row, RowError
from connectors.sources.record import RecordReader, refused

AUTO = "auto"
EVENTS = "events"
_IDS = ("id", "shortcode", "number", "encryptJobId", "encryptGeekId", "identifier", "documentId", "url")
_KEYS = EVENT_KEYS | FIELDS
_OURS = {"entity", "fields", "raw"}
KNOWN = f"--format is one of {', '.join((EVENTS, *NAMES))}"


def formats_of(choice: str) -> tuple[str, ...]:
    """Return the names of the formats that a choice leaves: `auto`, `events`, or one of them."""
    return () if choice == EVENTS else NAMES if choice == AUTO else (choice,)


def is_event(value: Any) -> bool:
    """Whether a value is a record of ours, an event or flat."""
    return isinstance(value, dict) and (bool(_OURS & value.keys()) or (bool(value) and value.keys() <= _KEYS))


class Importer:
    """Reads documents of the formats `names`; `taken` are those that were met. The rows are made by `records`."""

    def __init__(self, records: RecordReader, names: Sequence[str]) -> None:
        self._records = records
        self._names = tuple(names)
        self.taken: set[str] = set()

    def format(self, document: Any) -> Format | None:
        """Return the format of a document, None for an event of ours and for what is of no known format."""
        first = document[0] if isinstance(document, list) and document else document
        if not self._names or (len(self._names) > 1 and is_event(first)):
            return None
        return format_of(document, self._names)

    def rows(
        self, numbers: Iterator[int], document: Any, at: datetime, raw: str | bytes | None = None
    ) -> Iterator[Row | RowError]:
        """Yield the rows of a document, or the refusal of one that holds none; `at` is its time.

        `numbers` gives each row its number: it counts, or repeats a line's. The parts of a list are looked at one by
        one: what is of no format by itself is taken for what the first is that has one.
        """
        parts = document if isinstance(document, list) else [document]
        usual = self.format(document) or next((found for part in parts if (found := self.format(part))), None)
        empty = True
        for part in parts:
            for row in self._of_part(numbers, part, self.format(part) or usual, at, raw):
                empty = False
                yield row
        if empty:
            what = usual.title if usual else "any format"
            yield refused(next(numbers), RefusedError(f"holds nothing of {what}"), None, raw or _text(document))

    def _of_part(
        self, numbers: Iterator[int], part: Any, found: Format | None, at: datetime, raw: str | bytes | None
    ) -> Iterator[Row | RowError]:
        if len(self._names) > 1 and is_event(part):
            yield self._records.read(next(numbers), part, at)
        elif found is None or not isinstance(part, dict | list):
            yield refused(next(numbers), RefusedError(f"of no format that is known; {KNOWN}"), part, raw or _text(part))
        else:
            self.taken.add(found.name)
            yield from (self._row(found, next(numbers), item, at) for item in found.items(part))

    def row(self, number: int, item: Any, at: datetime) -> Row | RowError:
        """Return the row of one thing, as the items of a page are."""
        found = self.format(item)
        if found is None:
            return self._records.read(number, item, at)
        self.taken.add(found.name)
        return self._row(found, number, item, at)

    @property
    def page(self) -> str:
        """The query parameter by which the API of what was met takes the next page."""
        return next((by_name(name).page for name in sorted(self.taken)), "cursor")

    def _row(self, format: Format, number: int, item: Any, at: datetime) -> Row | RowError:
        try:
            record = format.record(plain(item), at)
        except (RefusedError, RecursionError) as error:
            said = error if isinstance(error, RefusedError) else RefusedError("is nested too deep")
            return refused(number, said, {"id": _said_id(item)}, _text(item))
        row = self._records.read(number, record, at)
        # What is refused is kept as the source has it.
        return RowError(row.line, row.text, row.id, _text(item)) if isinstance(row, RowError) else row


def _said_id(item: Any) -> Any:
    """Return by what name the source knows a thing, whichever format it is of; for the refused file."""
    said = [item[name] for name in _IDS if item.get(name) is not None] if isinstance(item, dict) else []
    one = said[0] if said else None
    return one.get("value") if isinstance(one, dict) else one


def _text(value: Any) -> str | None:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        return None
