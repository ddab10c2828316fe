"""The servers and workers that benchmarks measure: of the run's own, in a temporary folder, gone afterwards."""

import asyncio
import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psutil
from pydantic import SecretStr, ValidationError

from ops.benchmarks.workload import publish, publish_jobs
from ops.local.embedded.stack import Stack, free_ports, local_settings
from ops.local.worker import drained, local_worker
from schemas.errors import LoomaError
from schemas.settings import MongoDBSettings, Settings
from sinks import mongodb
from sinks.indexes import apply_indexes
from sinks.provisioning import apply_topics
from streams.generations.database import base_database

Progress = Callable[[str], None]

SAMPLE_SECONDS = 600
"""How long a sample may take until it is matched."""
MONGODB_VARIABLE = "LOOMA_BENCH_MONGODB_URL"
"""An environment variable and no option: everybody on the machine can read the arguments."""


class MeasuredServerError(LoomaError):
    """LOOMA_BENCH_MONGODB_URL is no URL of a MongoDB; the text does not repeat it, for it may hold a password."""

    code = "measured_server"


def given_mongodb() -> SecretStr | None:
    """Return the URL of the MongoDB to measure, if not the embedded one. Raises MeasuredServerError."""
    url = os.environ.get(MONGODB_VARIABLE)
    try:
        return MongoDBSettings.model_validate({"url": url}).url if url else None
    except ValidationError as error:
        raise MeasuredServerError(f"{MONGODB_VARIABLE}: {error.errors()[0]['msg']}") from None


@asynccontextmanager
async def fresh_stack(
    progress: Progress, mongodb_url: SecretStr | None = None, *, partitions: int | None = None
) -> AsyncIterator[Settings]:
    """Run an empty stack in a temporary folder; it is gone when the block ends.

    `partitions`: of each topic, if not as many as by default. With `mongodb_url` that server is used: databases with a
    prefix of the run's own are made there, and dropped.
    """
    with tempfile.TemporaryDirectory(prefix="looma-bench-", ignore_cleanup_errors=True) as folder:
        kafka, mongo, vectors, controller = free_ports(4)
        settings = local_settings(Path(folder), kafka, mongo, vectors)
        if mongodb_url:
            own = f"looma-bench-{secrets.token_hex(4)}"
            settings = settings.changed(mongodb__url=mongodb_url, mongodb__database=own)
        if partitions:
            settings = settings.changed(kafka__partitions=partitions)
        stack = Stack(settings, controller_port=controller)
        try:
            if mongodb_url:
                await stack.start("kafka", progress)
                await stack.start("qdrant", progress)
            else:
                await stack.up(progress)
            await apply_topics(settings.kafka)
            yield settings
        finally:
            await stack.down()
            if mongodb_url:
                await drop_databases(settings, settings.mongodb.database)


async def drop_databases(settings: Settings, prefix: str) -> None:
    """Drop the databases whose names begin so."""
    client, _ = mongodb.connect(settings.mongodb)
    try:
        for name in await client.list_database_names():
            if name.startswith(prefix):
                await client.drop_database(name)
    finally:
        await client.close()


def named(settings: Settings, name: str) -> Settings:
    """Return the settings of one group of workers: a database, traces and offsets of its own."""
    return settings.changed(
        data_dir=settings.data_dir / name,
        kafka__group_id=name,
        mongodb__database=f"{settings.mongodb.database}-{name}",
    )


async def prepare(own: Settings) -> None:
    """Make the indexes that every side of a comparison writes with."""
    async with base_database(own) as database:
        await apply_indexes(database, base=True)


@asynccontextmanager
async def workers(own: Settings, count: int, *arguments: str) -> AsyncIterator[dict[str, psutil.Process]]:
    """Run the workers of one group; they are ready in the block, and drained after it. Raises WorkerError."""
    async with AsyncExitStack() as stack:
        starting = (
            stack.enter_async_context(
                local_worker(own.changed(worker__port=port), own.data_dir / f"worker-{number}.log", *arguments)
            )
            for number, port in enumerate(free_ports(count))
        )
        started = await asyncio.gather(*starting, return_exceptions=True)
        for each in started:
            if isinstance(each, BaseException):
                raise each
        yield {f"worker{n}": psutil.Process(p.pid) for n, p in enumerate(started) if not isinstance(p, BaseException)}


async def match_sample(settings: Settings, run: str, talents: int, jobs: int, progress: Progress) -> None:
    """Publish talents and jobs, and have a worker match them. Raises WorkerError."""
    async with workers(settings, 1):
        progress(f"publishing {jobs} jobs and {talents} talents")
        await publish_jobs(settings, run, jobs)
        await publish(settings, run, talents)
        await drained(settings, SAMPLE_SECONDS, lambda _: None)
