"""MongoDB: a key for each person, kept apart from what it seals, so that destroying it makes her part unreadable."""

import secrets
from collections.abc import Collection
from typing import Any

from pymongo import UpdateOne

from sinks.field_encryption import VAULT
from sinks.mongodb import Database

KEYS = "person_keys"
NOBODY = ""
"""Whose key seals what is no person's."""


class PersonKeys:
    """Keys of 256 bits in the database `<database>-keys`, each under a random name that says nothing of the person."""

    def __init__(self, base: Database) -> None:
        database = base.client.get_database(f"{base.name}-keys", write_concern=base.write_concern)
        self._keys, self._field_keys = database[KEYS], database[VAULT]

    async def of(self, people: Collection[str]) -> dict[str, tuple[bytes, bytes]]:
        """Return the name and the key of each person; who has none gets one."""
        found = {d["_id"]: d for d in await self._find("_id", people)}
        if missing := set(people) - found.keys():
            fresh = {p: {"name": secrets.token_bytes(16), "key": secrets.token_bytes(32)} for p in missing}
            await self._keys.create_index("name", unique=True)
            await self._keys.bulk_write(
                [UpdateOne({"_id": p}, {"$setOnInsert": values}, upsert=True) for p, values in fresh.items()],
                ordered=False,
            )
            found |= {d["_id"]: d for d in await self._find("_id", missing)}
        return {p: (bytes(d["name"]), bytes(d["key"])) for p, d in found.items()}

    async def named(self, names: Collection[bytes]) -> dict[bytes, bytes]:
        """Return the keys that still exist, by name."""
        return {bytes(d["name"]): bytes(d["key"]) for d in await self._find("name", names)}

    async def take(self, other: "PersonKeys") -> None:
        """Copy all keys of another database; those that are there already stay."""
        batch: list[UpdateOne] = []
        async for document in other._keys.find({}):
            batch.append(UpdateOne({"_id": document["_id"]}, {"$setOnInsert": document}, upsert=True))
            if len(batch) == 1000:
                await self._keys.bulk_write(batch, ordered=False)
                batch = []
        if batch:
            await self._keys.bulk_write(batch, ordered=False)
        await self._keys.create_index("name", unique=True)

    async def destroy(self, person: str) -> None:
        """Make whatever is sealed or encrypted with a person's keys unreadable, for good."""
        await self._keys.delete_one({"_id": person})
        await self._field_keys.delete_one({"keyAltNames": person})

    async def _find(self, field: str, values: Collection[Any]) -> list[dict[str, Any]]:
        return [d async for d in self._keys.find({field: {"$in": list(values)}})]
