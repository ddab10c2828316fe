"""Encoded entity events at given minutes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from schemas.envelope import Envelope
from schemas.events import EntityEvent, encode

BASE = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)

Encoded = tuple[str, bytes, bytes, list[tuple[str, bytes]]]


def encoded(
    entity: str,
    entity_id: str,
    fields: dict[str, Any],
    *,
    minute: int = 0,
    source: str = "crm",
    action: str = "upserted",
    event_id: str | None = None,
    version: int | None = None,
) -> Encoded:
    """Return (topic, key, value, headers) of an event that happened `minute` minutes after `BASE`."""
    envelope = Envelope(
        event_id or f"{entity_id}-{minute}-{source}-{action}",
        source,
        f"looma.{entity}.{action}",
        entity_id,
        BASE + timedelta(minutes=minute),
        version or {"talent": 2, "job": 2, "company": 1}[entity],
    )
    return (f"{entity}-events", *encode(EntityEvent(envelope, entity, action, fields)))  # type: ignore[arg-type]
