"""Reads of source records, of the generation that is active: from memory while the tail sees, else from MongoDB."""

import asyncio
from collections.abc import Sequence

import orjson
from loguru import logger

from schemas.entities import ENTITIES, PERSONAL, Entity
from schemas.settings import Settings
from schemas.topics import RECORDS
from sinks.errors import is_transient
from sinks.forgotten import Forgotten
from sinks.mongodb import COLLECTIONS, Database
from streams.generations.generation import VIEW_SECONDS, Active, Generation, read_active
from streams.record_cache import Entry, Key, RecordCache, entry_of
from streams.tail import Record, Tail

_PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
"""Seconds between asking MongoDB again, while it has not stored what the topic has told."""
_SHOWN = {"revision": 1, "deleted": 1, "fields": 1}
"""What of a stored record an `Entry` is made of."""


class RecordReads:
    """What readers of one process see of the records. Who is forgotten is known to no reader, from a second on."""

    def __init__(self, settings: Settings, base: Database, cache: RecordCache | None = None) -> None:
        self._kafka = settings.kafka
        self._base = base
        self._forgotten = Forgotten(base)
        self._active = Active(generation="")
        self._flights: dict[Key, asyncio.Task[Entry]] = {}
        self._watching: asyncio.Task[None] | None = None
        self._entities: dict[str, Entity] = {}
        self.cache = cache or RecordCache()
        self.database = base
        """That of the active generation."""
        self.tail: Tail

    @property
    def generation(self) -> Generation:
        """The generation that is active."""
        return Generation(self._active.generation)

    async def start(self) -> None:
        """Begin to follow the active generation. Raises what MongoDB does."""
        await self._look()
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Follow no longer."""
        if self._watching:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        await self.tail.stop()
        for flight in list(self._flights.values()):
            flight.cancel()

    def is_forgotten(self, entity: Entity, entity_id: str) -> bool:
        """Whether a record is of a person who was forgotten."""
        return entity in PERSONAL and entity_id in self._forgotten

    def known(self, key: Key) -> Entry | None:
        """Return a record if that needs no waiting; None if it has to be read."""
        return None if self.tail.is_blind else self.cache.get(key)

    async def read(self, key: Key) -> Entry:
        """Return a record, as new as the last message that the tail has brought."""
        if self.tail.is_blind:
            return await self._stored(key)
        if entry := self.cache.get(key):
            return entry
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.create_task(self._fill(key))
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        return await asyncio.shield(flight)  # one reader's cancellation must not take it from the others

    async def _fill(self, key: Key) -> Entry:
        for pause in _PAUSES:
            fill = self.cache.begin(key)
            try:
                entry = await self._stored(key)
            except BaseException:
                self.cache.abandon(fill)
                raise
            if self.cache.end(fill, entry):
                return entry
            if known := self.cache.get(key):
                return known
            await asyncio.sleep(pause)
        return entry

    async def _stored(self, key: Key) -> Entry:
        found = await self.database[COLLECTIONS[key.entity]].find_one({"_id": key.id}, _SHOWN)
        return entry_of(found["revision"], found["deleted"], found["fields"]) if found else Entry(0)

    def _receive(self, records: Sequence[Record]) -> None:
        for record in records:
            try:
                key = Key(self._entities[record.topic], (record.key or b"").decode())
                said = orjson.loads(record.value) if record.value else None
                entry = entry_of(said["revision"], said["deleted"], said["fields"]) if said else None
            except (ValueError, TypeError, KeyError):
                continue  # no record of ours: a stage makes it a dead letter
            self.cache.message(key, record.offset, entry)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(VIEW_SECONDS / 2)
            try:
                await self._look()
            except Exception as error:
                if not is_transient(error):
                    logger.opt(exception=error).error("the active generation could not be read")

    async def _look(self) -> None:
        """Learn who is forgotten and which generation is active; follow another one from nothing."""
        await self._forgotten.refresh()
        active = await read_active(self._base)
        if active.generation == self._active.generation:
            self._active = active
            return
        generation = Generation(active.generation)
        if self._active.generation:
            await self.tail.stop()
        self._active, self.database = active, generation.database(self._base)
        self.cache.clear()
        self._entities = {generation.topic(RECORDS[entity]): entity for entity in ENTITIES}
        self.tail = Tail(self._kafka, list(self._entities), self._receive, self.cache.clear)
        await self.tail.start()
