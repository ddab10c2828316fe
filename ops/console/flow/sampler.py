"""Asks the brokers how the pipeline stands, now and then; more often while somebody looks."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from aiokafka.errors import KafkaError
from loguru import logger

from ops.console.flow.durations import Stage, StageTimes
from ops.console.flow.history import POINT_SECONDS, History, Sample
from ops.runtime.telemetry import traces_dir
from ops.runtime.traces import SpanRecord
from schemas.settings import Settings
from schemas.topics import CHAT_EVENTS, CHAT_REPLIES, DEAD_LETTERS, IDENTITIES, MATCH_RESULTS, PIPELINE, RESUMES
from streams.generations.generation import Generation
from streams.lag import LagReader, chat_group, resume_group, workers_of
from streams.record_reads import RecordReads

WATCHED_SECONDS = 2.0
"""Between samples while somebody looks."""
GROUPS = ("pipeline", "resumes", "chat")
READ = {**dict.fromkeys(PIPELINE, "pipeline"), RESUMES: "resumes", CHAT_EVENTS: "chat"}
"""The topics that workers read, and whose."""
TOPICS = (*READ, MATCH_RESULTS, IDENTITIES, DEAD_LETTERS, CHAT_REPLIES)


class Flow:
    """How the pipeline of the active generation stands, and how it stood in the last hours."""

    def __init__(self, settings: Settings, reads: RecordReads, count_letters: Callable[[], Awaitable[int]]) -> None:
        self._settings = settings
        self._reads = reads
        self._count_letters = count_letters
        self._times = StageTimes(traces_dir(settings))
        self._watchers = 0
        self._workers: dict[str, int] = {}
        self._counted_at = float("-inf")
        self._looked_at = asyncio.Event()
        self._changed = asyncio.Condition()
        self.history = History(TOPICS)
        self.stages: dict[str, Stage] = {}
        self.letters = 0
        """Dead letters that are pending."""

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Sample more often for the block."""
        self._watchers += 1
        self._looked_at.set()
        try:
            yield
        finally:
            self._watchers -= 1
            if not self._watchers:
                self._looked_at.clear()

    def events(self) -> list[SpanRecord]:
        """Return what workers of this machine took up last of events, the newest first."""
        return self._times.events()

    async def changed(self) -> None:
        """Wait for the next sample."""
        async with self._changed:
            await self._changed.wait()

    async def run(self) -> None:
        """Sample until cancelled; brokers that are away are asked again."""
        while True:
            try:
                generation = self._reads.generation
                async with LagReader(self._settings.kafka, generation.named(self._settings.kafka.group_id)) as reader:
                    while self._reads.generation == generation:
                        async with asyncio.timeout(self._settings.kafka.timeout_seconds):
                            sample = await self._sample(reader, generation)
                        await asyncio.to_thread(self._times.refresh)
                        self.stages = self._times.stages(sample.at)
                        self.history.add(sample)
                        async with self._changed:
                            self._changed.notify_all()
                        await self._pause()
                self.history = History(TOPICS)
            except (KafkaError, OSError, TimeoutError) as error:
                logger.warning("the console cannot tell how the pipeline stands: {}", type(error).__name__)
            except Exception as error:
                logger.opt(exception=error).error("the console's samples begin anew")
            await asyncio.sleep(POINT_SECONDS)

    async def _pause(self) -> None:
        if self._watchers:
            await asyncio.sleep(WATCHED_SECONDS)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(POINT_SECONDS):
                await self._looked_at.wait()

    async def _sample(self, reader: LagReader, generation: Generation) -> Sample:
        kafka = self._settings.kafka
        names = {generation.topic(topic): topic for topic in TOPICS}
        groups = {
            "pipeline": generation.named(kafka.group_id),
            "resumes": resume_group(kafka.group_id),
            "chat": chat_group(kafka.group_id),
        }
        partitions = await reader.partitions(names)
        committed: dict[str, int] = {}
        lag: dict[str, int] = {}
        for group, group_id in groups.items():
            own = [p for p in partitions if READ.get(names[p.topic]) == group]
            known = await reader.committed(own, group_id)
            behind = await reader.lags({p: known.get(p) for p in own})
            for p in own:
                topic = names[p.topic]
                committed[topic] = committed.get(topic, 0) + (known.get(p) or 0)
                lag[topic] = lag.get(topic, 0) + behind.get(p, 0)
        ends: dict[str, int] = {}
        for p, end in (await reader.ends(partitions)).items():
            ends[names[p.topic]] = ends.get(names[p.topic], 0) + end
        if time.monotonic() - self._counted_at >= POINT_SECONDS:
            counted = await asyncio.gather(*(workers_of(kafka, group_id) for group_id in groups.values()))
            self._workers, self._counted_at = dict(zip(groups, counted, strict=True)), time.monotonic()
            self.letters = await self._count_letters()
        return Sample(time.time(), ends, committed, lag, self._workers)
