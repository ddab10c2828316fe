"""Delivers a result topic to one receiver: each message until it is accepted, in order for each key.

A receiver has a consumer group of its own, so one that is away holds up no other. An offset is committed once
everything before it was accepted: a process that dies sends the last few again, under the ids that they had.
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from aiokafka.structs import ConsumerRecord
from loguru import logger

from connectors import retry_after
from connectors.webhooks.signature import headers, key_of
from processors.masking import mask_match
from schemas.envelope import derived_id
from schemas.settings import KafkaSettings, WebhookSettings
from schemas.topics import MATCH_RESULTS
from sinks.kafka import consumer
from sinks.sealing import SEALED_SECONDS, NoKeyError, ring

FIRST_SECONDS, MOST_SECONDS = 1.0, 60.0
"""Between two tries: doubled each time, a random part of it, or as long as the receiver asks for."""
MAX_RECORDS = 100
MOST_OF_FETCH_SECONDS = 60.0
"""After which the rest of a fetch is fetched again: who asks Kafka for nothing in five minutes leaves its group."""
POLL_MS = 500
ANSWER_BYTES = 64 * 1024
Record: TypeAlias = ConsumerRecord[bytes, bytes]


class NotTakenError(Exception):
    """The receiver did not accept a message; `seconds` are what it asks to be left alone for."""

    def __init__(self, why: str, seconds: float = 0.0) -> None:
        super().__init__(why)
        self.seconds = seconds


def group_of(group_id: str, hook: WebhookSettings) -> str:
    """Return the consumer group of a receiver."""
    return f"{group_id}-webhook-{hook.name}"


def message_of(record: Record, *, personal: bool) -> tuple[str, bytes]:
    """Return a message's id, the same however often it is sent, and its body."""
    named = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
    place = (record.topic, str(record.partition), str(record.offset))
    message_id = named.get("ce_id") or derived_id("webhook", *place)
    try:
        data: Any = orjson.loads(record.value or b"null")
    except ValueError:
        data = None
    if record.topic == MATCH_RESULTS and isinstance(data, dict) and not personal:
        data = mask_match(data)
    return message_id, orjson.dumps(
        {"type": named.get("ce_type", ""), "timestamp": named.get("ce_time", ""), "data": data}
    )


class Delivery:
    """Sends the messages of a topic to one receiver until it is cancelled."""

    def __init__(self, kafka: KafkaSettings, hook: WebhookSettings, session: ClientSession) -> None:
        self._hook = hook
        self._session = session
        self._key = key_of(hook.secret.get_secret_value())
        self._timeout = ClientTimeout(total=hook.timeout_seconds)
        self._failures = 0
        self._kafka = kafka
        self._look_again_at = 0.0
        self._begun: set[TopicPartition] = set()
        self.delivered = 0

    async def run(self) -> None:
        """Deliver. A broker that is away is waited for, and so is the receiver."""
        while True:
            log = consumer(
                self._kafka,
                self._hook.topic,
                group_id=group_of(self._kafka.group_id, self._hook),
                auto_offset_reset="latest" if self._hook.begin == "next" else "earliest",
                opens=False,  # which each partition does by itself
            )
            try:
                self._begun = set()
                await log.start()
                while True:
                    await self._step(log)
            except (KafkaError, OSError) as error:
                logger.warning("webhook {}: Kafka does not answer: {!r}", self._hook.name, error)
                await asyncio.sleep(FIRST_SECONDS)
            finally:
                await log.stop()

    async def _step(self, log: AIOKafkaConsumer) -> None:
        """Deliver what comes next; what was not accepted comes again, after a pause.

        A partition whose next message no key here opens is left alone for a while; the others go on.
        """
        try:
            await self._begin(log)
        except (CommitFailedError, IllegalStateError):  # the partitions are another process's by now
            return
        if log.paused() and time.monotonic() >= self._look_again_at:
            log.resume(*log.paused())
        fetched: Mapping[TopicPartition, Sequence[Record]] = await log.getmany(
            timeout_ms=POLL_MS, max_records=MAX_RECORDS
        )
        if not fetched:
            return
        until = time.monotonic() + MOST_OF_FETCH_SECONDS
        results = await asyncio.gather(*(self._partition(records, until) for records in fetched.values()))
        done = {p: offset for p, (offset, _) in zip(fetched, results, strict=True)}
        refused = [each for _, each in results if isinstance(each, NotTakenError)]
        try:
            for partition, (offset, why) in zip(fetched, results, strict=True):
                if offset <= fetched[partition][-1].offset:
                    log.seek(partition, offset)
                if isinstance(why, NoKeyError):
                    if not log.paused():
                        self._look_again_at = time.monotonic() + SEALED_SECONDS
                    log.pause(partition)
                    logger.error("webhook {}: {} [{}] stops at offset {}: {}", self._hook.name, *partition, offset, why)
            if accepted := {p: offset for p, offset in done.items() if offset > fetched[p][0].offset}:
                await log.commit(accepted)
        except (CommitFailedError, IllegalStateError):  # the partitions are another process's by now
            return
        if not refused:
            self._failures = 0
            return
        self._failures += 1
        most = min(MOST_SECONDS, FIRST_SECONDS * 2 ** min(self._failures - 1, 10))
        pause = max(random.uniform(most / 2, most), *(min(each.seconds, MOST_SECONDS) for each in refused))
        logger.warning("webhook {}: {}; tried again in {:.0f} s", self._hook.name, refused[0], pause)
        await asyncio.sleep(pause)

    async def _begin(self, log: AIOKafkaConsumer) -> None:
        """Commit where a partition begins if nothing is committed: the next process might begin behind what came."""
        for place in log.assignment() - self._begun:
            if await log.committed(place) is None:
                await log.commit({place: await log.position(place)})
        self._begun = set(log.assignment())

    async def _partition(
        self, records: Sequence[Record], until: float
    ) -> tuple[int, NotTakenError | NoKeyError | None]:
        """Return the offset behind the last message that was accepted, and why the one behind it was not, if tried."""
        keys = ring(self._kafka)
        for record in records:
            if time.monotonic() > until:
                return record.offset, None
            try:
                await self._send(keys.opened(record))
            except (NotTakenError, NoKeyError) as error:
                return record.offset, error
            self.delivered += 1
        return records[-1].offset + 1, None

    async def _send(self, record: Record) -> None:
        message_id, body = message_of(record, personal=self._hook.personal)
        signed = headers(self._key, message_id, int(time.time()), body)
        try:
            async with self._session.post(
                str(self._hook.url),
                data=body,
                headers={"content-type": "application/json", **signed},
                timeout=self._timeout,
                allow_redirects=False,
            ) as answer:
                await answer.content.read(ANSWER_BYTES)
                if not 200 <= answer.status < 300:
                    wait = retry_after.seconds(answer.headers.get("retry-after", ""))
                    raise NotTakenError(f"the receiver answers {answer.status}", wait)
        except (ClientError, OSError, TimeoutError) as error:
            raise NotTakenError(f"the receiver does not answer ({type(error).__name__})") from None
