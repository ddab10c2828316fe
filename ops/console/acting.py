"""What a page does: the API's own functions, asked to wait for the outcome and safe against a second click."""

import json
from typing import NamedTuple

from fastapi import Request, Response
from starlette.types import Message

WAIT = b"wait=5"
"""How long a page waits for what becomes of an act."""


class Done(NamedTuple):
    """What became of an act: its state as operations have it, and its event's id."""

    state: str
    event: str


async def asking(request: Request, once: str | None = None) -> Request:
    """Return a request that waits for the outcome; with `once`, a second like it has no further effect."""
    kept = [(name, value) for name, value in request.scope["headers"] if name not in (b"prefer", b"idempotency-key")]
    kept.append((b"prefer", WAIT))
    if once:
        kept.append((b"idempotency-key", once.encode()))
    body = await request.body()

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({**request.scope, "headers": kept}, receive)


def done(response: Response) -> Done:
    """Return what an answer of the API says."""
    said = json.loads(bytes(response.body))
    if "operations" in said:
        return Done("accepted", said["operations"][0]["event"])
    return Done(said["state"], said["event"])
