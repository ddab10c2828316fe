"""Resumes in Qdrant: a point for each part of a talent's resume, with the talent's facts to filter by."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qdrant_client import AsyncQdrantClient

from processors.embedding.resume_parts import MAX_PARTS
from sinks import vector_index
from sinks.qdrant import Embedded, Point, Storable, point_id, put, stored_point
from sinks.vector_index import PART

RESUMES = "resumes"


class ResumePart(Embedded):
    """A part of a talent's resume as it is to be stored, with what is searched of the talent."""

    def to_dict(self) -> dict[str, Any]:
        """Return the payload as it is stored."""
        return self.payload.searched()


class ResumeStore:
    """The resumes of one generation. A talent has one, of at most MAX_PARTS parts, numbered from 0 in the payload."""

    def __init__(self, client: AsyncQdrantClient, suffix: str = "") -> None:
        self._client = client
        self.collection = RESUMES + suffix

    async def prepare(self, dimensions: int) -> None:
        """Create the collection and its payload indexes where they are missing."""
        await vector_index.prepare(self._client, self.collection, dimensions)

    async def get(self, talents: Iterable[str]) -> dict[str, list[Point]]:
        """Return the parts of each talent's resume in order, with vectors; who has none is left out."""
        # Most talents have no resume: so they cost one id each.
        firsts = {part_id(talent, 0): talent for talent in talents}
        having = [firsts[i] for i in await self._existing(list(firsts))]
        wanted = [i for talent in having for i in part_ids(talent)]
        if not wanted:
            return {}
        records = await self._client.retrieve(self.collection, wanted, with_payload=True, with_vectors=True)
        found: dict[str, list[Point]] = {}
        for point in sorted((stored_point(r.payload, r.vector) for r in records), key=lambda p: p.payload[PART]):
            found.setdefault(point.id, []).append(point)
        return found

    async def _existing(self, points: list[str]) -> list[str]:
        """Return those of the points that are stored."""
        if not points:
            return []
        return [str(r.id) for r in await self._client.retrieve(self.collection, points, with_payload=False)]

    async def replace(self, resumes: Mapping[str, Sequence[Storable]], stored: Mapping[str, Sequence[Point]]) -> None:
        """Store the parts of each talent's resume in place of those that `get` returned; they are durable then."""
        surplus = [
            part_ids(talent)[part.payload[PART]]
            for talent, parts in stored.items()
            for part in parts
            if part.payload[PART] >= len(resumes.get(talent, ()))
        ]
        if surplus:
            await self._client.delete(self.collection, surplus, wait=True)
        points = (
            (point, part, part.to_dict() | {PART: number})
            for talent, parts in resumes.items()
            for number, (point, part) in enumerate(zip(part_ids(talent), parts, strict=False))
        )
        await put(self._client, self.collection, points)

    async def count(self, talent: str) -> int:
        """Return how many parts there are of a talent."""
        if not await self._client.collection_exists(self.collection):
            return 0
        return len(await self._existing(part_ids(talent)))

    async def delete(self, talent: str) -> None:
        """Remove a talent's resume; an unknown one is fine."""
        await self._client.delete(self.collection, [*part_ids(talent)], wait=True)

    async def payloads(self, points: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return the payloads of points by their ids."""
        if not points:
            return {}
        records = await self._client.retrieve(self.collection, points, with_payload=True)
        return {str(r.id): r.payload or {} for r in records}

    async def drop(self) -> None:
        """Delete the collection; a missing one is fine."""
        await self._client.delete_collection(self.collection)


def part_ids(talent: str) -> list[str]:
    """Return the ids of the points that a talent's resume may have."""
    return [part_id(talent, number) for number in range(MAX_PARTS)]


def part_id(talent: str, number: int) -> str:
    """Return the id of the point of a part."""
    return point_id(f"{talent}\n{number}")
