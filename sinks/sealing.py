"""Values of topics encrypted at rest, for topics that hold personal data and that no stage of the pipeline reads.

A sealed message has the header `looma_sealed`, `1:` and the name of the key; its value is a nonce of 12 bytes and what
AES-256-GCM makes of the value packed by zstd, with the topic and the message's key as associated data. Keys, headers
and tombstones stay as they are. docs/guides/forget.md says how a consumer that is not ours reads it.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import cramjam
from aiokafka.structs import ConsumerRecord
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.envelope import Headers
from schemas.errors import LoomaError
from schemas.exits import Exit
from schemas.settings import KafkaSettings
from sinks.batches import UnpackError, unpack

SEALED = "looma_sealed"
KEY_BYTES, NONCE_BYTES = 32, 12
_VERSION = "1"
_ZSTD = 4  # Kafka's number of the codec


class SealingKeyError(LoomaError):
    """A key of `kafka.encryption_keys` is none; the text does not repeat it."""

    code = "sealing_key"
    exit_status = Exit.USAGE


class Sealed(NamedTuple):
    """A value and headers as they go into a topic."""

    value: bytes | None
    headers: Headers


class Ring:
    """The keys of a deployment: the first seals, each opens what it has sealed."""

    def __init__(self, keys: Sequence[bytes], topics: Collection[str]) -> None:
        self._ciphers: Mapping[str, AESGCM] = {name_of(key): AESGCM(key) for key in keys}
        self._first = name_of(keys[0])
        self._topics = tuple(topics)

    def seals(self, topic: str) -> bool:
        """Whether a topic is sealed; a generation's own has its name at its end."""
        return any(topic == each or topic.startswith(f"{each}-") for each in self._topics)

    def seal(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> Sealed:
        """Return what goes into a topic for a message; a tombstone, and what is of another topic, as it is."""
        if value is None or not self.seals(topic):
            return Sealed(value, headers)
        nonce = os.urandom(NONCE_BYTES)
        packed = bytes(cramjam.zstd.compress(value))
        sealed = nonce + self._ciphers[self._first].encrypt(nonce, packed, _bound(topic, key))
        return Sealed(sealed, [*headers, (SEALED, f"{_VERSION}:{self._first}".encode())])

    def opened(self, record: "ConsumerRecord[bytes, bytes]") -> "ConsumerRecord[bytes, bytes]":
        """Return a record as it was before it was sealed, however often; one that no key here opens stays as it is."""
        while (inner := self._opened(record)) is not None:
            record = inner
        return record

    def _opened(self, record: "ConsumerRecord[bytes, bytes]") -> "ConsumerRecord[bytes, bytes] | None":
        places = [number for number, (name, _) in enumerate(record.headers) if name == SEALED]
        if not places or record.value is None:
            return None
        said = (record.headers[places[-1]][1] or b"").decode("ascii", "replace")  # before it may be a publisher's
        cipher = self._ciphers.get(said.removeprefix(f"{_VERSION}:"))
        if cipher is None:
            return None
        nonce, rest = record.value[:NONCE_BYTES], record.value[NONCE_BYTES:]
        try:
            value = unpack(cipher.decrypt(nonce, rest, _bound(record.topic, record.key)), _ZSTD)
        except (InvalidTag, UnpackError, ValueError):
            return None
        headers = (*record.headers[: places[-1]], *record.headers[places[-1] + 1 :])
        return replace(record, value=value, headers=headers)


def _bound(topic: str, key: bytes | None) -> bytes:
    """Return what a sealed value belongs to, so that it passes for no other's."""
    return topic.encode() + b"\0" + (key or b"")


def name_of(key: bytes) -> str:
    """Return a key's name, from which nobody learns the key."""
    return hashlib.sha256(b"looma topic key\0" + key).hexdigest()[:16]


def ring(kafka: KafkaSettings) -> Ring | None:
    """Return the keys of the settings; None if they have none. Raises SealingKeyError."""
    if not kafka.encryption_keys:
        return None
    return _ring(tuple(key.get_secret_value() for key in kafka.encryption_keys), tuple(kafka.sealed_topics))


@lru_cache(maxsize=4)
def _ring(secrets: tuple[str, ...], topics: tuple[str, ...]) -> Ring:
    return Ring([_key(secret) for secret in secrets], topics)


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SealingKeyError(f"kafka.encryption_keys: write base64 of {KEY_BYTES} random bytes")
    return key
