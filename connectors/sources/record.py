"""Makes rows of records: JSON objects, whether a line, a document or an item of an API says them.

A record is either an event, `{"entity", "id", "fields": {...}}` with, at will, `action`, `event_id`, `time`, `source`,
`version` and `note`, or flat: the same keys without `fields`, beside the entity's fields themselves.

What a record leaves out is filled in so that reading it twice gives the same event: the id is derived from source,
origin, entity, time and content.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from connectors.mapping import NO_MAPPING, ColumnMapping, shown
from connectors.plain import EVENT_KEYS, RefusedError, plain
from connectors.rows import Row, RowError
from schemas.base import EntityId
from schemas.entities import ENTITIES, MODELS, Entity, fields_of
from schemas.envelope import derived_id, timestamp
from schemas.errors import BadMessageError
from schemas.events import ACTIONS, Action
from schemas.versions import CURRENT

TEXT_KEYS = EVENT_KEYS - {"fields", "version"}
_MAX_IGNORED = 100
_EXAMPLE = "e.g. 2026-01-05T16:00:00+08:00"
_ALSO = {"id": " or a whole number", "event_id": " or a whole number", "time": f", {_EXAMPLE}"}
_MAX_ID = 128
_MAX_INTEGER_ID = 10**40
# 1.38E+10, 1,38E+10: how spreadsheets write numbers that are long. 13800001111.0: how tables with gaps do.
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?E[+-]?\d+|\d{6,}\.0+", re.I)
_SCIENTIFIC_ID = re.compile(r"\d+[.,]\d+E\+?\d+|\d+E\+\d+|\d{6,}\.0+", re.I)


class RecordReader:
    """Reads the records of one origin; `entity` and `source` hold where a record does not say its own.

    `ignored` are the columns that were passed over, as far as `mapping` says so.
    """

    def __init__(self, entity: Entity | None, source: str, origin: str, mapping: ColumnMapping = NO_MAPPING) -> None:
        self.source = source
        self.entity = entity
        self.mapping = mapping
        self.ignored: set[str] = set()
        self._origin = origin

    def read(
        self, number: int, record: object, observed_at: datetime, content: str | None = None, raw: str | None = None
    ) -> Row | RowError:
        """Return what the `number`-th record says; its time is `observed_at` unless it says so itself.

        `content` is what its event id is derived from, and `raw` its text, if it has one.
        """
        try:
            data = plain(_without_note(record))
            if not isinstance(data, dict):
                raise RefusedError("must be a JSON object")
            if self.mapping:
                data, content = self._mapped(data), None
            if content is None:
                content = json.dumps(data, ensure_ascii=False, sort_keys=True)
            if "fields" not in data:
                said = {name: data.pop(name) for name in EVENT_KEYS if name in data}
                data = {**said, "fields": data}
            return self.event(number, data, content, observed_at)
        except (RefusedError, BadMessageError) as error:
            return refused(number, error, record, raw)
        except RecursionError:
            return refused(number, RefusedError("is nested too deep"), record, raw)

    def ignore(self, names: Iterable[str]) -> None:
        """Remember columns that are passed over."""
        for name in names:
            if len(self.ignored) < _MAX_IGNORED:
                self.ignored.add(name)

    def event(self, number: int, data: dict[str, Any], content: str, observed_at: datetime) -> Row:
        """Return the row of an event's JSON object. Raises RefusedError, BadMessageError."""
        only(data, EVENT_KEYS)
        fields = data.get("fields", {})
        if not isinstance(fields, dict):
            raise RefusedError("fields must be a JSON object")
        version = data.get("version")
        if version is not None and type(version) is not int:
            raise RefusedError("version must be a whole number")
        for name in ("id", "event_id"):
            if type(data.get(name)) is int:
                data[name] = str(data[name])
        for name in sorted(TEXT_KEYS):
            if data.get(name) is not None and not isinstance(data[name], str):
                raise RefusedError(f"{name} must be text{_ALSO.get(name, '')}")
        return self.row(number, data, fields, content, observed_at, version)

    def row(
        self,
        number: int,
        data: Mapping[str, str],
        fields: dict[str, Any],
        content: str,
        observed_at: datetime,
        version: int | None = None,
    ) -> Row:
        """Return the checked row of an event in parts. Raises RefusedError, BadMessageError."""
        entity = self.entity_of(data)
        if not data.get("id"):
            raise RefusedError("id is missing")
        if _SCIENTIFIC_ID.fullmatch(data["id"]):
            raise RefusedError(_as_text("id"))
        for name in fields_of(entity, EntityId):
            if type(fields.get(name)) is int:
                fields[name] = str(fields[name])
        check_fields(entity, fields, version)
        action = _action(data.get("action") or "upserted")
        source = data.get("source") or self.source
        time = _time(data["time"]) if data.get("time") else observed_at
        # The time is part of the id because one event id must never name two different statements.
        event_id = data.get("event_id") or derived_id(
            source, self._origin, entity, timestamp(time), content.encode("utf-8", "replace").decode()
        )
        row = Row(number, entity, data["id"], fields, source, event_id, time, action, version, data.get("note"))
        row.message()
        return row

    def entity_of(self, data: Mapping[str, str]) -> Entity:
        """Return what kind of thing the record is about. Raises RefusedError."""
        entity = data.get("entity") or self.entity
        for known in ENTITIES:
            if entity == known:
                return known
        raise RefusedError(f"entity must be one of {', '.join(ENTITIES)}")

    def _mapped(self, data: dict[str, Any]) -> dict[str, Any]:
        entity = self.entity if "entity" not in data else self.entity_of({"entity": str(data["entity"])})
        found, ignored = self.mapping.apply(data, entity)
        self.ignore(ignored)
        return found


