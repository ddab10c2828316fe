"""Where the console is, with a token that opens it once: what commands print."""

import json
import secrets
import time

from ops.api.address import address_of
from ops.api.signing import Signer
from ops.runtime.secret import secret_of
from schemas.settings import Settings

PATH = "/console"
TOKEN = "console token"  # noqa: S105
"""The purpose that tokens are signed for."""
TOKEN_SECONDS = 3600


def new_token(signer: Signer) -> str:
    """Return a token that opens the console once, within TOKEN_SECONDS, for whoever works on this machine."""
    return signer.sign(TOKEN, json.dumps([secrets.token_hex(8), int(time.time()) + TOKEN_SECONDS]))


def console_address(settings: Settings) -> str:
    """Return where `looma api` serves the console on this machine, with a token."""
    scheme = "https" if settings.api.certificate_file else "http"
    base = address_of(scheme, settings.api.host, settings.api.port)
    return f"{base}{PATH}/?token={new_token(Signer(secret_of(settings)))}"
