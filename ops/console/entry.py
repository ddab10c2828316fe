"""How people get in: a token opens once, and a session is in a cookie that no page can read.

A session names who it is for and when it ends, signed with the deployment's secret. Nothing is stored for it: whoever
came in by an API key is let in for as long as the key holds.
"""

import json
import time
from typing import NamedTuple

from ops.api.signing import Signer
from ops.console.address import TOKEN
from sinks.requests import Begun, RequestStore

COOKIE = "looma_session"
SESSION_SECONDS = 12 * 3600
_SESSION = "console session"


class Session(NamedTuple):
    """Who is in: the holder of an API key, by the key's id, or, without one, whoever works on this machine."""

    key: str | None
    until: int


async def spend(signer: Signer, requests: RequestStore, token: str) -> bool:
    """Whether a token opens the console now; never again, whichever process is asked."""
    said = signer.read(TOKEN, token)
    if said is None:
        return False
    number, until = json.loads(said)
    if until < time.time():
        return False
    begun = await requests.begin("console", number, "token")
    if not isinstance(begun, Begun):
        return False
    await requests.finish(begun, None)
    return True


def new_session(signer: Signer, key: str | None) -> str:
    """Return what the cookie holds."""
    return signer.sign(_SESSION, json.dumps([key, int(time.time()) + SESSION_SECONDS]))


def session_of(signer: Signer, cookie: str | None) -> Session | None:
    """Return the session of a cookie; None for one that has ended or was not made here."""
    said = signer.read(_SESSION, cookie) if cookie else None
    if said is None:
        return None
    session = Session(*json.loads(said))
    return session if session.until > time.time() else None
