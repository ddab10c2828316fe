"""Requests that carry an Idempotency-Key: each is done once, however often it is sent.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from pymongo import IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from schemas.envelope import derived_id
from sinks.mongodb import Database

REQUESTS = "api_requests"
KEPT = timedelta(hours=24)
LEASE = timedelta(seconds=60)
"""How long a request may be under way before another may take it up: longer than the API lets one take."""
INDEXES: Mapping[str, Sequence[IndexModel]] = {
    REQUESTS: [IndexModel([("expires", 1)], name="expires", expireAfterSeconds=0)],
}


class Begun(NamedTuple):
    """A request that is to be done now. `time` stays the same however often it is taken up."""

    id: str
    time: datetime
    lease: datetime


class Done(NamedTuple):
    """A request that has been done, and what was answered."""

    answer: Any


class RequestStore:
    """What became of requests, by caller and key: hashes of both, and answers without personal data."""

    def __init__(self, base: Database) -> None:
        self._requests = base[REQUESTS]

    async def begin(self, caller: str, key: str, fingerprint: str) -> Begun | Done | None:
        """Return what to do about a request; None while another like it is under way.

        Raises ValueError if the key came with another request before.
        """
        now = _now()
        request = Begun(derived_id("request", caller, key), now, now + LEASE)
        try:
            await self._requests.insert_one(
                {
                    "_id": request.id,
                    "fingerprint": fingerprint,
                    "time": now,
                    "lease": request.lease,
                    "expires": now + KEPT,
                }
            )
        except DuplicateKeyError:
            return await self._again(request, fingerprint)
        return request

    async def _again(self, request: Begun, fingerprint: str) -> Begun | Done | None:
        known = await self._requests.find_one({"_id": request.id})
        if known is None:  # it has expired this moment
            return None
        if known["fingerprint"] != fingerprint:
            raise ValueError("the key came with another request before")
        if "answer" in known:
            return Done(known["answer"])
        free = {"_id": request.id, "answer": {"$exists": False}, "lease": {"$lt": request.time}}
        taken = await self._requests.find_one_and_update(
            free, {"$set": {"lease": request.lease}}, return_document=ReturnDocument.AFTER
        )
        return Begun(request.id, taken["time"], taken["lease"]) if taken else None

    async def finish(self, request: Begun, answer: Any) -> None:
        """Remember the answer of a request."""
        await self._requests.update_one({"_id": request.id}, {"$set": {"answer": answer}})

    async def release(self, request: Begun) -> None:
        """Let the request be sent again: it was refused, or nobody knows whether it was done."""
        await self._requests.update_one({"_id": request.id, "lease": request.lease}, {"$set": {"lease": request.time}})

    async def forget(self, request: Begun) -> None:
        """Let the key be used for another request: this one was refused and has done nothing."""
        await self._requests.delete_one({"_id": request.id, "lease": request.lease})


def _now() -> datetime:
    """Return the time as MongoDB keeps it: in milliseconds."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
