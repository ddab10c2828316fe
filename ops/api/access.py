"""Who makes a request, and whether she may."""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends
from fastapi.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ops.api.gate import Gate
from ops.api.problems import STARTS, Problem
from processors.access import Caller, allows, speaks_for
from processors.gateway.limits import fields

_CALLER, _LIMITS = "looma.caller", "looma.limits"
Field = tuple[bytes, bytes]
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


def is_loopback(host: str) -> bool:
    """Whether a name or an address leads to this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


async def caller_of(connection: HTTPConnection) -> Caller:
    """Return who makes a request or opens a WebSocket, and count it. Raises Problem: 401, 403, 429 or 503."""
    gate: Gate = connection.app.state.api.gate
    headers = dict(connection.scope["headers"])
    authorization = _text(headers, b"authorization")
    if not gate.is_needed(authorization):
        _refuse_pages(connection.scope.get("method"), headers)
        return Caller.local()
    return admitted(connection, await gate.identify(authorization))


def admitted(connection: HTTPConnection, caller: Caller) -> Caller:
    """Count a request as its caller's; return the caller. Raises Problem, 429."""
    state = connection.scope.setdefault("state", {})
    state[_CALLER], state[_LIMITS] = caller, connection.app.state.api.gate.admit(caller)
    return caller


def known_caller(gate: Gate, method: str, headers: Mapping[bytes, bytes]) -> Caller | None:
    """Return who makes a request, not counted yet, if that needs no waiting; None for all others.

    Raises Problem, 403, as `caller_of` would.
    """
    authorization = _text(headers, b"authorization")
    if gate.is_needed(authorization):
        return gate.known(authorization)
    _refuse_pages(method, headers)
    return Caller.local()


async def until_closed(scope: Scope) -> None:
    """Wait until the caller of a request may ask no more: her key was revoked, or has ended."""
    caller: Caller | None = scope.get("state", {}).get(_CALLER)
    if caller is None:
        await asyncio.Event().wait()
    else:
        await scope["app"].state.api.gate.until_closed(caller)


class Limited:
    """ASGI middleware: says in each answer what a limit has left, as the caller's first dependency found it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def sending(message: Message) -> None:
            if message["type"] in STARTS and (found := scope.get("state", {}).get(_LIMITS)):
                message = {**message, "headers": joined(fields(found), message.get("headers", ()))}
            await send(message)

        await self._app(scope, receive, sending)


def joined(first: Iterable[Field], then: Iterable[Field]) -> list[Field]:
    """Return all fields of an answer; one that both have is one list."""
    told = dict(first)
    rest = [(name, told.pop(name) + b", " + value if name in told else value) for name, value in then]
    return [*rest, *told.items()]


def _text(headers: Mapping[bytes, bytes], name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


def _refuse_pages(method: str | None, headers: Mapping[bytes, bytes]) -> None:
    """Keep out a browser's page of somebody else, which also comes from this machine."""
    host = _text(headers, b"host") or ""
    if not _is_own(host):
        raise Problem(403, "forbidden", "without keys, the Host of a request must be this machine")
    origin = _text(headers, b"origin")
    # A WebSocket has no method, writes, and is opened from any page without asking.
    if method not in _SAFE and origin is not None and urlsplit(origin).netloc != host:
        raise Problem(403, "forbidden", "without keys, no page of another origin may write")


@lru_cache(maxsize=64)
def _is_own(host: str) -> bool:
    try:
        return is_loopback(urlsplit(f"//{host}").hostname or "")
    except ValueError:
        return False


Known = Annotated[Caller, Depends(caller_of)]


def require(scope: str) -> Any:
    """Return a dependency that gives the caller, once it is sure that she has a scope."""

    async def check(caller: Known) -> Caller:
        if not allows(caller, scope):
            raise Problem(403, "forbidden", f"the scope {scope} is needed")
        return caller

    checked: Callable[[Caller], Awaitable[Caller]] = check
    return Depends(checked)


def require_source(caller: Caller, source: str) -> None:
    """Raise Problem, 403, unless a caller may publish events of a source. What Looma itself says is nobody's."""
    if source.startswith("looma/"):
        raise Problem(403, "forbidden", "sources that begin with looma/ are reserved")
    if not speaks_for(caller, source):
        raise Problem(403, "forbidden", "this caller may not publish events of this source")
