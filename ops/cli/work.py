"""`looma worker`: the Faust worker in this process."""

import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops.cli.context import load_settings, run
from ops.cli.failures import Failure
from schemas.exits import Exit

if TYPE_CHECKING:
    from processors.embedding.model import EmbeddingModel
    from schemas.settings import Settings


@click.command()
@click.option("--sync-only", is_flag=True, help="Merge and store only: no vectors, no matches.")
@click.option("--resumes", is_flag=True, help="Read resumes from resume-events, and nothing else.")
@click.option("--chat", is_flag=True, help="Answer messages from chat-events, and nothing else.")
def worker(sync_only: bool, resumes: bool, chat: bool) -> None:
    """Run a worker: a Faust worker of the consumer group. Add more to share the partitions.

    It works for the active generation, or for the one in LOOMA_WORKER__GENERATION; see `looma replay start`.
    SIGTERM drains: batches in flight finish and are committed. Its health is at
    http://127.0.0.1:16066/health and /ready; give each worker on a machine its own LOOMA_WORKER__PORT.

    Resumes take long, scans most of all: their workers are a group of their own, started by `--resumes`. So are the
    workers that answer chat messages, started by `--chat`.
    """
    from ops.runtime.guard import Guard

    settings = load_settings()
    _check_port(settings.worker.host, settings.worker.port)
    guard = Guard(settings.worker.drain_seconds, settings.worker.stall_seconds)
    guard.start()
    # After the guard: libraries start threads when they are imported.
    from ops.runtime import logs

    logs.configure(settings.telemetry)
    if resumes + chat + sync_only > 1:
        raise click.UsageError("--resumes, --chat and --sync-only are three kinds of worker; start one of each")
    if resumes or chat:
        _wait_for_database(settings)
        from ops.runtime import worker as worker_process

        sys.exit((worker_process.run_resumes if resumes else worker_process.run_chat)(settings, guard))
    generation, model = _built_with(settings, sync_only)
    # It loads beside the imports, which take as long.
    loading = ThreadPoolExecutor(1, "model").submit(_loaded, model) if model else None
    from ops.runtime import worker as worker_process

    def loaded(_: Path) -> "EmbeddingModel":
        assert loading
        return loading.result()

    sys.exit(worker_process.run(settings.changed(worker__generation=generation), model, loaded, guard))


def _loaded(model: Path) -> "EmbeddingModel":
    from streams.models.encoders import encoder_at

    return encoder_at(model)


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Failure(
                f"the worker's port {port} is not free ({error.strerror}); give each worker of a machine its own by "
                "LOOMA_WORKER__PORT.",
                Exit.PORT,
            ) from None


@run
async def _built_with(settings: "Settings", sync_only: bool) -> tuple[str, Path | None]:
    """Return the worker's generation and the model that this one is built with."""
    from streams.generations.database import own_generation
    from streams.models.built_with import model_path
    from streams.starting import until_it_answers

    generation = (await until_it_answers("MongoDB", lambda: own_generation(settings))).name
    return generation, None if sync_only else await model_path(settings, generation)


@run
async def _wait_for_database(settings: "Settings") -> None:
    """Return when MongoDB answers. Raises MigrationError if another version has written what it holds."""
    from streams.generations.database import active_now
    from streams.starting import until_it_answers

    await until_it_answers("MongoDB", lambda: active_now(settings))
