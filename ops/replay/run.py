"""Replays a selection in place: events go through the sync stage again, and what changes flows to the live workers."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from aiokafka.structs import ConsumerRecord
from aiolimiter import AsyncLimiter
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link

from connectors.checkpoint import CheckpointError, RunFile
from ops.replay import checkpoint as checkpoints
from ops.replay.checkpoint import Checkpoint, replays_dir
from ops.replay.log import SourceLog
from ops.replay.selection import Selection
from processors.sync.policy import load_policy
from schemas.chain import REPLAY
from schemas.events import EntityEvent
from schemas.propagation import extract, inject
from schemas.settings import Settings
from schemas.topics import EVENTS
from sinks.forgotten import Forgotten
from streams import decoding
from streams.delivery import Courier, Delivery, Inbound
from streams.generations.database import base_database
from streams.generations.generation import ActiveView, Generation, read_active
from streams.generations.sink import GenerationSink
from streams.pipeline import resolvers, sync_stages
from streams.sync import SyncStage
from streams.tracing import context_of, tracer

SAVE_SECONDS = 1.0
Progress = Callable[[Checkpoint], None]


class CountingStage:
    """A sync stage that counts what became of its events."""

    def __init__(self, stage: SyncStage) -> None:
        self.name = stage.name
        self.operation = stage.operation
        self.decode = stage.decode
        self.attributes = stage.attributes
        self.outcomes: Counter[str] = Counter()
        self._process = stage.process

    async def process(self, deliveries: Sequence[Delivery[EntityEvent]]) -> None:
        """Process as the stage does; a batch counts when its effects are durable."""
        await self._process(deliveries)
        self.outcomes.update(d.outcome for d in deliveries)


class Replay:
    """One run. `stop` ends it after the batch in hand; `run` again takes it up where it was."""

    def __init__(self, settings: Settings, folder: Path, *, rate: float | None, on_progress: Progress) -> None:
        self._settings = settings
        self._folder = folder
        self._on_progress = on_progress
        self._limiter = AsyncLimiter(1, 1 / rate) if rate else None
        self._batch = (
            min(settings.worker.batch_events, max(1, int(rate))) if rate else len(EVENTS) * settings.worker.batch_events
        )
        self.stop = asyncio.Event()

    async def run(self, log: SourceLog, checkpoint: Checkpoint) -> None:
        """Replay what the checkpoint has still to do."""
        began, before = time.monotonic(), checkpoint.working_seconds
        async with self._opened(checkpoint) as (stages, couriers):
            earlier = Counter(checkpoint.outcomes)
            checkpoint.expired += await log.seek(checkpoint.positions)
            saved_at = 0.0
            async for batch in log.batches(checkpoint.positions, self._batch):
                by_topic: dict[str, list[Inbound]] = {}
                for partition, records in batch.items():
                    chosen = await self._choose(records, stages[partition.topic], checkpoint)
                    by_topic.setdefault(partition.topic, []).extend(chosen)
                async with asyncio.TaskGroup() as group:
                    for topic, messages in by_topic.items():
                        group.create_task(couriers[topic].deliver(messages))
                log.advance(checkpoint.positions)
                now = time.monotonic()
                checkpoint.working_seconds = before + now - began
                checkpoint.outcomes = dict(sum((s.outcomes for s in stages.values()), earlier))
                self._on_progress(checkpoint)
                if now - saved_at >= SAVE_SECONDS:
                    checkpoints.save(self._folder, checkpoint)
                    saved_at = now
                if self.stop.is_set():
                    break
        checkpoint.finished = all(p.next >= p.end for p in checkpoint.positions)
        checkpoints.save(self._folder, checkpoint)

    async def _choose(
        self, records: Iterable[ConsumerRecord[bytes, bytes]], stage: CountingStage, checkpoint: Checkpoint
    ) -> list[Inbound]:
        chosen = []
        for record in records:
            message = inbound(record, checkpoint.run)
            if not checkpoint.selection.takes(message.key, message.headers):
                checkpoint.passed_over += 1
            elif not decodes(stage, message):
                checkpoint.rejected += 1
            else:
                if self._limiter:
                    await self._limiter.acquire()
                chosen.append(_traced(message))
        return chosen

    @asynccontextmanager
    async def _opened(
        self, checkpoint: Checkpoint
    ) -> AsyncIterator[tuple[dict[str, CountingStage], dict[str, Courier[EntityEvent]]]]:
        s, generation = self._settings, Generation(checkpoint.generation)
        async with AsyncExitStack() as stack:
            base = await stack.enter_async_context(base_database(s))
            sink = await stack.enter_async_context(
                GenerationSink(
                    s.kafka,
                    client_id="looma-replay",
                    generation=generation,
                    view=ActiveView(base),
                )
            )
            forgotten = Forgotten(base)
            policy = load_policy(s.sync.policy)
            database = generation.database(base)
            synced = sync_stages(database, sink, policy, resolvers(database, sink, policy))
            stages = {EVENTS[entity]: CountingStage(stage) for entity, stage in synced.items()}
            couriers: dict[str, Courier[EntityEvent]] = {
                topic: Courier(
                    stage,
                    sink,
                    group=f"replay {checkpoint.run}",
                    max_bytes=s.worker.batch_bytes,
                    retry_max_seconds=s.worker.retry_max_seconds,
                    forgotten=forgotten,
                    store=base,
                )
                for topic, stage in stages.items()
            }
            yield stages, couriers


def inbound(record: ConsumerRecord[bytes, bytes], run: str) -> Inbound:
    """Return a kept event as the delivery layer takes it, marked with the run; a mark it has is replaced."""
    message = decoding.inbound(record)
    headers = [header for header in message.headers if header[0] != REPLAY]
    return replace(message, headers=[*headers, (REPLAY, run.encode())])


def decodes(stage: CountingStage, message: Inbound) -> bool:
    """Whether the stage can read the message. What it can't read is in `dead-letters` since it first came."""
    return decoding.refusal(stage, message) is None


