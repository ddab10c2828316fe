"""Conversations in MongoDB: each turn once, with what was answered, and the state that the turns amount to.

They are in the base database, for all generations. A turn is stored before its reply is published, so that a message
that comes again is answered with the same bytes.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, IndexModel, ReplaceOne, UpdateOne
from pymongo.asynchronous.cursor import AsyncCursor
from pymongo.errors import BulkWriteError, DuplicateKeyError

from processors.chat.conversation import Conversation, Effect, apply
from schemas.chat import Participant
from sinks.bulk import only_duplicates, write
from sinks.errors import ConflictError
from sinks.lookup import having
from sinks.mongodb import Database, Document

TURNS = "chat_turns"
STATES = "chat_states"
MAX_DUE = 100
MAX_SEARCHES = 100
"""That are watched; each is made again whenever talents have new matches."""
INDEXES: Mapping[str, Sequence[IndexModel]] = {
    TURNS: [
        IndexModel([("conversation", ASCENDING), ("number", ASCENDING)], name="place", unique=True),
        IndexModel([("participant", ASCENDING)], name="participant"),
    ],
    STATES: [
        IndexModel([("stored_at", ASCENDING)], name="stored_at"),
        IndexModel([("participant", ASCENDING)], name="participant"),
        IndexModel([("due", ASCENDING)], name="due", sparse=True),
        IndexModel([("job", ASCENDING)], name="job", sparse=True),
        IndexModel([("searches", ASCENDING)], name="searches", sparse=True),
    ],
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One event of a conversation and what became of it. `digest` tells other content under a known event id.

    `reply` is the value published to `chat-replies`, byte for byte; None for an event that is no message. `trace` is
    the id of the event's trace, "" of a turn that was stored before traces were.
    """

    id: str
    conversation: str
    number: int
    event_id: str
    digest: str
    time: str
    participant: str
    kind: str
    text: str
    effect: Effect
    outcome: str
    reply: bytes | None
    published: bool = False
    trace: str = ""

    def to_document(self) -> Document:
        """Return the MongoDB document."""
        values = {name: getattr(self, name) for name in self.__slots__ if name not in ("id", "effect")}
        return {"_id": self.id, **values, "effect": self.effect.to_document()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Turn":
        """Read a document written by `to_document`."""
        values = {name: document[name] for name in cls.__slots__ if name not in ("id", "effect", "trace")}
        return cls(
            id=document["_id"],
            effect=Effect.from_document(document["effect"]),
            trace=document.get("trace", ""),
            **values,
        )


class ConversationStore:
    """The turns and states of all conversations."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turns = database[TURNS]

    async def known(self, ids: Iterable[str]) -> dict[str, Turn]:
        """Return the turns that are stored, by id."""
        return {d["_id"]: Turn.from_document(d) async for d in having(self._turns, "_id", ids)}

    async def states(self, conversations: Iterable[str]) -> dict[str, Conversation]:
        """Return the state of each conversation after all its turns; one that never was is empty.

        A stored state may lack the last turns, whose worker died before it saved them.
        """
        found = {c: Conversation(c) for c in conversations}
        async for d in having(self._database[STATES], "_id", found):
            found[d["_id"]] = Conversation.from_json(d["state"])
        return dict(zip(found, await asyncio.gather(*map(self._after_all, found.values())), strict=True))

    async def _after_all(self, state: Conversation) -> Conversation:
        """Return a state after the turns behind it; of one conversation, since for `$or` some servers use no index."""
        async for turn in self.turns(state.id, after=state.number):
            state = apply(state, turn.effect)
        return state

    async def add(self, turn: Turn) -> None:
        """Store a turn, durable before it returns. Raises ConflictError if its place or its id is taken."""
        try:
            await self._turns.insert_one(turn.to_document())
        except DuplicateKeyError as error:
            raise ConflictError(f"{TURNS} was changed by another writer") from error

    async def settle(self, turns: Sequence[Turn], states: Iterable[Conversation]) -> None:
        """Mark turns as published and save the states behind them.

        Neither needs to be durable: a turn that is published again is dropped by its id, and a state is made anew.
        """
        marks = [UpdateOne({"_id": turn.id}, {"$set": {"published": True}}) for turn in turns]
        await asyncio.gather(write(self._database, TURNS, marks), self._save(states))

    async def _save(self, states: Iterable[Conversation]) -> None:
        saved = [
            ReplaceOne({"_id": s.id, "number": {"$lt": s.number}}, _state_document(s), upsert=True) for s in states
        ]
        try:
            await write(self._database, STATES, saved)
        except BulkWriteError as error:
            if not only_duplicates(error):
                raise  # else another worker has saved a later one

    async def subscribed(self, participants: Iterable[str]) -> dict[str, list[Conversation]]:
        """Return the conversations in which participants (`kind:id`) have subscribed, by participant."""
        found: dict[str, list[Conversation]] = {}
        subscribed = {"since": {"$exists": True}}
        async for d in having(self._database[STATES], "participant", participants, also=subscribed):
            found.setdefault(d["participant"], []).append(Conversation.from_json(d["state"]))
        return found

    async def watching(self, jobs: Iterable[str]) -> dict[str, list[Conversation]]:
        """Return the conversations in which recruiters have subscribed to jobs, by job."""
        found: dict[str, list[Conversation]] = {}
        async for d in having(self._database[STATES], "job", jobs):
            found.setdefault(d["job"], []).append(Conversation.from_json(d["state"]))
        return found

    async def searching(self) -> list[Conversation]:
        """Return the conversations in which recruiters have subscribed to a search; MAX_SEARCHES at most."""
        cursor = self._database[STATES].find({"searches": True}).sort("_id", ASCENDING).limit(MAX_SEARCHES)
        return [Conversation.from_json(d["state"]) async for d in cursor]

    async def due(self, now: str) -> list[Conversation]:
        """Return conversations in which notices wait that are due, the longest first; a hundred at most."""
        cursor = self._database[STATES].find({"due": {"$lte": now}}).sort("due", ASCENDING).limit(MAX_DUE)
        return [Conversation.from_json(d["state"]) async for d in cursor]

    async def turns(self, conversation: str, *, after: int = 0, limit: int = 0) -> AsyncIterator[Turn]:
        """Yield a conversation's turns behind the one numbered `after`, in order; 0 for `limit`: all of them."""
        behind = {"conversation": conversation, "number": {"$gt": after}}
        async for d in self._turns.find(behind).sort("number", ASCENDING).limit(limit):
            yield Turn.from_document(d)

    async def about_talent(self, talent_id: str) -> list[str]:
        """Return the ids of the conversations that a talent has had, and of those that have listed or told of her."""
        listed = {"entity": "talent", "id": talent_id}
        places = [
            {"participant": Participant(kind="candidate", id=talent_id).name},
            {"effect.focus": {"$elemMatch": listed}},
            {"effect.current.entity": "talent", "effect.current.id": talent_id},
            {"effect.notices.waiting": talent_id},
        ]
        return sorted(await self._turns.distinct("conversation", {"$or": places}))

    async def count(self, conversations: Iterable[str]) -> int:
        """Return how many turns conversations have."""
        return await self._turns.count_documents({"conversation": {"$in": list(conversations)}})

    async def expire(self, before: datetime) -> int:
        """Delete conversations whose state was stored last before a time, whole; return how many."""
        await self._date_undated()
        expired = 0
        while found := [d["_id"] async for d in self._old(before)]:
            await self.erase(found)
            expired += len(found)
        return expired

    async def _date_undated(self) -> None:
        """Give states of versions that did not say when they were stored the time of their last turn."""
        states, undated = self._database[STATES], {"stored_at": None}
        while found := [d["_id"] async for d in states.find(undated, {"_id": 1}).limit(MAX_DUE)]:
            for conversation in found:
                now = datetime.now(UTC)
                last = self._turns.find({"conversation": conversation}, {"time": 1}).sort("number", DESCENDING).limit(1)
                times = [min(now, datetime.fromisoformat(d["time"])) async for d in last]
                change = {"$set": {"stored_at": times[0] if times else now}}
                await states.update_one({"_id": conversation, **undated}, change)

    def _old(self, before: datetime) -> AsyncCursor[Document]:
        query = {"stored_at": {"$lt": before}}
        return self._database[STATES].find(query, {"_id": 1}).sort("stored_at", ASCENDING).limit(MAX_DUE)

    async def erase(self, conversations: Iterable[str]) -> int:
        """Delete conversations; return how many turns there were."""
        ids = list(conversations)
        deleted = await self._turns.delete_many({"conversation": {"$in": ids}})
        await self._database[STATES].delete_many({"_id": {"$in": ids}})
        return deleted.deleted_count


def _state_document(state: Conversation) -> Document:
    asked = {
        "since": state.notices.since,
        "due": state.notices.due,
        "job": state.notices.job or None,
        "searches": True if state.notices.search else None,
    }
    return {
        "_id": state.id,
        "number": state.number,
        "participant": state.participant,
        **{name: value for name, value in asked.items() if value is not None},
        "state": state.to_json(),
        "stored_at": datetime.now(UTC),
    }
