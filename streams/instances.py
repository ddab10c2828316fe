"""Instances of services say on a compacted topic that they are there; gateways listen, without a consumer group."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from aiokafka.errors import KafkaError
from loguru import logger
from pydantic import ValidationError

from processors.gateway.instances import EVERY_SECONDS, Instances
from schemas.envelope import Envelope, Headers, timestamp
from schemas.services import HERE, Instance, Service
from schemas.settings import KafkaSettings
from schemas.topics import SERVICE_INSTANCES
from sinks.kafka import producer
from streams.tail import Record, Tail


@asynccontextmanager
async def announced(kafka: KafkaSettings, service: Service, name: str, url: str) -> AsyncIterator[None]:
    """Say for the block that an instance is there, and then that it goes."""
    said = producer(kafka, client_id="looma-serve")
    await said.start()

    async def announce() -> None:
        while True:
            at = datetime.now(UTC)
            value = Instance(instance=name, service=service, url=url, at=at).model_dump_json().encode()
            try:
                await said.send_and_wait(SERVICE_INSTANCES, value, name.encode(), headers=_headers(name, at))
            except KafkaError as error:
                logger.warning("{} cannot be announced: {}", name, type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)

    task = asyncio.create_task(announce())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        at = datetime.now(UTC)
        with suppress(KafkaError, TimeoutError):  # an idempotent producer waits for a broker for as long as it takes
            async with asyncio.timeout(kafka.timeout_seconds):
                await said.send_and_wait(SERVICE_INSTANCES, None, name.encode(), headers=_headers(name, at))
        await said.stop()


@asynccontextmanager
async def listened(kafka: KafkaSettings) -> AsyncIterator[Instances]:
    """Follow for the block which instances there are: from now on, for what was said before is old."""
    instances = Instances()

    def receive(records: Sequence[Record]) -> None:
        for record in records:
            _hear(instances, record)

    tail = Tail(kafka, [SERVICE_INSTANCES], receive, last={SERVICE_INSTANCES: 0})
    await tail.start()
    try:
        yield instances
    finally:
        await tail.stop()


def _hear(instances: Instances, record: Record) -> None:
    name = (record.key or b"").decode("utf-8", "replace")
    if record.value is None:
        instances.leave(name)
        return
    with suppress(ValidationError):
        said = Instance.model_validate_json(record.value)
        if said.instance == name:
            instances.hear(said, time.monotonic())


def _headers(name: str, at: datetime) -> Headers:
    envelope = Envelope(f"{name}-{timestamp(at)}", "looma/serve", HERE, name, at)
    return envelope.headers("service-instance")
