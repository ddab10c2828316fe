"""Values of topics encrypted at rest: what goes to Kafka is sealed at the door, and opened where it is fetched.

A sealed message has the header `looma_sealed`, `2:` and the name of the key. Its value is a salt of 16 bytes, a nonce
of 12, and what AES-256-GCM makes of the value packed by zstd, under a key derived from the deployment's by the salt
(HMAC-SHA-256), with the topic and the message's key as associated data. Each process has salts of its own: random
nonces under one key would be good for 2^32 messages (NIST SP 800-38D, 8.3). Version 1 had no salt. Keys, headers and
tombstones stay as they are. docs/guides/forget.md says how a consumer that is not ours reads it.
"""

import base64
import binascii
import hashlib
import hmac
import os
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, cast

import cramjam
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from loguru import logger

from schemas.envelope import Headers
from schemas.errors import LoomaError
from schemas.exits import Exit
from schemas.settings import ALL_OURS, FileSecret, KafkaSettings
from schemas.topics import TOPICS, among, of_kind
from sinks.batches import UnpackError, unpack

SEALED = "looma_sealed"
MOST_OF_NAME = 100
"""Bytes of the header that are looked at: anybody may write one."""
SEALED_SECONDS = 10.0
"""How often a partition that waits for a key is looked at: it may be here by now, or what it opens be gone."""
KEY_BYTES, SALT_BYTES, NONCE_BYTES = 32, 16, 12
OURS = frozenset(spec.name for spec in TOPICS if spec.is_personal and spec.kind != "source")
"""What we write and may speak of a person."""
_SOURCES = of_kind("source")
_ZSTD = 4  # Kafka's number of the codec
_MOST_OF_SALT = 2**28
"""Messages under one salt: the odds that two have one nonce stay below 2^-40."""
_READ_AGAIN_SECONDS = 5.0
_MOST_OF_FILE = 64 * 1024


class SealingKeyError(LoomaError):
    """A key of `kafka.encryption_keys` is none; the text does not repeat it."""

    code = "sealing_key"
    exit_status = Exit.USAGE


class NoKeyError(LoomaError, KafkaError):  # type: ignore[misc]
    """A message is sealed by a key that is not among `kafka.encryption_keys`; the text says which."""

    code = "no_sealing_key"
    exit_status = Exit.USAGE

    def __str__(self) -> str:
        return str(self.args[0])


class Sealed(NamedTuple):
    """A value and headers as they go into a topic."""

    value: bytes | None
    headers: Headers


