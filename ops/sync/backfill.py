"""Backfill: publishes what a source holds, with checkpoints, so that it can be killed and taken up at any moment.

A checkpoint is saved only when Kafka has acknowledged every record before its cursor. After a crash the records behind
the last checkpoint are published again, with the same event ids, which changes nothing.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiolimiter import AsyncLimiter

from connectors.checkpoint import Checkpoint, CheckpointError, RunFile
from connectors.publisher import EventPublisher, Receipt
from connectors.rows import Row, RowError
from connectors.sources.base import Source, SourceError
from processors.sync.clock import is_late
from schemas.entities import Entity
from schemas.settings import EVENTS_KEPT, Settings

RUN_HEADER = "looma_run"
SAVE_SECONDS = 1.0
SAVE_RECORDS = 10_000
SAVE_BYTES = 16 * 1024 * 1024
MAX_LISTED = 10_000
_BURST_SECONDS = 0.1
_YIELD_RECORDS = 100

Progress = Callable[[Checkpoint], None]


def runs_dir(settings: Settings) -> Path:
    """Return the folder of the runs' checkpoints."""
    return settings.data_dir / "runs"


def run_id(source: Source, entity: Entity | None, provenance: str) -> str:
    """Return the name of the run that reads this source this way: the same command takes up the same run."""
    stem = re.sub(r"[^A-Za-z0-9]+", "-", source.name.rstrip("/").rpartition("/")[2]).strip("-")[:60] or "run"
    digest = hashlib.sha256("\x1f".join((source.identity, entity or "", provenance)).encode()).hexdigest()
    return f"{stem}-{digest[:8]}"


def first_checkpoint(file: RunFile, source: Source, entity: Entity | None, provenance: str) -> Checkpoint:
    """Return the checkpoint of a run of which nothing has been read."""
    now = datetime.now(UTC)
    return Checkpoint(
        run=file.run,
        source=source.name,
        identity=source.identity,
        entity=entity,
        provenance=provenance,
        started_at=now,
        saved_at=now,
    )


def begin(file: RunFile, source: Source, entity: Entity | None, provenance: str) -> Checkpoint:
    """Return the checkpoint to go on from, the first if there is none. Raises CheckpointError."""
    known = file.load()
    if known is None:
        return first_checkpoint(file, source, entity, provenance)
    if (known.identity, known.entity, known.provenance) != (source.identity, entity, provenance):
        raise CheckpointError(
            f"the run {file.run} has begun with another source, entity or source name, or the file has changed since; "
            "name a new run with --run"
        )
    return known


class Backfill:
    """One process's work on one run. Without a publisher it is a dry run: nothing is published and nothing saved."""

    def __init__(
        self,
        source: Source,
        checkpoint: Checkpoint,
        file: RunFile,
        publisher: EventPublisher | None,
        *,
        rate: float | None = None,
        on_progress: Progress = lambda _: None,
        kept: timedelta = EVENTS_KEPT,
    ) -> None:
        self._kept = kept
        self.checkpoint = checkpoint
        self.dry_run_refused: list[RowError] = []
        self.stop = asyncio.Event()
        self._source = source
        self._file = file
        self._publisher = publisher
        self._limiter = AsyncLimiter(max(1.0, rate * _BURST_SECONDS), max(_BURST_SECONDS, 1 / rate)) if rate else None
        self._on_progress = on_progress
        self._headers = [(RUN_HEADER, file.run.encode())]
        self._refused: list[RowError] = []
        self._refused_size = 0
        self._settled = False
        self._under_way: list[tuple[str, Entity, bool, asyncio.Future[Receipt] | None]] = []
        self._own: dict[tuple[str, int], tuple[int, int]] = {}
        self._saved = time.monotonic()

    async def run(self) -> Checkpoint:
        """Publish what is left, until the source ends or `stop` is set; return the last checkpoint.

        Raises SourceError, KafkaError, TimeoutError or OSError; what was saved stays, and running again is safe.
        """
        checkpoint = self.checkpoint
        checkpoint.finished = False
        try:
            checkpoint.finished = await self._read()
        except SourceError:
            if self._settled:  # what was read before it is accounted for
                await self._save()
            raise
        await self._save()
        return checkpoint

    async def _read(self) -> bool:
        """Publish what the source holds; return whether it has ended, rather than been stopped."""
        checkpoint, number = self.checkpoint, 0
        async with aclosing(self._source.steps(checkpoint.cursor)) as steps:
            async for row, cursor in steps:
                if isinstance(row, RowError):
                    self._refuse(row)
                elif row is not None:
                    await self._publish(row)
                number += 1
                if number % _YIELD_RECORDS == 0:
                    await asyncio.sleep(0)  # acknowledgements and signals come in while files are read
                self._settled = cursor is not None
                if cursor is None:
                    continue
                first, checkpoint.cursor = checkpoint.cursor is None, cursor
                if first or self._due():
                    await self._save()
                if self.stop.is_set():
                    return False
        return True

    async def _publish(self, row: Row) -> None:
        delivered = None
        if self._publisher is not None:
            if self._limiter:
                await self._limiter.acquire()
            delivered = await self._publisher.publish_row(row, self._headers)
        late = is_late(row.time, time.time(), self._kept)
        self._under_way.append((row.source, row.entity, late, delivered))

    def _refuse(self, row: RowError) -> None:
        if self._publisher is None:  # what is refused is only listed
            row = replace(row, raw=None)
        self._refused.append(row)
        self._refused_size += len(row.raw or "")

    def _due(self) -> bool:
        waiting = len(self._under_way) + len(self._refused)
        return (
            waiting >= SAVE_RECORDS
            or self._refused_size >= SAVE_BYTES
            or time.monotonic() - self._saved >= SAVE_SECONDS
        )

    async def _save(self) -> None:
        """Wait for Kafka, count, and make both last."""
        checkpoint = self.checkpoint
        if self._publisher is not None:
            await self._publisher.flush()
        for source, entity, late, delivered in self._under_way:
            if delivered is not None:
                self._extend(*delivered.result())
            checkpoint.count(source, entity, late=late)
        self._under_way.clear()
        checkpoint.refused += len(self._refused)
        checkpoint.share = self._source.share(checkpoint.cursor) if checkpoint.cursor else None
        now = time.monotonic()
        checkpoint.working_seconds += now - self._saved
        self._saved = now
        if self._publisher is not None:
            self._file.save(checkpoint, self._refused)
        else:
            self.dry_run_refused += self._refused[: MAX_LISTED - len(self.dry_run_refused)]
        self._refused.clear()
        self._refused_size = 0
        self._on_progress(checkpoint)

    def _extend(self, topic: str, partition: int, offset: int) -> None:
        ranges = self.checkpoint.ranges.setdefault(topic, {}).setdefault(partition, [])
        own = self._own.get((topic, partition))
        if own is None:
            self._own[topic, partition] = (offset, offset)
            ranges.append((offset, offset))
        else:
            self._own[topic, partition] = ranges[-1] = (min(own[0], offset), max(own[1], offset))
