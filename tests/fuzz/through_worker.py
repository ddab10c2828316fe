"""Sends hostile messages through a real worker and accounts for each by its offset.

    python tests/fuzz/through_worker.py --events 100000 --seed 1 [--full]

Every message must be a dead letter with its original bytes, or have its effect in MongoDB or Qdrant; never neither, and
never a dead letter for a message that is sound. Without `--full` the worker only syncs, which is faster; with it the
record topics, requests, verdicts and feedback are written to as well. Prints JSON; exits with 1 if a message is lost.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from aiokafka import AIOKafkaProducer
from mutations import MAKERS, Sample, spoilt
from stages import STAGES

from schemas.errors import BadMessageError
from schemas.settings import KafkaSettings
from schemas.topics import DEAD_LETTERS, EVENTS, PIPELINE, RECORDS
from sinks import mongodb, qdrant
from sinks.feedback import FEEDBACK
from sinks.identities import IDENTITIES, VERDICTS
from streams.delivery import Inbound, decoded

_SOUND = 0.2
"""Share of the messages that have nothing wrong with them, though their neighbours have."""
_RECORDS_EACH = 20
_LARGEST = 900_000
_SEND_AT_ONCE = 2000
_OF_PROCESSING = frozenset(("too_many_sources", "oversized"))
"""What may be found wrong with a sound message only when it meets what is stored."""

Place = tuple[str, int, int]


@dataclass
class Account:
    """What has become of the messages. Those in `lost`, `wronged`, `misjudged` and `changed` should not be."""

    events: int = 0
    effects: int = 0
    dead_letters: Counter[str] = field(default_factory=Counter)
    lost: list[Place] = field(default_factory=list)
    wronged: list[Place] = field(default_factory=list)
    misjudged: list[Place] = field(default_factory=list)
    changed: list[Place] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether every message is accounted for."""
        return not (self.lost or self.wronged or self.misjudged or self.changed)

    def to_json(self) -> dict[str, Any]:
        """Return the figures, and the first places of what is wrong."""
        letters = dict(self.dead_letters.most_common())
        wrong = {name: getattr(self, name) for name in ("lost", "wronged", "misjudged", "changed")}
        return {
            "events": self.events,
            "effects": self.effects,
            "dead_letters": sum(letters.values()),
            "unaccounted": len(self.lost),
            **{name: len(places) for name, places in wrong.items() if name != "lost"},
            "by_reason": letters,
            "places": {name: places[:5] for name, places in wrong.items() if places},
        }


def hostile(count: int, seed: int, topics: Collection[str]) -> Iterator[tuple[Sample, bool]]:
    """Yield messages to `topics`, and of each whether it is sound."""
    rng = Random(seed)
    makers = [make for make in MAKERS if make("x").topic in topics]
    made = 0
    while made < count:
        make = rng.choice(makers)
        sample = make(f"h{seed}-{rng.randrange(count // _RECORDS_EACH + 1)}")
        if sample.topic in RECORDS.values():  # whatever is said of a record later undoes what was said before
            sample = make(f"h{seed}-r{made}")
        own = {"ce_id": b"h%d-%d" % (seed, made), "ce_source": b"s%d" % rng.randrange(5)}
        sample = Sample(sample.topic, sample.key, sample.value, [(n, own.get(n, v)) for n, v in sample.headers])
        is_sound = rng.random() < _SOUND
        if not is_sound:
            sample = spoilt(sample, rng)
        if sample.key is None and (sample.value is None or sample.topic in RECORDS.values()):
            continue  # no client sends nothing at all, and a compacted topic takes nothing without a key
        if any(not name.isprintable() for name, _ in sample.headers):
            continue  # our own client cannot write such a name
        if sample.topic in topics and len(sample.body or b"") < _LARGEST:
            made += 1
            yield sample, is_sound