class Ring:
    """The keys of a deployment: the first seals, each opens what it has sealed. Without any it seals nothing.

    Where a message needs another key, `files` are read again. What they have got since opens; it seals after a restart.
    """

    def __init__(self, keys: Sequence[bytes], topics: Collection[str], files: Collection[Path] = ()) -> None:
        self._keys: Mapping[str, bytes] = {name_of(key): key for key in keys}
        self._files, self._read_again_at = tuple(files), 0.0
        names = frozenset(topics) - {ALL_OURS} | (OURS if ALL_OURS in topics else frozenset())
        self._is_named = among(names)
        self._lenient = _SOURCES - names
        self._begin()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its keys, the one that seals first."""
        return tuple(self._keys)

    def _begin(self) -> None:
        self._salt, self._left = os.urandom(SALT_BYTES), _MOST_OF_SALT
        name = next(iter(self._keys), None)
        self._cipher = _derived(self._keys[name], self._salt) if name else None
        self._name = f"2:{name}".encode()

    def seals(self, topic: str) -> bool:
        """Whether a topic is sealed."""
        return self._cipher is not None and self._is_named(topic)

    def seal(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers) -> Sealed:
        """Return what goes into a topic for a message; a tombstone, and what is of another topic, as it is."""
        if value is None or not self.seals(topic):
            return Sealed(value, headers)
        if not self._left:
            self._begin()
        self._left -= 1
        nonce, packed = os.urandom(NONCE_BYTES), bytes(cramjam.zstd.compress(value))
        sealed = cast(AESGCM, self._cipher).encrypt(nonce, packed, _bound(topic, key))
        return Sealed(self._salt + nonce + sealed, [*headers, (SEALED, self._name)])

    def open(self, topic: str, key: bytes | None, sealed: Sealed, *, is_lenient: bool | None = None) -> Sealed:
        """Return what was sealed, however often; as it is where it was changed, or sealed for another place.

        Raises NoKeyError if no key here opens it. Where others write it comes as it is, unless the settings say that
        their topic is sealed: anybody who may write there could name a key that nobody has, and stop all readers.
        """
        if sealed.value is None or not any(name == SEALED for name, _ in sealed.headers):
            return sealed
        inner = self._opened(topic, key, sealed)
        if isinstance(inner, str):
            if topic in self._lenient if is_lenient is None else is_lenient:
                return sealed
            raise NoKeyError(f"{topic} holds what the key {inner} has sealed, which is not in kafka.encryption_keys")
        while isinstance(inner, Sealed):
            sealed, inner = inner, self._opened(topic, key, inner)
        return sealed

    def opened(self, record: "ConsumerRecord[bytes, bytes]") -> "ConsumerRecord[bytes, bytes]":
        """Return a record as it was before it was sealed; see `open`."""
        if not any(name == SEALED for name, _ in record.headers):
            return record
        sealed = Sealed(record.value, cast(Headers, record.headers))
        inner = self.open(record.topic, record.key, sealed)
        return record if inner is sealed else replace(record, value=inner.value, headers=tuple(inner.headers))

    def lacks(self, record: "ConsumerRecord[bytes, bytes]") -> str | None:
        """Return the name of the key that a record needs and is not here."""
        inner = self._opened(record.topic, record.key, Sealed(record.value, cast(Headers, record.headers)))
        return inner if isinstance(inner, str) and record.topic not in self._lenient else None

    def _opened(self, topic: str, key: bytes | None, sealed: Sealed) -> Sealed | str | None:
        """Open once; return the key's name if it is not here, None if it opens nothing."""
        places = [n for n, (name, _) in enumerate(sealed.headers) if name == SEALED or name.startswith("dlq_")]
        if not places or sealed.value is None:
            return None
        last = places[-1]  # before it may be a publisher's
        if sealed.headers[last][0] != SEALED:  # a dead letter's own headers stand behind its message's, its seal last
            return None
        said = (sealed.headers[last][1] or b"")[:MOST_OF_NAME].decode("ascii", "replace")
        version, _, name = said.partition(":")
        secret = self._key(name) if version in ("1", "2") else None
        if secret is None:
            return name if version in ("1", "2") and name.isalnum() else repr(said)
        begin = 0 if version == "1" else SALT_BYTES
        salt, nonce = sealed.value[:begin], sealed.value[begin : begin + NONCE_BYTES]
        cipher = AESGCM(secret) if version == "1" else _derived(secret, salt)
        try:
            packed = cipher.decrypt(nonce, sealed.value[begin + NONCE_BYTES :], _bound(topic, key))
            value = unpack(packed, _ZSTD)
        except (InvalidTag, UnpackError, ValueError):
            return None
        return Sealed(value, [*sealed.headers[:last], *sealed.headers[last + 1 :]])

    def _key(self, name: str) -> bytes | None:
        """Return a key. For one that is not here the files are read again, but not each time that somebody names it."""
        if name not in self._keys and self._files and time.monotonic() >= self._read_again_at:
            self._read_again_at = time.monotonic() + _READ_AGAIN_SECONDS
            for file in self._files:
                self._keys = {**self._keys, **_keys_in_file(file)}  # the first stays the first
        return self._keys.get(name)


@lru_cache(maxsize=1024)
def _derived(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(hmac.digest(key, b"looma topic salt\0" + salt, "sha256"))


def _bound(topic: str, key: bytes | None) -> bytes:
    """Return what a sealed value belongs to, so that it passes for no other's."""
    return topic.encode() + b"\0" + (key or b"")


def name_of(key: bytes) -> str:
    """Return a key's name, from which nobody learns the key."""
    return hashlib.sha256(b"looma topic key\0" + key).hexdigest()[:16]


def ring(kafka: KafkaSettings) -> Ring:
    """Return the keys of the settings, and what they seal. Raises SealingKeyError."""
    secrets = kafka.encryption_keys
    files = tuple(each.file for each in secrets if isinstance(each, FileSecret))
    return _ring(tuple(each.get_secret_value() for each in secrets), tuple(kafka.sealed_topics), files)


@lru_cache(maxsize=4)
def _ring(secrets: tuple[str, ...], topics: tuple[str, ...], files: tuple[Path, ...]) -> Ring:
    return Ring([key for secret in secrets for key in _keys_in(secret)], topics, files)


def _keys_in(secret: str) -> list[bytes]:
    """Return the keys in a secret, one a line. Raises SealingKeyError."""
    try:
        keys = [base64.b64decode(line, validate=True) for line in secret.split()]
    except (binascii.Error, ValueError):
        keys = []
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise SealingKeyError(f"kafka.encryption_keys: write base64 of {KEY_BYTES} random bytes")
    return keys


def _keys_in_file(file: Path) -> dict[str, bytes]:
    """Return the keys in a file by their names; none, and a line in the log, if it cannot be read just now."""
    try:
        with file.open("rb") as opened:
            keys = _keys_in(opened.read(_MOST_OF_FILE).decode())
    except (OSError, UnicodeDecodeError, SealingKeyError) as error:
        logger.warning("the keys in {} cannot be read: {}", file, type(error).__name__)
        return {}
    return {name_of(key): key for key in keys}
