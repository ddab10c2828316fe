"""MongoDB: API keys by their HMAC alone. Who reads the store, or a backup of it, holds no key.

A key is 256 random bits, so a keyed hash is enough: there is nothing to guess. Keys are in
the database `<database>-keys`, apart from the records: a restored backup of those must not bring a revoked key back.
"""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from loguru import logger

from schemas.access import ApiKey
from schemas.errors import LoomaError
from sinks.mongodb import Database

KEYS, CHANGES = "api_keys", "api_key_changes"
PREFIX = "lk_"
MAX_KEYS = 10_000
VIEW_SECONDS = 1.0
"""How old what a process knows of the keys may be: a revoked one is refused everywhere after this."""
FULL_SECONDS = 60.0
"""After which all are read again, whether a change was announced or not."""
ASK_SECONDS = 3.0
"""How long the store may take to answer."""
BLIND_SECONDS = 15.0
"""After which a view that cannot read the store lets nobody in."""

_MAX_LENGTH = 128


class KeysError(LoomaError):
    """A key cannot be made or changed; the text says why."""

    code = "keys"


class KeyViewError(LoomaError):
    """The store of the keys has not answered for so long that nobody is let in."""

    code = "keys_unavailable"


@dataclass(frozen=True, slots=True)
class _Entry:
    key: ApiKey
    digest: str
    until: datetime | None


class KeyStore:
    """Makes, lists, rotates and revokes keys. `secret` is the deployment's."""

    def __init__(self, base: Database, secret: bytes) -> None:
        database = base.client.get_database(f"{base.name}-keys", write_concern=base.write_concern)
        self._keys, self._changes = database[KEYS], database[CHANGES]
        self._secret = secret

    async def create(self, **values: Any) -> tuple[ApiKey, str]:
        """Make a key of `ApiKey`'s values; return it and what its holder sends, which is known only now."""
        if await self._keys.count_documents({}) >= MAX_KEYS:
            raise KeysError(f"there are {MAX_KEYS} keys already; revoked ones are removed by `looma keys prune`")
        key = ApiKey(id=f"k{secrets.token_hex(6)}", created=datetime.now(UTC), **values)
        secret = _new()
        document = {**_document(key), "secrets": [{"digest": self.digest(secret), "until": None}]}
        await self._keys.insert_one(document)
        await self._announce()
        return key, secret

    async def all(self) -> list[ApiKey]:
        """Return every key, the newest last."""
        return [_key(d) async for d in self._keys.find({}).sort("created", 1)]

    async def rotate(self, key_id: str, grace: timedelta) -> str:
        """Give a key another secret and return it; the one before opens for `grace` more. Raises KeysError."""
        found = await self._find(key_id)
        now = datetime.now(UTC)
        if _key(found).state(now) != "active":
            raise KeysError(f"{key_id} is {_key(found).state(now)}; make another one")
        secret = _new()
        newest = found["secrets"][-1]["digest"]
        kept = [{"digest": newest, "until": now + grace}] if grace else []
        change = {"secrets": [*kept, {"digest": self.digest(secret), "until": None}]}
        done = await self._keys.update_one({"_id": key_id, "secrets": found["secrets"]}, {"$set": change})
        if not done.matched_count:
            raise KeysError(f"{key_id} was rotated by somebody else just now")
        await self._announce()
        return secret

    async def revoke(self, key_id: str) -> ApiKey:
        """Close a key for good; it is refused everywhere within VIEW_SECONDS. Repeating is safe. Raises KeysError."""
        found = await self._find(key_id)
        if not found.get("revoked"):
            found["revoked"] = datetime.now(UTC)
            await self._keys.update_one({"_id": key_id}, {"$set": {"revoked": found["revoked"]}})
        await self._announce()
        return _key(found)

    async def prune(self) -> list[str]:
        """Remove what opens nothing any more; return the ids."""
        now = datetime.now(UTC)
        gone = [key.id for key in await self.all() if key.state(now) != "active"]
        await self._keys.delete_many({"_id": {"$in": gone}})
        await self._announce()
        return gone

    def digest(self, secret: str) -> str:
        """Return what is stored of a key's secret."""
        return hmac.digest(self._secret, b"api key\0" + secret.encode(), hashlib.sha256).hex()

    async def _find(self, key_id: str) -> dict[str, Any]:
        found = await self._keys.find_one({"_id": key_id})
        if found is None:
            raise KeysError(f"no key {key_id}; `looma keys list` shows them")
        return found

    async def _announce(self) -> None:
        await self._changes.update_one({"_id": "keys"}, {"$inc": {"changes": 1}}, upsert=True)

    async def version(self) -> int:
        """Return how often the keys have been changed."""
        found = await self._changes.find_one({"_id": "keys"})
        return int(found["changes"]) if found else 0

    async def entries(self) -> dict[str, _Entry]:
        """Return what opens something, by the digest of the secret."""
        entries = {}
        async for document in self._keys.find({"revoked": None}):
            key = _key(document)
            for secret in document["secrets"]:
                entries[secret["digest"]] = _Entry(key, secret["digest"], secret["until"])
        return entries


