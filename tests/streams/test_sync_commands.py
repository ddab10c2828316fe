"""What events ask of MongoDB and Kafka on the way to their golden records: commands, documents, messages, counted."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandListener

from processors.sync.merge import State, apply
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas.envelope import Envelope
from schemas.events import EntityEvent, encode
from schemas.settings import MongoDBSettings
from sinks.bulk import MARKS
from sinks.identities import GOLDEN, IDENTITIES, LINKS, VERDICTS, IdentityStore
from sinks.lookup import AT_ONCE
from sinks.mongodb import RecordStore
from sinks.topic_sink import Message
from streams.delivery import Courier, Inbound
from streams.resolution import ResolutionStage, Resolver
from streams.sync import SyncStage
from tests.support.mongodb_alone import mongodb_alone

pytestmark = pytest.mark.slow

BATCH = 200
TIME = datetime(2026, 1, 5, 8, tzinfo=UTC)
FIELDS = {"name": "王伟", "title": "后端工程师", "emails": ["w@example.com"]}


class Counted(CommandListener):
    """Counts commands by name and collection, and the documents that they write."""

    def __init__(self) -> None:
        self.commands: Counter[tuple[str, str]] = Counter()
        self.documents: Counter[str] = Counter()

    def started(self, event: Any) -> None:
        if event.command_name in ("find", "getMore", "insert", "update"):
            collection = event.command.get("collection") or event.command[event.command_name]
            self.commands[event.command_name, collection] += 1
            self.documents[collection] += len(event.command.get("documents") or event.command.get("updates") or ())

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...


class Sent:
    """Counts publications and their messages."""

    def __init__(self) -> None:
        self.publications = 0
        self.messages: Counter[str] = Counter()

    async def publish(self, messages: Iterable[Message]) -> None:
        self.publications += 1
        self.messages.update(m.topic for m in messages)


@pytest.fixture(scope="module")
def mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MongoDBSettings]:
    with mongodb_alone(tmp_path_factory.mktemp("sync")) as settings:
        yield settings.mongodb


def messages(round_: int) -> list[Inbound]:
    """Return an event of each of 1,000 talents."""
    found = []
    for n in range(1000):
        envelope = Envelope(
            f"e{n}-{round_}", "crm", "looma.talent.upserted", f"t{n}", TIME + timedelta(seconds=round_), 2
        )
        key, value, headers = encode(EntityEvent(envelope, "talent", "upserted", {"title": f"title {round_}"}))
        found.append(Inbound("talent-events", 0, n, key, value, headers, TIME.timestamp()))
    return found


def test_a_batch_is_read_by_the_fifty_and_is_one_bulk_and_one_publication(mongodb: MongoDBSettings) -> None:
    async def body() -> None:
        counted, sent = Counted(), Sent()
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            mongodb.url.get_secret_value(), event_listeners=[counted]
        )
        results: Any = sent
        stage = SyncStage("talent", RecordStore(client.get_database(mongodb.database), "talent"), results, DEFAULT)
        courier = Courier(stage, results, group="g", max_bytes=4 << 20, retry_max_seconds=1)
        batches = 1000 // BATCH

        async def deliver(round_: int) -> tuple[dict[tuple[str, str], int], dict[str, int], int, dict[str, int]]:
            counted.__init__()  # type: ignore[misc]
            sent.__init__()  # type: ignore[misc]
            events = messages(round_)
            for start in range(0, len(events), BATCH):
                await courier.deliver(events[start : start + BATCH])
            written = {name: n for name, n in counted.documents.items() if n}
            return dict(counted.commands), written, sent.publications, dict(sent.messages)

        reads = batches * BATCH // AT_ONCE  # each in one reply
        new = {("find", "talents"): reads, ("insert", "talents"): batches}
        assert await deliver(0) == (new, {"talents": 1000}, batches, {"talent-records": 1000})

        changed = {
            ("find", "talents"): reads,
            ("update", "talents"): batches,
            ("update", MARKS): batches,
        }
        both = {"talents": 1000, MARKS: batches}
        assert await deliver(1) == (changed, both, batches, {"talent-records": 1000})

        known = {("find", "talents"): reads, ("update", MARKS): batches}
        assert await deliver(1) == (known, {MARKS: batches}, 0, {})
        await client.close()

    asyncio.run(body())


def test_a_new_record_like_no_other_is_resolved_by_fourteen_commands(mongodb: MongoDBSettings) -> None:
    async def body() -> None:
        counted, sent = Counted(), Sent()
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            mongodb.url.get_secret_value(), event_listeners=[counted]
        )
        database = client.get_database(f"{mongodb.database}-resolved")
        records, results = RecordStore(database, "talent"), cast(Any, sent)
        event = EntityEvent(Envelope("e", "crm", "looma.talent.upserted", "t", TIME, 2), "talent", "upserted", FIELDS)
        stored = StoredRecord.of("talent", "t", 1, apply(State(), [event]), DEFAULT)
        await records.save([stored], {})
        message = Inbound("talent-records", 0, 0, b"t", stored.record.to_json(), [], TIME.timestamp())
        stage = ResolutionStage(Resolver("talent", IdentityStore(database, "talent"), records, results, DEFAULT))
        counted.__init__()  # type: ignore[misc]
        await Courier(stage, results, group="g", max_bytes=4 << 20, retry_max_seconds=1).deliver([message])
        assert counted.commands == {
            ("update", IDENTITIES): 1,
            ("find", IDENTITIES): 3,  # who shares a key; afterwards the record, and whose golden record it is
            ("find", "talents"): 2,  # the record, and its revision afterwards
            ("find", LINKS): 4,  # by either end, before and after
            ("find", VERDICTS): 2,
            ("update", GOLDEN["talent"]): 1,
            ("update", MARKS): 1,
        }
        assert sent.publications == 0
        await client.close()

    asyncio.run(body())


def test_a_change_that_says_nothing_of_who_somebody_is_writes_no_link(mongodb: MongoDBSettings) -> None:
    """However many copies of a person there are: the record, its five links and the golden record are read, twice."""

    async def body() -> None:
        counted, sent = Counted(), Sent()
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            mongodb.url.get_secret_value(), event_listeners=[counted]
        )
        database = client.get_database(f"{mongodb.database}-copies")
        records, results = RecordStore(database, "talent"), cast(Any, sent)
        stage = ResolutionStage(Resolver("talent", IdentityStore(database, "talent"), records, results, DEFAULT))
        courier = Courier(stage, results, group="g", max_bytes=4 << 20, retry_max_seconds=1)

        async def deliver(copy: int, revision: int, **said: Any) -> None:
            envelope = Envelope(f"e{copy}-{revision}", f"s{copy}", "looma.talent.upserted", f"t{copy}", TIME, 2)
            fields = {**FIELDS, "name": "Matilda Harrison", "phones": ["+86 138 1234 5678"], **said}
            event = EntityEvent(envelope, "talent", "upserted", fields)
            stored = StoredRecord.of("talent", f"t{copy}", revision, apply(State(), [event]), DEFAULT)
            await records.save([stored], await records.load([f"t{copy}"]))
            at = Inbound("talent-records", 0, copy, f"t{copy}".encode(), stored.record.to_json(), [], TIME.timestamp())
            await courier.deliver([at])

        for copy in range(6):
            await deliver(copy, 1)
        assert await database[LINKS].count_documents({}) == 15
        assert len((await database[GOLDEN["talent"]].find_one({}) or {})["members"]) == 6
        published = sent.publications
        counted.__init__()  # type: ignore[misc]
        await deliver(3, 2, title="Captain")
        assert ("update", LINKS) not in counted.commands
        assert counted.commands["find", LINKS] == 2 + 2 + 2
        assert sent.publications == published
        await client.close()

    asyncio.run(body())
