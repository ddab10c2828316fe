"""The sync path by Quix Streams: a sink that merges and upserts what came since the last checkpoint.

Decode, merge and indexes are the worker's, and so is the way to write (sinks/bulk.py): what is new is inserted, and a
bulk waits for the journal once. Delivery is at least once: offsets are committed after the sink has flushed.

It runs in the environment of peers/environment.py and prints its figures as JSON: `python quix.py BOOTSTRAP_SERVERS
DATABASE COUNT`, with MongoDB's URL in the environment.
"""

import json
import os
import sys
import time
from collections.abc import Sequence
from typing import Any

from pymongo import InsertOne, MongoClient, ReplaceOne
from pymongo.database import Database
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern
from quixstreams import Application
from quixstreams.sinks import BaseSink, SinkBackpressureError

from processors.sync.merge import State, apply
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas.events import EntityEvent, decode
from schemas.topics import EVENTS

BATCH = 500
COLD = 1000
RETRY_SECONDS = 1

MAJORITY = WriteConcern(w="majority")
JOURNALLED = WriteConcern(w="majority", j=True)

Document = dict[str, Any]
Write = InsertOne[Document] | ReplaceOne[Document]


class RecordSink(BaseSink):  # type: ignore[misc]
    """Merges events into the stored records, in one bulk for a checkpoint of all partitions.

    BatchingSink would write each partition by itself: eight small bulks instead of one.
    """

    def __init__(self, database: Database[Document]) -> None:
        super().__init__()
        self._database = database
        self._events: dict[str, list[EntityEvent]] = {}
        self._waiting = 0
        self.done = 0
        self.flushed: list[tuple[int, float]] = []
        """How many events were stored, and when."""

    def add(self, value: EntityEvent, *_: Any, **__: Any) -> None:
        """Keep an event until the checkpoint."""
        self._events.setdefault(value.id, []).append(value)
        self._waiting += 1

    def flush(self) -> None:
        """Store what was added. What MongoDB does not take comes again from the last checkpoint, after a pause."""
        if not self._events:
            return
        try:
            self._store()
            self.done += self._waiting
            self.flushed.append((self.done, time.perf_counter()))
        except PyMongoError as error:
            raise SinkBackpressureError(retry_after=RETRY_SECONDS) from error
        finally:
            self.on_paused()

    def on_paused(self) -> None:
        """Forget what was added."""
        self._events.clear()
        self._waiting = 0

    def _store(self) -> None:
        found = self._database["talents"].find({"_id": {"$in": list(self._events)}})
        stored = {d["_id"]: StoredRecord.from_document("talent", d) for d in found}
        operations = [_merged(entity_id, events, stored.get(entity_id)) for entity_id, events in self._events.items()]
        concern = MAJORITY if stored else JOURNALLED
        self._database.get_collection("talents", write_concern=concern).bulk_write(operations, ordered=False)
        if stored:  # one journalled write makes those before it durable
            marks = self._database.get_collection("journal_marks", write_concern=JOURNALLED)
            marks.update_one({"_id": "bulk"}, {"$inc": {"written": 1}}, upsert=True)


def _merged(entity_id: str, events: Sequence[EntityEvent], old: StoredRecord | None) -> Write:
    state = apply(old.state if old else State(), events)
    revision = (old.record.revision if old else 0) + 1
    document = StoredRecord.of("talent", entity_id, revision, state, DEFAULT).to_document()
    return ReplaceOne({"_id": entity_id}, document) if old else InsertOne(document)


def run(bootstrap_servers: str, url: str, name: str, count: int) -> dict[str, float]:
    """Read `count` events into the database `name`; return seconds and CPU from the first event to the last stored."""
    client: MongoClient[Document] = MongoClient(url, tz_aware=True)
    sink = RecordSink(client[name])
    app = Application(
        broker_address=bootstrap_servers,
        consumer_group=name,
        auto_offset_reset="earliest",
        auto_create_topics=False,
        commit_every=BATCH,
        commit_interval=1.0,
        consumer_poll_timeout=0.2,
        consumer_extra_config={"fetch.wait.max.ms": 50},
        loglevel="WARNING",
    )
    begun: list[tuple[float, float]] = []

    def event_of(value: bytes, key: bytes, timestamp: int, headers: list[tuple[str, bytes]]) -> EntityEvent:
        if not begun:
            begun.append((time.perf_counter(), time.process_time()))
        return decode("talent", key, value, headers)

    topic = app.topic(EVENTS["talent"], key_deserializer="bytes", value_deserializer="bytes")
    app.dataframe(topic).apply(event_of, metadata=True).sink(sink)
    app.run(count=count, collect=False)
    start, cpu = begun[0]
    used = time.process_time() - cpu
    client.close()
    return {
        "seconds": sink.flushed[-1][1] - start,
        "cold_seconds": next((at for done, at in sink.flushed if done >= COLD), sink.flushed[-1][1]) - start,
        "cpu_ms": used * 1000 / count,
        "events": sink.done,
    }


if __name__ == "__main__":
    servers, database_name, events = sys.argv[1:]
    print(json.dumps(run(servers, os.environ["LOOMA_MONGODB__URL"], database_name, int(events))))