class KeyView:
    """The keys as one process knows them: all of them, at most MAX_KEYS, never older than VIEW_SECONDS."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self._entries: Mapping[str, _Entry] = {}
        self._version = -1
        self._tried = self._asked = self._read = float("-inf")
        self._lock = asyncio.Lock()
        self._ahead: asyncio.Task[None] | None = None

    async def find(self, secret: str) -> ApiKey | None:
        """Return the key that a secret opens by now; None for any other text. Raises KeyViewError."""
        await self._refresh()
        return self._found(secret)

    def known(self, secret: str) -> ApiKey | None:
        """Return the key that a secret opens, if that needs no waiting: ask `find` about any other.

        While it is asked, the view is read again before it is too old, so that nobody has to wait for that.
        """
        age = time.monotonic() - self._tried
        if age >= VIEW_SECONDS / 2 and (self._ahead is None or self._ahead.done()):
            self._ahead = asyncio.create_task(self._look(VIEW_SECONDS / 2))
        return self._found(secret) if age < VIEW_SECONDS and not self._is_blind else None

    async def get(self, key_id: str) -> ApiKey | None:
        """Return a key that opens something by now, by its id; None for any other. Raises KeyViewError."""
        await self._refresh()
        now = datetime.now(UTC)
        found = (e.key for e in self._entries.values() if e.key.id == key_id)
        return next((key for key in found if key.state(now) == "active"), None)

    def _found(self, secret: str) -> ApiKey | None:
        if not secret.startswith(PREFIX) or len(secret) > _MAX_LENGTH or not secret.isascii():
            return None
        digest = self._store.digest(secret)
        entry = self._entries.get(digest)
        if entry is None or not hmac.compare_digest(entry.digest, digest):
            return None
        now = datetime.now(UTC)
        is_over = entry.until is not None and entry.until <= now
        return None if is_over or entry.key.state(now) != "active" else entry.key

    @property
    def _is_blind(self) -> bool:
        return time.monotonic() - self._asked > BLIND_SECONDS

    async def _refresh(self) -> None:
        """Have a view that is not older than VIEW_SECONDS; while the store is away, it is asked as often."""
        await self._look(VIEW_SECONDS)
        if self._is_blind:
            raise KeyViewError("the store of the keys does not answer; repeat the request")

    async def _look(self, age: float) -> None:
        """Read again what is older than `age`."""
        if time.monotonic() - self._tried >= age:
            async with self._lock:  # one asks, the others have its answer
                if time.monotonic() - self._tried >= age:
                    await self._ask()

    async def _ask(self) -> None:
        begun = time.monotonic()
        try:
            async with asyncio.timeout(ASK_SECONDS):
                version = await self._store.version()
                if version != self._version or begun - self._read >= FULL_SECONDS:
                    self._entries = await self._store.entries()
                    self._version, self._read = version, begun
            self._asked = begun
        except Exception as error:
            logger.warning("the store of the keys does not answer: {}", type(error).__name__)
        self._tried = time.monotonic()


def _new() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def _document(key: ApiKey) -> dict[str, Any]:
    values = key.model_dump()
    return {"_id": values.pop("id"), **values, "scopes": sorted(key.scopes), "sources": sorted(key.sources)}


def _key(document: Mapping[str, Any]) -> ApiKey:
    return ApiKey(id=document["_id"], **{n: v for n, v in document.items() if n not in ("_id", "secrets")})
