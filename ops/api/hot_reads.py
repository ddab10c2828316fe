"""Reads of one record without a query, answered by the shortest way, as ops/api/routes/records.py would.

What stands around a request (places, deadlines, bodies, FastAPI's way to a route) costs several times what an answer
from memory does. So an answer that needs no waiting is given before all of that; every other request, one that is
refused included, takes the usual way.
"""

from typing import NamedTuple

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ops.api.access import Field, caller_of, known_caller
from ops.api.context import Api
from ops.api.problems import Problem
from ops.api.records import (
    PLURALS,
    encoded,
    headers,
    may_read,
    note_read,
    read_record,
    send_answer,
)
from ops.api.tracing import begin, told
from processors.gateway.limits import fields
from schemas import semconv
from streams.record_cache import Encoded, Key

_PREFIX = "/v1/"
_BODY = (b"content-length", b"transfer-encoding")


class _Route(NamedTuple):
    """What `Traced` calls the requests that are answered here."""

    path: str


_ROUTES = {entity: _Route(f"{_PREFIX}{plural}/{{id}}") for plural, entity in PLURALS.items()}


def _key_of(scope: Scope) -> Key | None:
    """Return the record that a plain read is of; None for any other request."""
    if scope["type"] != "http" or scope["query_string"] or scope["method"] not in ("GET", "HEAD"):
        return None
    path: str = scope["path"]
    if not path.startswith(_PREFIX):
        return None
    plural, _, entity_id = path[len(_PREFIX) :].partition("/")
    entity = PLURALS.get(plural)
    return None if entity is None or not entity_id or "/" in entity_id else Key(entity, entity_id)


class AtOnce:
    """ASGI middleware, before all others: answers what this process knows already, without waiting for anything."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        key = _key_of(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        api: Api = scope["app"].state.api
        method, sent = scope["method"], dict(scope["headers"])
        found = _known(api, method, sent, key)
        if found is None:
            await self._app(scope, receive, send)
            return
        api.lateness.arrived()
        answer, before = found
        route = _ROUTES[key.entity].path
        span = begin(scope, sent, f"{method} {route}")
        span.set_attribute(semconv.HTTP_ROUTE, route)
        status = await send_answer(send, method, sent.get(b"if-none-match"), answer, [*before, *told(span)])
        span.set_attribute(semconv.HTTP_STATUS, status)
        span.end()


def _known(api: Api, method: str, sent: dict[bytes, bytes], key: Key) -> tuple[Encoded, list[Field]] | None:
    """Return a read's answer and what goes before it, counted and told to the audit log; None if that takes longer."""
    if api.lateness.is_late or api.audit.is_full or any(name in sent for name in _BODY):
        return None
    try:
        caller = known_caller(api.gate, method, sent)
        if caller is None or not may_read(caller, key.entity, key.id) or api.reads.is_forgotten(*key):
            return None
        entry = api.reads.known(key)
        if entry is None or entry.fields is None or entry.deleted:
            return None
        left = api.gate.admit(caller)
    except Problem:  # it is refused again, with all that an answer needs; nothing was counted
        return None
    note_read(api, caller, *key)
    answer = encoded(api, caller, key, entry)
    return answer, [*headers(api, answer, "hit"), *fields(left)]


class PlainReads:
    """ASGI middleware: answers the others, too, which have to be read or refused, without FastAPI's way to a route."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        key = _key_of(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = _ROUTES[key.entity]
        caller = await caller_of(Request(scope))
        api: Api = scope["app"].state.api
        entry, status = await read_record(api, caller, key)
        answer = encoded(api, caller, key, entry)
        given = dict(scope["headers"]).get(b"if-none-match")
        await send_answer(send, scope["method"], given, answer, headers(api, answer, status))