def check_fields(entity: Entity, fields: dict[str, Any], version: int | None) -> None:
    """Say what to do where the schema would only say no. Raises RefusedError."""
    unknown = fields.keys() - MODELS[entity].model_fields.keys()
    if unknown and version in (None, CURRENT[entity]):
        raise RefusedError(f"no fields of a {entity}: {shown(unknown)}; say --map COLUMN=FIELD or --ignore-unknown")
    phones = fields.get("phones")
    for phone in phones if isinstance(phones, list) else ():
        if isinstance(phone, float) or (isinstance(phone, str) and _SCIENTIFIC.fullmatch(phone.strip())):
            raise RefusedError(_as_text("phones"))


def refused(number: int, error: Exception, record: object, raw: str | bytes | None = None) -> RowError:
    """Return the refusal of a record, with its id and what the source holds, as far as that can be told."""
    identity = None
    if isinstance(record, Mapping):
        said = next((record[name] for name in ("id", "_id") if record.get(name) is not None), None)
        if isinstance(said, str) or (type(said) is int and abs(said) < _MAX_INTEGER_ID):
            identity = _printable(str(said)[:_MAX_ID])
    if raw is None:
        try:
            raw = json.dumps(record, default=str, ensure_ascii=False)
        except (TypeError, ValueError, RecursionError):
            raw = None
    return RowError(number, str(error), identity, raw)


def _printable(text: str) -> str:
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def _without_note(record: object) -> object:
    """A note is for people and goes nowhere, so that nothing in it is a reason to refuse."""
    if isinstance(record, dict) and isinstance(note := record.get("note"), str) and not note.isascii():
        return {**record, "note": note.encode("utf-8", "replace").decode()}
    return record


def only(data: dict[str, Any], known: frozenset[str]) -> None:
    """Refuse keys that nobody knows. Raises RefusedError."""
    if not known.issuperset(data):
        raise RefusedError(f"unknown key; known: {', '.join(sorted(known))}")


def _as_text(name: str) -> str:
    return (
        f"{name} holds a number as spreadsheets show long ones (1.38E+10, 13800001111.0), so that digits are lost; "
        "set the column's format to text in the spreadsheet and save it again"
    )


def _action(said: str) -> Action:
    for known in ACTIONS:
        if said == known:
            return known
    raise RefusedError(f"action must be one of {', '.join(ACTIONS)}")


def _time(said: str) -> datetime:
    try:
        time = datetime.fromisoformat(said)
    except ValueError:
        raise RefusedError(f"time is not an RFC 3339 time, {_EXAMPLE}") from None
    if time.tzinfo is None:
        raise RefusedError("time needs a time zone, e.g. Z or +08:00")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise RefusedError("time is out of range") from None
