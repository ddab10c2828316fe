"""MongoDB: a key for each person, kept apart from what it seals, so that destroying it makes her part unreadable."""

import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from pymongo import InsertOne

from sinks.bulk import guarded_write
from sinks.errors import ConflictError
from sinks.field_encryption import VAULT
from sinks.lookup import having
from sinks.mongodb import Database
from sinks.scan import everything

K = TypeVar("K")
V = TypeVar("V")
KEYS = "person_keys"
NOBODY = ""
"""Whose key seals what is no person's."""
MOST_KNOWN = 200_000
"""Keys that one task keeps: some 50 MB."""


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
            await self._add([{"_id": person, **values} for person, values in fresh.items()])
            found |= {d["_id"]: d for d in await self._find("_id", missing)}
        return {p: (bytes(d["name"]), bytes(d["key"])) for p, d in found.items()}

    async def named(self, names: Collection[bytes]) -> dict[bytes, bytes]:
        """Return the keys that still exist, by name."""
        return {bytes(d["name"]): bytes(d["key"]) for d in await self._find("name", names)}

    async def take(self, other: "PersonKeys") -> None:
        """Copy all keys of another database; those that are there already stay."""
        await self._keys.create_index("name", unique=True)
        batch: list[dict[str, Any]] = []
        async for document in everything(other._keys.find({})):
            batch.append(document)
            if len(batch) == 1000:
                await self._add(batch)
                batch = []
        await self._add(batch)

    async def destroy(self, person: str) -> None:
        """Make whatever is sealed or encrypted with a person's keys unreadable, for good."""
        await self._keys.delete_one({"_id": person})
        await self._field_keys.delete_one({"keyAltNames": person})

    async def _add(self, documents: Sequence[dict[str, Any]]) -> None:
        """Insert keys; who has one keeps it. An upsert of each would sync the journal for each (embedded)."""
        if documents:
            with suppress(ConflictError):
                await guarded_write(self._keys.database, KEYS, [InsertOne(document) for document in documents])

    async def _find(self, field: str, values: Collection[Any]) -> list[dict[str, Any]]:
        return [d async for d in having(self._keys, field, values)]


class KnownKeys:
    """Keys as one task needs them, each looked up once: a person's parts lie in several places of a backup.

    Not to be kept: a key that is destroyed meanwhile stays known.
    """

    def __init__(self, keys: PersonKeys) -> None:
        self._keys = keys
        self._of: dict[str, tuple[bytes, bytes]] = {}
        self._named: dict[bytes, bytes] = {}

    async def of(self, people: Collection[str]) -> dict[str, tuple[bytes, bytes]]:
        """Return the name and the key of each person; who has none gets one."""
        return await _looked_up(self._of, people, self._keys.of)

    async def named(self, names: Collection[bytes]) -> dict[bytes, bytes]:
        """Return the keys that exist, by name."""
        return await _looked_up(self._named, names, self._keys.named)


async def _looked_up(
    known: dict[K, V], asked: Collection[K], look: Callable[[Collection[K]], Awaitable[dict[K, V]]]
) -> dict[K, V]:
    found = {each: known[each] for each in asked if each in known}
    fresh = await look(set(asked) - found.keys())
    if len(known) + len(fresh) > MOST_KNOWN:
        known.clear()
    known |= fresh
    return found | fresh
