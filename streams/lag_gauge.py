"""Reports how far each assigned partition is behind, asking the brokers now and then, never while metrics are read."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

from aiokafka import TopicPartition
from loguru import logger
from opentelemetry.metrics import CallbackOptions, Observation

from schemas.settings import KafkaSettings
from streams import metrics
from streams.lag import LagReader

REFRESH_SECONDS = 10.0
STALE_SECONDS = 60.0
"""What is older is not reported: no lag is better than one that was."""


class LagGauge:
    """The lag and the committed offset of each assigned partition; 0 is committed where nothing is."""

    def __init__(
        self,
        group: str,
        connect: Callable[[], AbstractAsyncContextManager[LagReader]],
        assigned: Callable[[], Iterable[tuple[str, int]]],
        timeout_seconds: float,
    ) -> None:
        self._group = group
        self._connect = connect
        self._assigned = assigned
        self._timeout_seconds = timeout_seconds
        self._wanted = False
        self._read_at = float("-inf")
        self._lags: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int | None] = {}
        metrics.CONSUMER_LAG.observe(self._observe_lag)
        metrics.CONSUMER_COMMITTED.observe(self._observe_committed)

    async def watch(self) -> None:
        """Refresh until cancelled, once somebody reads the metrics. Brokers that are away are asked again."""
        failed = False
        while True:
            try:
                if self._wanted:
                    async with self._connect() as reader:
                        while True:
                            async with asyncio.timeout(self._timeout_seconds):
                                await self.refresh(reader)
                            failed = False
                            await asyncio.sleep(REFRESH_SECONDS)
            except Exception as error:  # nothing about a gauge may end a worker
                if not failed:
                    logger.warning("how far the worker is behind is not known: {}", type(error).__name__)
                failed = True
            await asyncio.sleep(REFRESH_SECONDS)

    async def refresh(self, reader: LagReader) -> None:
        """Ask once."""
        assigned = [TopicPartition(*partition) for partition in self._assigned()]
        committed = await reader.committed(assigned) if assigned else {}
        self._lags = await reader.lags(committed) if committed else {}
        self._committed = committed
        self._read_at = time.monotonic()

    def _observe_lag(self, _: CallbackOptions) -> Iterator[Observation]:
        self._wanted = True
        return self._observe(self._lags)

    def _observe_committed(self, _: CallbackOptions) -> Iterator[Observation]:
        return self._observe(self._committed)

    def _observe(self, values: dict[TopicPartition, int] | dict[TopicPartition, int | None]) -> Iterator[Observation]:
        if time.monotonic() - self._read_at > STALE_SECONDS:
            return
        for topic, partition in list(self._assigned()):
            if (topic, partition) in values:
                value = values[TopicPartition(topic, partition)]
                yield Observation(value or 0, {"group": self._group, "topic": topic, "partition": partition})


def watch_lag(app: Any, kafka: KafkaSettings, group: str) -> None:
    """Report the lag of what a Faust app is assigned, for as long as it runs."""

    def connect() -> LagReader:
        return LagReader(kafka, group)

    app.task(LagGauge(group, connect, lambda: app.consumer.assignment(), kafka.timeout_seconds).watch, traced=False)
