"""Tokens that say something and that only this deployment can have made: operations, cursors, positions of streams."""

import base64
import binascii
import hashlib
import hmac

_BYTES = 16


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
