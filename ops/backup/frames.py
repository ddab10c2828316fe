"""The file of a backup: BSON documents in a row, of which the last seals all before it.

The first says which format it is, those that follow are sealed parts, and the end has their number and, sealed with
nobody's key, the SHA-256 of every byte before it. So a part that is missing, exchanged or added is found, too.
"""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import bson
from bson.errors import BSONError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ops.backup import BackupError

FORMAT = "looma-backup-2"
UNSEALED = "looma-backup-1"
"""Of earlier versions: the end is not sealed. Whoever can write to a backup can call it so, and leave parts out."""
MAX_FRAME_BYTES = 64 * 1024 * 1024
"""A document of MongoDB has 16 MiB at most, a message 4."""
NONCE = 12
_LENGTH = 4


class Writer:
    """Writes the documents of a backup and remembers their hash."""

    def __init__(self, file: BinaryIO, migration: int) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.write(bson.encode({"format": FORMAT, "migration": migration}))

    def write(self, frames: bytes) -> None:
        """Write whole documents."""
        self._digest.update(frames)
        self._file.write(frames)

    def end(self, count: int, key: tuple[bytes, bytes]) -> None:
        """Write the end: `key` is nobody's, its name and itself."""
        name, secret = key
        seal = seal_with(secret, self._digest.digest())
        self._file.write(bson.encode({"end": count, "key": name, "seal": seal}))


class Frames:
    """Iterates over the sealed parts of a backup. Raises BackupError unless it is a whole one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.migration = 0
        self.end: dict[str, Any] = {}
        self._digest = hashlib.sha256()
        self.is_sealed = True

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self._file.seek(0)
        count = 0
        first = self._decoded(raw := self._next())
        self._digest = hashlib.sha256(raw)
        if first.get("format") not in (FORMAT, UNSEALED):
            raise BackupError("this is no backup")
        self.is_sealed = first["format"] == FORMAT
        self.migration = int(first.get("migration", 0))
        while "sealed" in (frame := self._decoded(raw := self._next())):
            self._digest.update(raw)
            count += 1
            yield frame
        if frame.get("end") != count or self._file.read(1):
            raise BackupError("the end of the backup is missing, or not where it should be")
        self.end = frame

    def key_name(self) -> bytes | None:
        """Return the name of the key that the end is sealed with, once all was read."""
        return self.end.get("key")

    def check_end(self, keys: Mapping[bytes, bytes], *, unsealed: bool = False) -> None:
        """Raise BackupError unless the end seals what was read; with `unsealed`, one of an earlier version has none."""
        if not self.is_sealed:
            if unsealed:
                return
            raise BackupError(
                "its end is not sealed, as in backups of earlier versions: parts may be missing unseen; "
                "--unsealed takes it as it is"
            )
        name = self.key_name()
        if name is None or name not in keys:
            raise BackupError(
                "the key of the backup is not in the database of keys, so nobody can say that it is whole"
            )
        try:
            is_right = opened_with(keys[name], self.end.get("seal", b"")) == self._digest.digest()
        except InvalidTag:
            is_right = False
        if not is_right:
            raise BackupError("the backup was changed since it was written: its parts are not those that its end seals")

    def _next(self) -> bytes:
        head = self._file.read(_LENGTH)
        length = int.from_bytes(head, "little")
        if len(head) < _LENGTH or not _LENGTH < length <= MAX_FRAME_BYTES:
            raise BackupError("this is no backup, or its end is missing")
        raw = head + self._file.read(length - _LENGTH)
        if len(raw) < length:
            raise BackupError("the end of the backup is missing")
        return raw

    def _decoded(self, raw: bytes) -> dict[str, Any]:
        try:
            return bson.decode(raw)
        except BSONError as error:
            raise BackupError("the backup is damaged") from error


def seal_with(key: bytes, content: bytes) -> bytes:
    """Encrypt and authenticate with a key, by AES-256-GCM."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, None)


def opened_with(key: bytes, sealed: bytes) -> bytes:
    """Return what was sealed. Raises InvalidTag if it was changed, or is of another key."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], None)
    except ValueError:  # too short to be sealed
        raise InvalidTag from None