def _traced(message: Inbound) -> Inbound:
    """Begin a new trace for the event, linked to the one that it came with."""
    original = trace.get_current_span(extract(message.headers)).get_span_context()
    links = [Link(original)] if original.is_valid else []
    with tracer.start_span(f"replay {message.topic}", Context(), links=links) as span:
        headers = inject([h for h in message.headers if h[0] not in ("traceparent", "tracestate")], context_of(span))
    return replace(message, headers=headers)


async def begin(settings: Settings, log: SourceLog, run: str, selection: Selection | None) -> Checkpoint:
    """Return where a run stands, fixing its bounds if it is new. Raises CheckpointError."""
    async with base_database(settings) as base:
        active = await read_active(base)
    known = checkpoints.load(replays_dir(settings), run)
    if known:
        if selection not in (None, known.selection):
            raise CheckpointError(f"the run {run} replays something else; leave the options out, or name another run")
        if known.generation != active.generation:
            raise CheckpointError(f"the run {run} is of generation {known.generation}, which is no longer active")
        return known
    if selection is None:
        raise CheckpointError(f"there is no run {run}; say what to replay")
    return Checkpoint(
        run=run,
        generation=active.generation,
        selection=selection,
        started_at=datetime.now(UTC),
        positions=await log.bounds(selection),
    )


async def preview(log: SourceLog, checkpoint: Checkpoint, on_progress: Progress) -> Counter[str]:
    """Count what would be replayed, by topic and type; nothing is written."""
    counts: Counter[str] = Counter()
    checkpoint.expired += await log.seek(checkpoint.positions)
    async for batch in log.batches(checkpoint.positions, 1000):
        for records in batch.values():
            for record in records:
                message = inbound(record, checkpoint.run)
                if checkpoint.selection.takes(message.key, message.headers):
                    types = (value for name, value in message.headers if name == "ce_type")
                    counts[f"{message.topic} {next(types, b'?').decode(errors='replace')[:100]}"] += 1
                else:
                    checkpoint.passed_over += 1
        log.advance(checkpoint.positions)
        on_progress(checkpoint)
    return counts


def hold(settings: Settings, run: str) -> RunFile:
    """Return the run's lock file. Raises CheckpointError if `run` can't be a name."""
    return RunFile(replays_dir(settings), run)
