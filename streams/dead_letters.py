"""Dead letters: list, show, redrive to where they came from, discard.

A dead letter's id is `topic/partition/offset` of the message that failed, and a mark of when that was appended and what
it held: a topic that was deleted and made again gives its offsets out again. The same message published again and
failing again is a repeat of it, settled together with it. What has been redriven or discarded is remembered in MongoDB;
the topic itself is a log and stays as it is.
"""

import hashlib
from collections.abc import AsyncIterable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from aiokafka.errors import InvalidTopicError, MessageSizeTooLargeError, UnknownTopicOrPartitionError
from aiokafka.structs import ConsumerRecord

from schemas.envelope import Headers
from schemas.errors import LoomaError
from schemas.settings import KafkaSettings
from schemas.topics import DEAD_LETTERS
from sinks.batches import UnpackError, unpack
from sinks.iteration import each
from sinks.kafka import admin, producer
from sinks.mongodb import Database
from sinks.sealing import SEALED
from sinks.settled import SETTLED
from streams.reading import partitions_of, read_ranges, reader

MARK_DIGITS = 8
ZSTD = 4
"""Kafka's number of the codec."""
_ANY_SIZE = 2**31 - 1


class RedriveError(LoomaError, ValueError):
    """Letters that their topics do not take; the message says which, and what to do."""

    code = "redrive"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that failed, with its original bytes and the reason. `left_out`: what of it had no room in a letter."""

    id: str
    topic: str
    reason: str
    detail: str
    failed_at: str
    stack: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    repeats: list[str] = field(default_factory=list)
    left_out: str = ""


def place(topic: str, partition: object, offset: object) -> str:
    """Return how a message's place is called."""
    return f"{topic}/{partition}/{offset}"


def mark(timestamp: str, key: bytes | None, value: bytes | None) -> str:
    """Return what tells a message from others that had its place: when it was appended (ms), and its bytes."""
    content = hashlib.sha256()
    for part in (timestamp.encode(), key or b"", value or b""):
        content.update(len(part).to_bytes(8, "big") + part)
    return content.hexdigest()[:MARK_DIGITS]


def letter_id(record: ConsumerRecord[bytes, bytes]) -> str:
    """Return the id of the dead letter in a record of the topic; letters of earlier versions have no mark."""
    own = _own(record)
    at = place(*(_text(own, name, "?") for name in ("topic", "partition", "offset")))
    if "timestamp" not in own:
        return at
    return f"{at}/{mark(_text(own, 'timestamp', ''), *original(record))}"


def original(record: ConsumerRecord[bytes, bytes]) -> tuple[bytes | None, bytes | None]:
    """Return the key and value that the message had; what was too large for a letter is packed in it."""
    own = _own(record)
    try:
        key = unpack(own["key"], ZSTD) if "key" in own else record.key
        is_packed = own.get("encoding") == b"zstd" and record.value
        return key, unpack(record.value, ZSTD) if is_packed else record.value
    except UnpackError:  # no letter of ours
        return record.key, record.value


def _own(record: ConsumerRecord[bytes, bytes]) -> dict[str, bytes]:
    return {n[4:]: v or b"" for n, v in record.headers if n.startswith("dlq_")}


def _text(own: dict[str, bytes], name: str, default: str) -> str:
    return own[name].decode(errors="replace") if name in own else default


def letter_of(record: ConsumerRecord[bytes, bytes]) -> DeadLetter:
    """Return the dead letter in a record of the topic."""
    headers: Headers = [(n, v or b"") for n, v in record.headers]
    sealed: Headers = [(SEALED, v) for n, v in headers if n == "dlq_sealed"]  # else the letter itself would be
    own = {n: v.decode(errors="replace") for n, v in _own(record).items()}
    key, value = original(record)
    return DeadLetter(
        id=letter_id(record),
        topic=own.get("topic", "?"),
        reason=own.get("reason", "unknown"),
        detail=own.get("detail", ""),
        failed_at=own.get("failed_at", ""),
        stack=own.get("stack", ""),
        key=key,
        value=value,
        headers=[(n, v) for n, v in headers if not n.startswith("dlq_")] + sealed,
        left_out=own.get("left_out", ""),
    )


async def letter_at(kafka: KafkaSettings, topic: str, partition: int, offset: int, *, since: int) -> DeadLetter | None:
    """Return the dead letter of the message at a place, if it became one after `since` (ms since the epoch)."""
    wanted = place(topic, partition, offset)
    async with admin(kafka) as asked:
        partitions = await partitions_of(asked, [DEAD_LETTERS])
    async with reader(kafka) as log:
        starts = await log.offsets_for_times(dict.fromkeys(partitions, since))
        ends = await log.end_offsets(partitions)
        begun = {p: at.offset if at else ends[p] for p, at in starts.items()}
        async for records in read_ranges(log, begun, ends, timeout_seconds=kafka.timeout_seconds):
            for record in records:
                own = _own(record)
                if place(*(_text(own, name, "?") for name in ("topic", "partition", "offset"))) == wanted:
                    return letter_of(record)
    return None


class Failed(Protocol):
    """What is settled of a dead letter, whether its message was read or not."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def reason(self) -> str:
        """Why it failed."""
        ...

    @property
    def repeats(self) -> list[str]:
        """The ids of the later ones of the same message."""
        ...


async def redrive(
    kafka: KafkaSettings, database: Database, letters: Iterable[DeadLetter] | AsyncIterable[DeadLetter]
) -> None:
    """Publish letters again to the topics they came from, then remember that they are settled.

    A message may be far larger than the packed batch it came in: it is packed again, and the broker says what is too
    large. Raises RedriveError at the end, if any is not taken.
    """
    refused: list[str] = []
    producing = producer(kafka, max_request_size=_ANY_SIZE)
    await producing.start()
    try:
        async for letter in each(letters):
            if letter.left_out:
                refused.append(f"{letter.id}: its {letter.left_out} had no room in the letter; discard it")
                continue
            value = b"" if letter.key is None and letter.value is None else letter.value  # aiokafka refuses neither
            try:
                await producing.send_and_wait(letter.topic, value=value, key=letter.key, headers=letter.headers)
            except MessageSizeTooLargeError:
                refused.append(f"{letter.id}: raise max.message.bytes of {letter.topic}, or discard it")
            except (InvalidTopicError, UnknownTopicOrPartitionError):
                refused.append(f"{letter.id}: there is no topic {letter.topic}; discard it")
            else:
                await _settle(database, letter, "redriven")
    finally:
        await producing.stop()
    if refused:
        raise RedriveError(f"not redriven: {'; '.join(refused)}")


async def discard(database: Database, letters: Iterable[Failed]) -> None:
    """Remember that letters need no further care."""
    for letter in letters:
        await _settle(database, letter, "discarded")


async def _settle(database: Database, letter: Failed, how: str) -> None:
    change = {"$set": {"how": how, "reason": letter.reason, "at": datetime.now(UTC)}}
    for letter_id in (letter.id, *letter.repeats):
        await database[SETTLED].update_one({"_id": letter_id}, change, upsert=True)
