"""MongoDB: who is forgotten, by keyed hash, so that late events of a person do not bring her back.

The list and its key are in a database of their own, which is backed up and restored apart from the others: a restored
backup of the records must not bring back a list that does not know of a later forget.
"""

import hashlib
import hmac
import secrets
import time
from datetime import UTC, datetime

from sinks.mongodb import Database

LIST, KEYS = "forgotten", "keys"
VIEW_SECONDS = 1.0
_KEY = "forgotten"


class Forgotten:
    """The list as a reader knows it: never older than VIEW_SECONDS when it has been refreshed. Holds hashes alone."""

    def __init__(self, base: Database) -> None:
        self._database = base.client.get_database(f"{base.name}-keys", write_concern=base.write_concern)
        self._digests: frozenset[str] = frozenset()
        self._key = b""
        self._read_at = float("-inf")

    def __contains__(self, person: object) -> bool:
        """Whether a person, by id, is forgotten, as of the last refresh."""
        return bool(self._digests) and isinstance(person, str) and self._digest(person) in self._digests

    async def refresh(self) -> None:
        """Read the list again if it is older than VIEW_SECONDS and has grown."""
        now = time.monotonic()
        if now - self._read_at < VIEW_SECONDS:
            return
        if await self._database[LIST].count_documents({}) != len(self._digests):
            self._key = await self._secret()
            self._digests = frozenset([d["_id"] async for d in self._database[LIST].find({}, {"_id": 1})])
        self._read_at = now

    async def begin(self, person: str) -> datetime | None:
        """Put a person on the list; return when forgetting her was finished, if it was."""
        self._key = await self._secret()
        query = {"_id": self._digest(person)}
        await self._database[LIST].update_one(query, {"$setOnInsert": {"begun": datetime.now(UTC)}}, upsert=True)
        found = await self._database[LIST].find_one(query)
        return found.get("done") if found else None

    async def finish(self, person: str) -> None:
        """Note that nothing of a person is left."""
        change = {"$set": {"done": datetime.now(UTC)}}
        await self._database[LIST].update_one({"_id": self._digest(person)}, change)

    def _digest(self, person: str) -> str:
        return hmac.digest(self._key, person.encode(), hashlib.sha256).hex()

    async def _secret(self) -> bytes:
        fresh = {"$setOnInsert": {"key": secrets.token_bytes(32)}}
        await self._database[KEYS].update_one({"_id": _KEY}, fresh, upsert=True)
        found = await self._database[KEYS].find_one({"_id": _KEY})
        assert found
        return bytes(found["key"])
