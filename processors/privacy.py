"""Whose a message is: the rule by which a forgotten person's messages are found in every topic."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from schemas.entities import CATALOGUE, Entity
from schemas.envelope import Headers
from schemas.topics import (
    CHAT_DELTAS,
    CHAT_EVENTS,
    CHAT_REPLIES,
    DEAD_LETTERS,
    EVENTS,
    IDENTITIES,
    IDENTITY_EVENTS,
    MATCH_FEEDBACK,
    MATCH_REQUESTS,
    MATCH_RESULTS,
    RECORDS,
    RESUMES,
    RESUMES_PARSED,
    SYNC_CONFLICTS,
)

ERASED = "looma.log.erased"
"""The type of the notice that stands where messages were erased; it says nothing, and every reader passes over it."""
_KEYED = frozenset(topic[spec.name] for spec in CATALOGUE if spec.person == "id" for topic in (EVENTS, RECORDS))
_OWN_KEY = _KEYED | {RESUMES, RESUMES_PARSED}
NAMING: Mapping[str, tuple[str, ...]] = {
    topic: path
    for spec in CATALOGUE
    if spec.person and spec.person != "id"
    for topic, path in ((EVENTS[spec.name], (spec.person,)), (RECORDS[spec.name], ("fields", spec.person)))
}
"""Topics of records that speak of a person without being hers alone, and where a message of them names her."""
SPEAKING: tuple[str, ...] = (*NAMING, CHAT_EVENTS)
"""Source topics, other than talents' own, whose messages say themselves whose they are."""
_SAME_KEY = frozenset((MATCH_REQUESTS, SYNC_CONFLICTS))
_CHAT = frozenset((CHAT_EVENTS, CHAT_REPLIES, CHAT_DELTAS))
_FREE = _CHAT | {DEAD_LETTERS}


@dataclass(frozen=True, slots=True)
class Person:
    """A talent's id, and what identifies her in free text: addresses and numbers, never a name, which others share.

    `records` are those of other entities that speak of her, `conversations` those she has had.
    """

    id: str
    identifiers: frozenset[bytes] = frozenset()
    records: frozenset[tuple[Entity, str]] = frozenset()
    conversations: frozenset[str] = frozenset()


def identifiers_of(contributions: Collection[tuple[str, Any]]) -> frozenset[bytes]:
    """Return the addresses and numbers among (field, value) pairs, as they may stand in a message's bytes."""
    given = [str(v) for name, found in contributions if name in ("emails", "phones") for v in _listed(found)]
    return frozenset(v.encode() for v in given if len(v) > 5)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def is_about(topic: str, key: bytes | None, value: bytes | None, headers: Headers, person: Person) -> bool:
    """Whether a message of `topic`, by the name it has in the base generation, holds something of `person`.

    Withdrawn matches without features say nothing of her but that she is gone; consumers need them.
    """
    own = person.id.encode()
    named = dict(headers)
    if topic == DEAD_LETTERS:
        name = named.get("dlq_topic", b"").decode("utf-8", "replace")
        origin = "-".join(name.split("-")[:2])  # as it is called in the base generation
        if origin != topic and is_about(origin, key, value, headers, person):
            return True
        if named.get("ce_subject") == own and origin in _OWN_KEY:
            return True
    if topic in _OWN_KEY:
        return key == own or (people_of(topic, key, value) is None and _mentions(value, person))
    if topic in NAMING:
        named_here = _named(topic, value)
        return _mentions(value, person) if named_here is None else person.id in named_here
    if topic in _CHAT and (key or b"").decode("utf-8", "replace") in person.conversations:
        return True
    if topic in _FREE:
        return _mentions(value, person) or (topic != DEAD_LETTERS and json.dumps(person.id).encode() in (value or b""))
    if topic in _SAME_KEY:
        entity = _body(value).get("entity")
        return (key == own and entity == "talent") or any((e, i.encode()) == (entity, key) for e, i in person.records)
    if topic == MATCH_RESULTS:
        return (key or b"").startswith(own + b"|") and not _is_farewell(value)
    if topic == MATCH_FEEDBACK:
        subjects = (key or b"", named.get("ce_subject", b""))
        return any(s.startswith(own + b"|") for s in subjects) or _body(value).get("talent_id") == person.id
    if topic == IDENTITIES:
        body = _body(value)
        return value is not None and (
            key == b"talent:" + own or (body.get("entity") == "talent" and person.id in _listed(body.get("members")))
        )
    if topic == IDENTITY_EVENTS:
        body = _body(value)
        return body.get("entity") == "talent" and person.id in (body.get("left"), body.get("right"))
    return False


def people_of(topic: str, key: bytes | None, value: bytes | None) -> frozenset[str] | None:
    """Return whom a message of a source or record topic speaks of; None if it cannot be told."""
    if topic in _OWN_KEY:
        try:
            return frozenset((key.decode(),)) if key else None
        except UnicodeDecodeError:
            return None
    if topic in NAMING:
        return _named(topic, value)
    if topic == CHAT_EVENTS:
        speaker = _body(value).get("participant")
        speaker = speaker if isinstance(speaker, dict) and speaker.get("kind") == "candidate" else {}
        return frozenset((speaker["id"],)) if isinstance(speaker.get("id"), str) else frozenset()
    if topic == MATCH_FEEDBACK:
        talent = (key or b"").partition(b"|")[0]
        named = _body(value).get("talent_id")
        return frozenset((named,)) if isinstance(named, str) and talent == named.encode() else None
    if topic != "identity-events" or (body := _body(value)).get("entity") == "company":
        return frozenset()
    ends = (body.get("left"), body.get("right"))
    return frozenset(map(str, ends)) if all(ends) else None


def _named(topic: str, value: bytes | None) -> frozenset[str] | None:
    """Return whom a message names; nobody if it says nothing, as a deletion; None if it cannot be told."""
    if not value:
        return frozenset()
    try:
        found = from_json(value)
    except ValueError:
        return None
    for name in NAMING[topic]:
        if found == {}:
            return frozenset()
        found = found.get(name) if isinstance(found, dict) else None
    return frozenset((found,)) if isinstance(found, str) else None


def _mentions(value: bytes | None, person: Person) -> bool:
    return any(i in (value or b"") for i in person.identifiers)


def _is_farewell(value: bytes | None) -> bool:
    body = _body(value)
    return body.get("status") == "withdrawn" and not body.get("features")


def _body(value: bytes | None) -> dict[str, Any]:
    try:
        body = from_json(value or b"")  # unlike json.loads it has one way to fail
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