async def send(kafka: KafkaSettings, samples: Iterator[tuple[Sample, bool]]) -> dict[Place, tuple[Inbound, bool]]:
    """Publish to any partition; return every message with its place, as the worker gets it."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers, linger_ms=5, max_request_size=4 << 20)
    await producer.start()
    sent: dict[Place, tuple[Inbound, bool]] = {}
    waiting: list[tuple[Any, Sample, bool]] = []

    async def settle() -> None:
        for future, sample, is_sound in waiting:
            at = await future
            message = Inbound(
                at.topic, at.partition, at.offset, sample.key, sample.body, sample.headers, at.timestamp / 1000
            )
            sent[at.topic, at.partition, at.offset] = message, is_sound
        waiting.clear()

    try:
        for sample, is_sound in samples:
            future = await producer.send(sample.topic, sample.body, sample.key, headers=sample.headers)
            waiting.append((future, sample, is_sound))
            if len(waiting) >= _SEND_AT_ONCE:
                await settle()
        await settle()
    finally:
        await producer.stop()
    return sent


async def account(settings: Any, sent: dict[Place, tuple[Inbound, bool]], letters: list[Any]) -> Account:
    """Say what has become of each message that was sent; `letters` are the dead letters."""
    found = Account(events=len(sent))
    dead: dict[Place, Any] = {}
    for letter in letters:
        headers = dict(letter.headers)
        place = headers["dlq_topic"].decode(), int(headers["dlq_partition"]), int(headers["dlq_offset"])
        dead.setdefault(place, letter)
    client, database = mongodb.connect(settings.mongodb)
    vectors = qdrant.VectorStore(qdrant.connect(settings.qdrant))
    try:
        for place, (message, is_sound) in sent.items():
            expected = _code(message)
            letter = dead.get(place)
            if letter is not None:
                code = dict(letter.headers)["dlq_reason"].decode()
                found.dead_letters[code] += 1
                if is_sound and code not in _OF_PROCESSING:
                    found.wronged.append(place)
                elif code != expected and code not in _OF_PROCESSING:
                    found.misjudged.append(place)
                if (letter.key, letter.value) != (message.key, message.value):
                    found.changed.append(place)
            elif expected is None and await _has_effect(database, vectors, message):
                found.effects += 1
            else:
                found.lost.append(place)
    finally:
        await client.close()
    return found


def _code(message: Inbound) -> str | None:
    """Return by which code a message is refused, if it is."""
    for stage in STAGES[message.topic]:
        try:
            decoded(stage, message)
        except BadMessageError as error:
            return error.code
    return None


async def _has_effect(database: Any, vectors: qdrant.VectorStore, message: Inbound) -> bool:
    """Whether what a sound message says is stored, or something newer in its place."""
    item: Any = decoded(STAGES[message.topic][0], message)
    kind = message.topic.removesuffix("-events").removesuffix("-records")
    if message.topic in EVENTS.values():
        return await _is_merged(database[mongodb.COLLECTIONS[kind]], item)  # type: ignore[index]
    if message.topic == "match-feedback":
        feedback = await database[FEEDBACK].find_one({"_id": item.envelope.subject})
        said = feedback["said"] if feedback else []
        return len(said) == 50 or any(s["event_id"] == item.envelope.id for s in said)
    if message.topic == "identity-events":
        unique = json.dumps([item.envelope.source, item.envelope.id])
        return await database[VERDICTS].find_one({"_id": unique}) is not None
    if message.topic == "company-records":
        return await database[IDENTITIES].find_one({"_id": f"company|{item.id}"}) is not None
    if message.topic in ("talent-records", "job-records"):
        side: Any = kind
        return bool(item.deleted or await vectors.get(side, [item.id]))
    return True  # a request for matches may have none


async def _is_merged(collection: Any, event: Any) -> bool:
    document = await collection.find_one({"_id": event.id})
    if document is None:
        return False
    stamp = [event.envelope.timestamp, event.envelope.id]
    deleted = document["deleted_by"] or ["", ""]
    if deleted >= stamp:
        return True
    kept = {(c["field"], c["source"]): [c["time"], c["event_id"]] for c in document["contributions"]}
    return event.action != "deleted" and all(
        kept.get((name, event.envelope.source), ["", ""]) >= stamp for name in event.fields
    )


def run(cluster: Any, events: int, seed: int, *, full: bool, timeout: float = 3600) -> Account:
    """Send hostile messages to the topics of a worker that runs; return the account once it has nothing left to do."""
    topics = tuple(t for t in PIPELINE if full or t in EVENTS.values())
    sent = asyncio.run(send(cluster.settings.kafka, hostile(events, seed, topics)))
    cluster.drained(topics, timeout)
    return asyncio.run(account(cluster.settings, sent, cluster.read(DEAD_LETTERS)))


def main() -> int:
    """Run a stack and a worker for as long as it takes."""
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from tests.support.cluster import running_cluster

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--full", action="store_true", help="a worker with all stages, and all its topics")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_cluster(Path(folder), "hostile", 4) as cluster:
        worker = cluster.worker(*(() if options.full else ("--sync-only",)))
        try:
            started = time.monotonic()
            found = run(cluster, options.events, options.seed, full=options.full)
            result = {**found.to_json(), "seed": options.seed, "seconds": round(time.monotonic() - started)}
            result["worker_ended_with"] = worker.stop()
            print(json.dumps(result, indent=2, ensure_ascii=False))
        finally:
            cluster.stop_workers()
    return 0 if found.is_whole and result["worker_ended_with"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
