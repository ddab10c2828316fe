"""Makes rows of records: JSON objects, whether a line, a document or an item of an API says them.

A record is either an event, `{"entity", "id", "fields": {...}}` with, at will, `action`, `event_id`, `time`, `source`,
`version` and `note`, or flat: the same keys without `fields`, beside the entity's fields themselves.

What a record leaves out is filled in so that reading it twice gives the same event: the id is derived from source,
origin, entity, time and content.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from bson import Decimal128, ObjectId

from connectors.rows import Row, RowError
from schemas.entities import ENTITIES, Entity
from schemas.envelope import derived_id, timestamp
from schemas.errors import BadMessageError
from schemas.events import Action

ACTIONS: tuple[Action, ...] = ("upserted", "deleted")
EVENT_KEYS = frozenset(("entity", "id", "action", "event_id", "time", "source", "version", "fields", "note"))
TEXT_KEYS = EVENT_KEYS - {"fields", "version"}


class RefusedError(ValueError):
    """Why a record is no event; the text holds no values."""


class RecordReader:
    """Reads the records of one origin; `entity` and `source` hold where a record does not say its own."""

    def __init__(self, entity: Entity | None, source: str, origin: str) -> None:
        self.source = source
        self._entity = entity
        self._origin = origin

    def read(self, number: int, record: object, observed_at: datetime) -> Row | RowError:
        """Return what the `number`-th record says; its time is `observed_at` unless it says so itself."""
        try:
            data = plain(record)
            if not isinstance(data, dict):
                raise RefusedError("must be a JSON object")
            content = json.dumps(data, ensure_ascii=False, sort_keys=True)
            if "fields" not in data:
                said = {name: data.pop(name) for name in EVENT_KEYS if name in data}
                data = {**said, "fields": data}
            return self.event(number, data, content, observed_at)
        except (RefusedError, BadMessageError) as error:
            return RowError(number, str(error))
        except RecursionError:
            return RowError(number, "too deep")

    def event(self, number: int, data: dict[str, Any], content: str, observed_at: datetime) -> Row:
        """Return the row of an event's JSON object. Raises RefusedError, BadMessageError."""
        only(data, EVENT_KEYS)
        fields = data.get("fields", {})
        if not isinstance(fields, dict):
            raise RefusedError("fields must be a JSON object")
        version = data.get("version")
        if version is not None and type(version) is not int:
            raise RefusedError("version must be a whole number")
        for name in sorted(TEXT_KEYS):
            if data.get(name) is not None and not isinstance(data[name], str):
                raise RefusedError(f"{name} must be text")
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
        entity = data.get("entity") or self._entity
        for known in ENTITIES:
            if entity == known:
                return known
        raise RefusedError(f"entity must be one of {', '.join(ENTITIES)}")


def plain(value: object) -> Any:
    """Return `value`, from BSON or Arrow, as plain JSON values. Raises RefusedError."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime):
        return timestamp(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Decimal128):
        return float(value.to_decimal())
    if isinstance(value, ObjectId):
        return str(value)
    raise RefusedError(f"holds a value of type {type(value).__name__}, which is not JSON")


def only(data: dict[str, Any], known: frozenset[str]) -> None:
    """Refuse keys that nobody knows. Raises RefusedError."""
    if not known.issuperset(data):
        raise RefusedError(f"unknown key; known: {', '.join(sorted(known))}")


def _action(text: str) -> Action:
    for known in ACTIONS:
        if text == known:
            return known
    raise RefusedError(f"action must be one of {', '.join(ACTIONS)}")


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise RefusedError("time is not an RFC 3339 time") from None
    if time.tzinfo is None:
        raise RefusedError("time needs a time zone, e.g. Z or +08:00")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise RefusedError("time is out of range") from None
