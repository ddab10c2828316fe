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

        `numbers` gives each row its number: it counts, or repeats a line's.
        """
        found = self.format(document)
        if found is None:
            yield from self._events(numbers, document, at, raw)
            return
        self.taken.add(found.name)
        empty = True
        for item in found.items(document):
            empty = False
            yield self._row(found, next(numbers), item, at)
        if empty:
            yield refused(next(numbers), RefusedError(f"holds nothing of {found.title}"), None, raw or _text(document))

    def _events(
        self, numbers: Iterator[int], document: Any, at: datetime, raw: str | bytes | None
    ) -> Iterator[Row | RowError]:
        for one in document if isinstance(document, list) else [document]:
            if is_event(one):
                yield self._records.read(next(numbers), one, at)
            else:
                yield refused(next(numbers), RefusedError(f"of no format that is known; {KNOWN}"), one, raw)

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
            return refused(number, said, item, _text(item))
        row = self._records.read(number, record, at)
        # What is refused is kept as the source has it.
        return RowError(row.line, row.text, row.id, _text(item)) if isinstance(row, RowError) else row


def _text(value: Any) -> str | None:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        return None
