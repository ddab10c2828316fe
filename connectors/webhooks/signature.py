"""The signature by which a receiver knows that a request is ours, and of now.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac

PREFIX = "whsec_"
LEAST_BYTES, MOST_BYTES = 24, 64


def key_of(secret: str) -> bytes:
    """Return the key in a secret, `whsec_` and base64 of 24 to 64 bytes. Raises ValueError, without repeating it."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError(f"a webhook's secret is {PREFIX} and base64 of {LEAST_BYTES} to {MOST_BYTES} bytes")
    return key


def headers(key: bytes, message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """Return the headers of a request sent at a time, in seconds since the epoch."""
    signed = f"{message_id}.{seconds}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(seconds), "webhook-signature": f"v1,{signature}"}
