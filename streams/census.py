"""What is stored, and what operations did last, as metrics. Every worker counts; whoever reads takes the largest."""

import asyncio
from collections.abc import Iterator

from loguru import logger
from opentelemetry.metrics import CallbackOptions, Observation

from schemas.entities import ENTITIES
from sinks.last_done import Done, last_done
from sinks.matches import MATCHES
from sinks.mongodb import COLLECTIONS, Database
from streams import metrics

LOOK_SECONDS = 15.0
COUNT_EVERY = 4
"""Counting is dearer than looking what was done: it comes every so many looks."""
MAX_CONFLICTS = 10_000


class Census:
    """Counts now and then, never while metrics are read."""

    def __init__(self, base: Database, database: Database) -> None:
        self._base = base
        self._database = database
        self._done: list[Done] = []
        self._records: dict[str, int] = {}
        self._conflicts: dict[str, int] = {}
        self._matches: int | None = None
        metrics.UPKEEP_DONE.observe(self._observe_done)
        metrics.UPKEEP_FINDINGS.observe(self._observe_findings)
        metrics.RECORDS.observe(self._observe_records)
        metrics.CONFLICTS_OPEN.observe(self._observe_conflicts)
        metrics.MATCHES.observe(self._observe_matches)

    async def watch(self) -> None:
        """Look until cancelled; a database that is away is asked again."""
        looks = 0
        while True:
            try:
                await self.look()
                if looks % COUNT_EVERY == 0:
                    await self.count()
            except Exception as error:  # nothing about a gauge may end a worker
                logger.debug("what is stored is not known: {}", type(error).__name__)
            looks += 1
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Look what was done last."""
        self._done = await last_done(self._base)

    async def count(self) -> None:
        """Count once: records and matches as the server estimates them, conflicts by their index."""
        for entity in ENTITIES:
            collection = self._database[COLLECTIONS[entity]]
            self._records[entity] = await collection.estimated_document_count()
            self._conflicts[entity] = await collection.count_documents(
                {"conflicts.id": {"$exists": True}}, limit=MAX_CONFLICTS
            )
        self._matches = await self._database[MATCHES].estimated_document_count()

    def _observe_done(self, _: CallbackOptions) -> Iterator[Observation]:
        for each in self._done:
            yield Observation(each.at.timestamp(), {"upkeep": each.task})

    def _observe_findings(self, _: CallbackOptions) -> Iterator[Observation]:
        for each in self._done:
            yield Observation(each.findings, {"upkeep": each.task})

    def _observe_records(self, _: CallbackOptions) -> Iterator[Observation]:
        for entity, count in list(self._records.items()):
            yield Observation(count, {"entity": entity})

    def _observe_conflicts(self, _: CallbackOptions) -> Iterator[Observation]:
        for entity, count in list(self._conflicts.items()):
            yield Observation(count, {"entity": entity})

    def _observe_matches(self, _: CallbackOptions) -> Iterator[Observation]:
        if self._matches is not None:
            yield Observation(self._matches)
