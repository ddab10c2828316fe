"""Tokens that say something and that only this deployment can have made: operations, cursors, positions of streams."""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from ops.runtime.data_folder import make_private
from schemas.settings import Settings

_BYTES = 16
_FILE = "api-secret"


class Signer:
    """Makes tokens and reads them. A token is good for its purpose alone."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, purpose: str, text: str) -> str:
        """Return a token, safe in a URL, that says `text` to everybody."""
        return _encoded(self._mac(purpose, text) + text.encode())

    def read(self, purpose: str, token: str) -> str | None:
        """Return what a token says; None if it was not made here for this purpose."""
        try:
            raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
            text = raw[_BYTES:].decode()
        except (UnicodeError, binascii.Error, ValueError):
            return None
        return text if hmac.compare_digest(raw[:_BYTES], self._mac(purpose, text)) else None

    def _mac(self, purpose: str, text: str) -> bytes:
        return hmac.digest(self._secret, f"{purpose}\0{text}".encode(), hashlib.sha256)[:_BYTES]


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def secret_of(settings: Settings) -> bytes:
    """Return the deployment's secret: `api.secret`, or one that the data folder keeps, made when first needed."""
    if settings.api.secret is not None:
        return settings.api.secret.get_secret_value().encode()
    file = make_private(settings.data_dir) / _FILE
    if not file.exists():
        _make(file)
    return file.read_bytes()


def _make(file: Path) -> None:
    """Write a new secret whole, unless another process was faster."""
    own = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as new:
        new.write(secrets.token_hex(32).encode())
        new.flush()
        os.fsync(new.fileno())
    try:
        os.link(own, file)
    except FileExistsError:
        pass
    finally:
        own.unlink()
