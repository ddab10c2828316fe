"""Matches in MongoDB: a talent's in one page or few, each written only over what was read of it."""

import heapq
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from typing import Any

from pymongo import ASCENDING, IndexModel, InsertOne, ReplaceOne

from processors.matching.pages import SPREAD, Page, further_page, match_of, page_id, page_ids
from processors.matching.ranking import Pair
from schemas.entities import Side
from schemas.history import MatchRevision
from schemas.messages import Match
from sinks.bulk import guarded_write
from sinks.lookup import having
from sinks.mongodb import Database, Document
from sinks.scan import everything

MATCHES = "matches"
INDEXES: Mapping[str, Sequence[IndexModel]] = {
    MATCHES: [IndexModel([("matches.job_id", ASCENDING)], name="job")],
}
"""A talent's pages are found by their ids."""


class MatchStore:
    """The newest result of every pair that ever matched, and the history of those before it."""

    def __init__(self, database: Database) -> None:
        self._pages = database[MATCHES]
        self._database = database

    async def of(self, side: Side, entity_id: str, *, limit: int = 1000) -> list[Match]:
        """Return the active matches of a talent or a job, best first."""
        if side == "talent":
            pages = await self.load({entity_id: None})
            found = [(entry["score"], page.talent_id, entry) for page in pages for entry in page.active.values()]
        else:
            wanted = {"talent_id": 1, "matches": {"$elemMatch": {"job_id": entity_id}}}
            cursor = self._pages.find({"matches.job_id": entity_id}, wanted)
            found = [(d["matches"][0]["score"], d["talent_id"], d["matches"][0]) async for d in cursor]
        best = heapq.nlargest(limit, found, key=lambda f: f[0])
        return [match_of(talent_id, entry) for _, talent_id, entry in best]

    async def talents_of(self, job_ids: Collection[str]) -> dict[str, set[str]]:
        """Return the talents that jobs are matched with; nothing of the matches is held but these ids."""
        found: dict[str, set[str]] = {job_id: set() for job_id in job_ids}
        if found:
            only = {"talent_id": 1, "matches.job_id": 1}
            async for d in having(self._pages, "matches.job_id", found, only=only):
                for entry in d["matches"]:
                    if entry["job_id"] in found:
                        found[entry["job_id"]].add(d["talent_id"])
        return found

    async def load(self, wanted: Mapping[str, Collection[str] | None]) -> list[Page]:
        """Return the pages that can hold the pairs of talents with these jobs; None stands for all jobs.

        What is not stored is an empty page.
        """
        firsts = await self._read([(talent_id, 0) for talent_id in wanted])
        further: list[tuple[str, int]] = []
        for talent_id in (page.talent_id for page in firsts if page.full):
            jobs = wanted[talent_id]
            numbers = range(1, SPREAD + 1) if jobs is None else sorted({further_page(job_id) for job_id in jobs})
            further += [(talent_id, number) for number in numbers]
        return firsts + await self._read(further)

    async def newest(self, pairs: Iterable[Pair]) -> dict[Pair, Match]:
        """Return what is stored of pairs, whatever its status."""
        found = {}
        for pair, page in await self._holding(pairs):
            if entry := page.get(pair[1]):
                found[pair] = match_of(pair[0], entry)
        return found

    async def histories(self, pairs: Iterable[Pair]) -> dict[Pair, list[MatchRevision]]:
        """Return the published results that are remembered of pairs, the oldest first."""
        found: dict[Pair, list[MatchRevision]] = {}
        for (talent_id, job_id), page in await self._holding(pairs):
            if revisions := page.revisions(job_id):
                found[talent_id, job_id] = revisions
        return found

    async def by_talent(self) -> AsyncIterator[tuple[str, dict[str, Match]]]:
        """Yield all talents in the order of their pages' ids, each with the newest results of its pairs by job."""
        talent_id, found = "", dict[str, Match]()
        async for document in everything(self._pages.find({}, {"history": 0}).sort("_id", ASCENDING)):
            page = Page.from_document({**document, "history": []})
            if page.talent_id != talent_id:
                if found:
                    yield talent_id, found
                talent_id, found = page.talent_id, {}
            found |= {job_id: match_of(talent_id, entry) for job_id, entry in page.entries().items()}
        if found:
            yield talent_id, found

    async def save(self, pages: Iterable[Page]) -> None:
        """Store pages, each over the version before its own; with none, make durable what was read.

        Raises ConflictError if another writer came first. Others of them may be stored then: load anew and repeat.
        """
        await guarded_write(self._database, MATCHES, [_write(page) for page in pages])

    async def _holding(self, pairs: Iterable[Pair]) -> list[tuple[Pair, Page]]:
        """Return the stored pages that can hold pairs, with each that they can hold."""
        wanted: dict[str, list[str]] = {}
        for talent_id, job_id in pairs:
            wanted.setdefault(talent_id, []).append(job_id)
        found = []
        for page in await self.load(wanted):
            for job_id in wanted[page.talent_id]:
                if page.number in (0, further_page(job_id)):
                    found.append(((page.talent_id, job_id), page))
        return found

    async def _read(self, places: Sequence[tuple[str, int]]) -> list[Page]:
        missing = {page_id(*place): place for place in places}
        found = []
        async for document in having(self._pages, "_id", list(missing)):
            found.append(Page.from_document(document))
            del missing[document["_id"]]
        return found + [Page(*place) for place in missing.values()]


def of_talent(talent_id: str) -> Document:
    """Return the query for all pages of a talent."""
    return {"_id": {"$in": page_ids(talent_id)}}


def _write(page: Page) -> InsertOne[Document] | ReplaceOne[Document]:
    document: dict[str, Any] = page.to_document()
    if page.version == 1:
        return InsertOne(document)
    return ReplaceOne({"_id": document["_id"], "version": page.version - 1}, document)
