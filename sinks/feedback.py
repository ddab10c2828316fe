"""MongoDB: what was said of pairs, each word with the match as it was then.

It is in the base database, for all generations: a new one does not know what the matches of an older one were.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING, IndexModel, InsertOne, ReplaceOne

from processors.matching.feedback import Said
from schemas.feedback import pair_id
from schemas.history import MatchRevision
from sinks.bulk import guarded_write
from sinks.mongodb import Database, Document
from sinks.scan import everything

FEEDBACK = "match_feedback"
INDEXES: Mapping[str, Sequence[IndexModel]] = {FEEDBACK: [IndexModel([("talent_id", ASCENDING)], name="talent")]}

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class StoredFeedback:
    """All that is kept of what was said of a pair, the oldest first. `revision` counts the writes."""

    talent_id: str
    job_id: str
    revision: int
    said: tuple[Said, ...]

    def to_document(self) -> Document:
        """Return the MongoDB document."""
        return {
            "_id": pair_id(self.talent_id, self.job_id),
            "talent_id": self.talent_id,
            "job_id": self.job_id,
            "revision": self.revision,
            "said": [_as_document(s) for s in self.said],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "StoredFeedback":
        """Read a document written by `to_document`."""
        said = tuple(
            Said(**{**s, "match": MatchRevision.model_validate(s["match"]) if s["match"] else None})
            for s in document["said"]
        )
        return cls(document["talent_id"], document["job_id"], document["revision"], said)


def _as_document(said: Said) -> Document:
    values = {name: getattr(said, name) for name in Said.__slots__}
    return {**values, "match": said.match.model_dump(mode="json") if said.match else None}


class FeedbackStore:
    """The feedback on all pairs, by the pair."""

    def __init__(self, base: Database) -> None:
        self._database = base

    async def load(self, pairs: Iterable[Pair]) -> dict[Pair, StoredFeedback]:
        """Return what is stored of (talent id, job id) pairs."""
        query = {"_id": {"$in": [pair_id(*pair) for pair in pairs]}}
        found = [StoredFeedback.from_document(d) async for d in self._database[FEEDBACK].find(query)]
        return {(f.talent_id, f.job_id): f for f in found}

    async def all(self) -> AsyncIterator[StoredFeedback]:
        """Yield what is stored of every pair, by talent and job."""
        async for document in everything(self._database[FEEDBACK].find({}).sort("_id", ASCENDING)):
            yield StoredFeedback.from_document(document)

    async def save(self, changed: Iterable[StoredFeedback]) -> None:
        """Store each on top of the revision before its own; with none, make durable what was read.

        Raises ConflictError if another writer came first.
        """
        operations: list[InsertOne[Document] | ReplaceOne[Document]] = []
        for feedback in changed:
            document = feedback.to_document()
            guard = {"_id": document["_id"], "revision": feedback.revision - 1}
            operations.append(ReplaceOne(guard, document) if guard["revision"] else InsertOne(document))
        await guarded_write(self._database, FEEDBACK, operations)

    async def count(self, talent_id: str) -> int:
        """Return of how many pairs of a talent something is stored."""
        return await self._database[FEEDBACK].count_documents({"talent_id": talent_id})

    async def talents(self) -> AsyncIterator[str]:
        """Yield the talent of each pair of which something is stored."""
        async for document in everything(self._database[FEEDBACK].find({}, {"talent_id": 1})):
            yield document["talent_id"]

    async def erase(self, talent_id: str) -> None:
        """Delete whatever was said of a talent."""
        await self._database[FEEDBACK].delete_many({"talent_id": talent_id})
