"""Records as the API shows them: masked for who may not see what is personal, with an ETag of what is shown."""

import hashlib
import re
from collections.abc import Collection
from typing import Any

import orjson
from starlette.types import Send

from ops.api.context import Api
from ops.api.problems import Problem
from processors.access import Caller, allows, sees
from processors.masking import mask_fields
from schemas.base import EntityId
from schemas.entities import CATALOGUE, MODELS, PERSONAL, SPEC, Entity
from streams.record_cache import Encoded, Entry, Key

PLURALS: dict[str, Entity] = {spec.plural: spec.name for spec in CATALOGUE}
_ID = re.compile(EntityId.__metadata__[0].pattern)  # type: ignore[attr-defined]
_JSON = (b"content-type", b"application/json")
_PRIVATE = (b"cache-control", b"private, no-cache")
_VARY = (b"vary", b"authorization")
_STATUS = {
    "hit": (b"cache-status", b"looma; hit"),
    "miss": (b"cache-status", b"looma; fwd=miss"),
    "blind": (b"cache-status", b'looma; fwd=bypass; detail="the tail is blind"'),
}
"""RFC 9211."""
VISIBLE = b"looma-visible-at"
"""The header that says up to when, in ms since the epoch, what was merged is sure to show in the answer."""


def is_id(text: str) -> bool:
    """Whether a text can be an entity's id."""
    return _ID.fullmatch(text) is not None


def read_scope(entity: Entity) -> str:
    """Return the scope that reading an entity's records needs."""
    return f"{SPEC[entity].plural}:read"


def may_read(caller: Caller, entity: Entity, entity_id: str) -> bool:
    """Whether a caller may read a record: a candidate no other person's."""
    return allows(caller, read_scope(entity)) and (entity != "talent" or sees(caller, entity_id))


def require_read(caller: Caller, entity: Entity, entity_id: str) -> None:
    """Raise Problem, 403, unless a caller may read a record."""
    if not allows(caller, read_scope(entity)):
        raise Problem(403, "forbidden", f"the scope {read_scope(entity)} is needed")
    if entity == "talent" and not sees(caller, entity_id):
        raise Problem(403, "forbidden", "a candidate reads her own record only")


def sees_personal(caller: Caller, entity: Entity, entity_id: str) -> bool:
    """Whether a caller sees a record without a mask."""
    return entity not in PERSONAL or allows(caller, "pii:read") or caller.subject == entity_id


def note_read(api: Api, caller: Caller, entity: Entity, entity_id: str) -> None:
    """Tell the audit log that a caller reads of a person without a mask. Raises AuditError if it cannot be told."""
    if entity not in PERSONAL or caller.subject == entity_id or not sees_personal(caller, entity, entity_id):
        return
    api.audit.note("personal_data.read", caller=caller.audited, about=api.audit.name(entity, entity_id))


def unknown(key: Key) -> Problem:
    """Return the problem of a record that there is not, or that is of a forgotten person: nobody can tell which."""
    return Problem(404, "not_found", f"there is no {key.entity} of this id")


async def entry_of(api: Api, key: Key) -> tuple[Entry, str]:
    """Return a record that there is, and where it is from. Raises Problem, 404 or 410."""
    if not is_id(key.id) or api.reads.is_forgotten(key.entity, key.id):
        raise unknown(key)
    entry, status = api.reads.known(key), "hit"
    if entry is None:
        status = "blind" if api.reads.tail.is_blind else "miss"
        entry = await api.reads.read(key)
    if entry.fields is None:
        raise unknown(key)
    if entry.deleted:
        raise Problem(410, "deleted", f"the {key.entity} was deleted by its source")
    return entry, status


async def read_record(api: Api, caller: Caller, key: Key) -> tuple[Entry, str]:
    """Return a record for a caller who may read it, and where it is from. Raises Problem."""
    require_read(caller, key.entity, key.id)
    entry, status = await entry_of(api, key)
    note_read(api, caller, key.entity, key.id)
    return entry, status


def encoded(api: Api, caller: Caller, key: Key, entry: Entry) -> Encoded:
    """Return a record's answer; it is kept with the record."""
    is_whole = sees_personal(caller, key.entity, key.id)
    found = entry.encoded.get(is_whole)
    if found is None:
        assert entry.fields is not None
        fields = entry.fields if is_whole else _dumps(mask_fields(key.entity, orjson.loads(entry.fields)))
        found = encode({"entity": key.entity, "id": key.id, "fields": orjson.Fragment(fields)})
        api.reads.cache.encoded(key, entry, is_whole, found)
    return found


def require_fields(entity: Entity, names: Collection[str]) -> None:
    """Raise Problem, 422, for a name that no such record has."""
    if strange := sorted(set(names) - MODELS[entity].model_fields.keys()):
        raise Problem(422, "unknown_field", f"a {entity} has no such field; the {len(strange)}th is unknown")


def sparse(whole: Encoded, names: Collection[str]) -> Encoded:
    """Return an answer with these fields alone."""
    body = orjson.loads(whole.body)
    return encode({**body, "fields": {n: v for n, v in body["fields"].items() if n in names}})


def encode(document: dict[str, Any]) -> Encoded:
    """Return an answer and its ETag."""
    body = orjson.dumps(document)
    return Encoded(body, b'"%b"' % hashlib.blake2b(body, digest_size=12).hexdigest().encode())


def headers(api: Api, answer: Encoded, status: str) -> list[tuple[bytes, bytes]]:
    """Return what goes before an answer."""
    visible = b"%d" % int(api.reads.tail.visible_at * 1000)
    return [_JSON, (b"etag", answer.etag), _PRIVATE, _VARY, _STATUS[status], (VISIBLE, visible)]


def is_known_to(given: bytes | None, etag: bytes) -> bool:
    """Whether the reader has the answer already, as her If-None-Match says."""
    if given is None:
        return False
    return given.strip() == b"*" or etag in (each.strip().removeprefix(b"W/") for each in given.split(b","))


async def send_answer(
    send: Send, method: str, given: bytes | None, answer: Encoded, before: list[tuple[bytes, bytes]]
) -> int:
    """Send an answer, or say that the reader has it; return the status."""
    if is_known_to(given, answer.etag):
        await send({"type": "http.response.start", "status": 304, "headers": before[1:]})
        await send({"type": "http.response.body", "body": b""})
        return 304
    length = (b"content-length", b"%d" % len(answer.body))
    await send({"type": "http.response.start", "status": 200, "headers": [*before, length]})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})
    return 200


def _dumps(fields: dict[str, Any]) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
