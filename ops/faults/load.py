"""The load of a run under fire: talent events of several sources, out of order, repeated, with deletes and poison."""

import heapq
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.message import EventMessage, build_message
from ops.benchmarks.workload import talent
from schemas.entities import Entity
from schemas.envelope import Headers

ENTITY: Entity = "talent"
SOURCES: Mapping[str, float] = {"crm": 2, "zervigo": 10, "resume": 60, "import": 300}
"""Each source with the mean number of events by which it is late: the log's order is not the order of times."""

KEYS = 400
_TWIN_EVERY = 8  # so many records there are for one that speaks of the person of the record before it
_BASE = datetime(2026, 1, 5, 8, tzinfo=UTC)
_DELETES, _NULLS, _REPEATS, _POISON = 0.03, 0.03, 0.1, 0.01
_RECENT = 200  # repeats are of one of the last so many events


def load(seed: int, version: int | None = None) -> Iterator[EventMessage]:
    """Yield messages for ever, by the current version of the schema or another; a seed gives the same ones always."""
    rng = random.Random(f"load-{seed}")
    waiting: list[tuple[float, int, EventMessage]] = []
    recent: list[EventMessage] = []
    number = 0
    while True:
        message, late = _draw(rng, number, version=version)
        heapq.heappush(waiting, (number + late, number, message))
        number += 1
        while waiting and waiting[0][0] <= number:
            message = heapq.heappop(waiting)[2]
            recent = [*recent[-_RECENT:], message]
            yield message
            if rng.random() < _POISON:
                yield POISON[rng.choice(sorted(POISON))](message)
            if rng.random() < _REPEATS:
                yield rng.choice(recent)


def _draw(
    rng: random.Random, number: int, event_id: str = "", version: int | None = None
) -> tuple[EventMessage, float]:
    """Return an event and by how many events it is late. A few talents get most of the events, some of them are one."""
    source = rng.choice(sorted(SOURCES))
    record = int(KEYS * rng.random() ** 2)
    key = f"t{record:03}"
    time = _BASE + timedelta(seconds=number)
    late = rng.expovariate(1 / SOURCES[source])
    event_id = event_id or f"e{number}"
    if rng.random() < _DELETES:
        event = build_message(
            ENTITY, key, source=source, action="deleted", event_id=event_id, time=time, version=version
        )
        return event, late
    person = record - (record % _TWIN_EVERY == 1)
    whole = talent(rng.randrange(1000)) | {"name": talent(person)["name"]}
    # Addresses and degrees of several sources make conflicts that no policy decides.
    whole["emails"] = [f"p{person}@{rng.choice(('a', 'b', 'c'))}.example"]
    whole["education_level"] = rng.choice(("bachelor", "master", "doctorate"))
    fields = {name: whole[name] for name in rng.sample(sorted(whole), rng.randint(1, 6))}
    if rng.random() < _NULLS:
        fields[rng.choice(sorted(fields))] = None
    return build_message(ENTITY, key, fields, source=source, event_id=event_id, time=time, version=version), late


def event(rng: random.Random, event_id: str, version: int | None = None) -> EventMessage:
    """Return one more event of the load's talents, with an id of its own."""
    return _draw(rng, rng.randrange(3600), event_id, version)[0]


def _with_header(message: EventMessage, name: str, value: bytes | None) -> EventMessage:
    headers: Headers = [(n, v) for n, v in message.headers if n != name]
    return _spoiled(message, headers=headers if value is None else [*headers, (name, value)])


def _spoiled(message: EventMessage, **changes: Any) -> EventMessage:
    return replace(message, envelope=None, **changes)


def _upsert(message: EventMessage, **changes: Any) -> EventMessage:
    return _spoiled(_with_header(message, "ce_type", b"looma.talent.upserted"), **changes)


POISON: Mapping[str, Callable[[EventMessage], EventMessage]] = {
    "missing_header": lambda m: _with_header(m, "ce_id", None),
    "bad_header": lambda m: _with_header(m, "ce_time", b"yesterday"),
    "bad_key": lambda m: _spoiled(m, key=None),
    "unknown_type": lambda m: _with_header(m, "ce_type", b"looma.talent.hired"),
    "wrong_topic": lambda m: _with_header(m, "ce_dataschema", b"urn:looma:job:2"),
    "unknown_version": lambda m: _with_header(_upsert(m), "ce_dataschema", b"urn:looma:talent:99"),
    "invalid_json": lambda m: _upsert(m, value=b'{"title": '),
    "invalid_data": lambda m: _upsert(m, value=b'{"wings": 2}'),
}
"""How an event is spoiled, by the reason it must be dead-lettered for."""
