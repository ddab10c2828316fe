"""Removes a person from one generation's stores: matches, vectors, identities, records."""

from collections import Counter
from collections.abc import Collection

from opentelemetry import trace
from qdrant_client import AsyncQdrantClient

from processors.matching.pages import match_of
from processors.privacy import Person, identifiers_of
from processors.sync.policy import Policy
from schemas.entities import SPEC, Entity
from sinks.identities import GOLDEN, IDENTITIES, LINKS, VERDICTS, IdentityStore
from sinks.matches import MATCHES, MatchStore, of_talent
from sinks.mongodb import COLLECTIONS, Database, Document
from sinks.people import records_of
from sinks.qdrant import VectorStore, point_id
from sinks.resumes import RESUMES, ResumeStore
from sinks.topic_sink import TopicSink
from streams.delivery import Delivery, Inbound
from streams.generations.generation import Generation
from streams.matching import result_message
from streams.pipeline import resolvers


class Stores:
    """The stores of one generation."""

    def __init__(self, generation: Generation, base: Database, vectors: AsyncQdrantClient, sink: TopicSink) -> None:
        self._database = generation.database(base)
        self._client = vectors
        self._vectors = VectorStore(vectors, generation.suffix)
        self._resumes = ResumeStore(vectors, generation.suffix)
        self._sink = sink

    async def identifiers(self, person: str) -> frozenset[bytes]:
        """Return the addresses and numbers that any source has given of a person."""
        found = await self._database[COLLECTIONS["talent"]].find_one({"_id": person}, {"contributions": 1})
        return identifiers_of([(c["field"], c["value"]) for c in (found or {}).get("contributions", [])])

    async def records(self, person: str) -> frozenset[tuple[Entity, str]]:
        """Return the records of other entities that speak of a person."""
        return frozenset(
            [
                (entity, document["_id"])
                for entity, query in records_of(person).items()
                if SPEC[entity].person != "id"
                async for document in self._database[COLLECTIONS[entity]].find(query, {"_id": 1})
            ]
        )

    async def linked(self, person: str) -> list[str]:
        """Return the other records that are held to be the same person."""
        return [m for m in await IdentityStore(self._database, "talent").members(person) if m != person]

    async def count(self, person: str) -> Counter[str]:
        """Return what there is of a person, by store."""
        found = Counter({name: await self._database[name].count_documents(q) for name, q in _queries(person).items()})
        side = self._vectors.collections["talent"]
        if await self._client.collection_exists(side):
            found["vectors"] = len(await self._client.retrieve(side, [point_id(person)], with_payload=False))
        found[RESUMES] = await self._resumes.count(person)
        return found

    async def erase(self, person: str, policy: Policy) -> Counter[str]:
        """Remove all but the records themselves; consumers of matches and identities are told. Safe to repeat."""
        removed = await self.count(person)
        await self._withdraw(person)
        await self._erase_vectors(person, removed)
        await self._leave_identity(person, policy)
        return removed

    async def erase_record(self, person: str) -> None:
        """Remove the records, and whatever a worker that was late has written since `erase`."""
        for name, query in _queries(person).items():
            await self._database[name].delete_many(query)
        await self._erase_vectors(person, await self.count(person))

    async def _erase_vectors(self, person: str, there: Counter[str]) -> None:
        if there["vectors"]:
            await self._vectors.delete("talent", [person])
        if there[RESUMES]:
            await self._resumes.delete(person)

    async def _withdraw(self, person: str) -> None:
        """Tell consumers that the matches are gone, with nothing about the person, and then remove them."""
        gone = {"status": "withdrawn", "features": [], "score": 0.0}
        pages = await MatchStore(self._database).load({person: None})
        for page in pages:
            matches = [match_of(person, entry) for entry in page.active.values()]
            await self._sink.publish([result_message(m.model_copy(update=gone)) for m in matches])
        await self._database[MATCHES].delete_many(of_talent(person))

    async def _leave_identity(self, person: str, policy: Policy) -> None:
        """Remove a person's links, and settle anew who the others are."""
        identities = IdentityStore(self._database, "talent")
        touched = set(await identities.members(person))
        for name in (LINKS, VERDICTS):
            ends = _queries(person)[name]
            async for link in self._database[name].find(ends, {"left": 1, "right": 1}):
                touched |= {link["left"], link["right"]}
        touched.discard(person)
        for name in (IDENTITIES, LINKS, VERDICTS):
            await self._database[name].delete_many(_queries(person)[name])
        if touched:
            resolver = resolvers(self._database, self._sink, policy)["talent"]
            await resolver.settle(touched, _cause(sorted(touched)))
        await self._database[GOLDEN["talent"]].delete_many({"_id": person})


def _queries(person: str) -> dict[str, Document]:
    ends: Document = {"entity": "talent", "$or": [{"left": person}, {"right": person}]}
    return {
        **{COLLECTIONS[entity]: query for entity, query in records_of(person).items()},
        MATCHES: of_talent(person),
        IDENTITIES: {"entity": "talent", "record": person},
        LINKS: ends,
        VERDICTS: ends,
        GOLDEN["talent"]: {"_id": person},
    }


def _cause(touched: Collection[str]) -> "Delivery[Person]":
    """Return the cause that changed identities are put down to: the forgetting, not the forgotten."""
    inbound = Inbound("forget", 0, len(touched), None, None, [], 0.0)
    return Delivery(inbound, Person(""), trace.INVALID_SPAN)
