"""The ends of topics as one process follows them: no consumer group, nothing committed, every message once.

Partitions are assigned, so any number of processes may follow the same topics, and one that dies leaves nothing behind.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord
from loguru import logger

from schemas.settings import KafkaSettings
from sinks.kafka import admin, client, consumer
from sinks.sealing import NoKeyError
from sinks.topic_ids import topic_ids
from streams.reading import partitions_of

Record: TypeAlias = ConsumerRecord[bytes, bytes]
Receive: TypeAlias = Callable[[Sequence[Record]], None]

BACK_SECONDS = 60.0
"""A tail begins so far back: what was published a moment ago may not be stored yet."""
BLIND_SECONDS = 1.0
"""After so long without news from every partition nobody may rely on what a tail has brought."""
WAIT_MS = 250
"""How long a broker waits for a message before it says that there is none: with it the tail says what it sees. One that
comes is told at once."""
MAX_RECORDS = 500
"""Messages that are handed on at a time: other work of the process comes between."""
_CHECK_SECONDS = 5.0
_RETRY_SECONDS = 0.5


class Tail:
    """Follows topics and hands on what comes. `last` says of which topics the last so many offsets come first.

    `receive` is called with messages in order within each partition, some of them twice after a broken connection.
    `lost` is called when a topic was made anew: what it has told before holds no longer.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        topics: Sequence[str],
        receive: Receive,
        lost: Callable[[], None] = lambda: None,
        *,
        last: Mapping[str, int] | None = None,
    ) -> None:
        self._kafka = kafka
        self._topics = list(topics)
        self._receive = receive
        self._lost = lost
        self._last = dict(last or {})
        self._ids: dict[str, bytes] = {}
        self._seen: dict[TopicPartition, float] = {}
        self.visible_at = 0.0
        """Up to when everything that was published has been handed on, in seconds since the epoch; 0 at first."""
        self._task: asyncio.Task[None] | None = None
        self.begun = asyncio.Event()
        """Set once it sees for the first time."""
        self.positions: dict[TopicPartition, int] = {}
        """The offset behind the last message that was handed on, of each partition."""

    @property
    def is_blind(self) -> bool:
        """Whether nobody may rely on what it has handed on."""
        return time.time() - self.visible_at > BLIND_SECONDS

    async def start(self) -> None:
        """Begin to follow. A broker that is away is waited for; meanwhile the tail is blind."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Follow no longer."""
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            try:
                await self._follow()
            except NoKeyError as error:
                logger.error("the tail of {} topics is blind: {}", len(self._topics), error)
                await asyncio.sleep(_CHECK_SECONDS)
            except (KafkaError, OSError, TimeoutError) as error:
                logger.warning("the tail of {} topics is blind: {!r}", len(self._topics), error)
            except Exception as error:
                logger.opt(exception=error).error("the tail begins anew after {}", type(error).__name__)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _follow(self) -> None:
        """Follow until a topic is another one, or the connection is of no use."""
        async with client(self._kafka) as asked:
            ids = await self._read_ids(asked)
            if self._ids and ids != self._ids:
                self.visible_at = 0.0
                self.positions.clear()
                self._lost()
            self._ids = ids
            async with admin(self._kafka) as describing:
                partitions = await partitions_of(describing, self._topics)
            if partitions:
                await self._read(asked, partitions)

    async def _read(self, asked: AIOKafkaClient, partitions: Sequence[TopicPartition]) -> None:
        log = consumer(self._kafka, auto_offset_reset="earliest", fetch_max_wait_ms=WAIT_MS)
        await log.start()
        try:
            log.assign(partitions)
            for partition, offset in (await self._starts(log, partitions)).items():
                log.seek(partition, offset)
            self._seen = dict.fromkeys(partitions, self.visible_at)
            checked = time.monotonic()
            while True:
                await self._step(log, partitions)
                if time.monotonic() - checked > _CHECK_SECONDS:
                    if await self._read_ids(asked) != self._ids:
                        return
                    checked = time.monotonic()
        finally:
            await log.stop()

    async def _step(self, log: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> None:
        for partition, records in (await log.getmany(timeout_ms=WAIT_MS, max_records=MAX_RECORDS)).items():
            self._receive(records)
            self.positions[partition] = records[-1].offset + 1
        for partition in partitions:
            end, polled = log.last_stable_offset(partition), log.last_poll_timestamp(partition)
            if polled is not None and end is not None and await log.position(partition) >= end:
                self._seen[partition] = polled / 1000
        self.visible_at = min(self._seen.values())
        if self.visible_at:
            self.begun.set()

    async def _starts(self, log: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        beginnings, ends = await log.beginning_offsets(partitions), await log.end_offsets(partitions)
        by_time = [p for p in partitions if p not in self.positions and p.topic not in self._last]
        since = int((time.time() - BACK_SECONDS) * 1000)
        found = await log.offsets_for_times(dict.fromkeys(by_time, since)) if by_time else {}
        starts = {}
        for partition in partitions:
            if partition in self.positions:
                start = self.positions[partition]
            elif partition.topic in self._last:
                start = ends[partition] - self._last[partition.topic]
            else:
                at = found.get(partition)
                start = at.offset if at else ends[partition]
            starts[partition] = min(max(start, beginnings[partition]), ends[partition])
        return starts

    async def _read_ids(self, asked: AIOKafkaClient) -> dict[str, bytes]:
        async with asyncio.timeout(self._kafka.timeout_seconds):
            return await topic_ids(asked, self._topics)
