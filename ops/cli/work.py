"""`looma worker`: the Faust worker in this process."""

import asyncio
import sys
from pathlib import Path

import click

from ops import worker as worker_process
from ops.cli.context import load_settings, run
from ops.embedded.assets import cache_dir, ensure_model
from ops.models.activation import worker_model
from ops.models.registry import Registry, RegistryError
from ops.settings import Settings
from streams.generation import GenerationError


@click.command()
@click.option("--sync-only", is_flag=True, help="Merge and store only: no vectors, no matches.")
@click.option("--resumes", is_flag=True, help="Read resumes from resume-events, and nothing else.")
def worker(sync_only: bool, resumes: bool) -> None:
    """Run a worker: a Faust worker of the consumer group. Add more to share the partitions.

    It works for the active generation, or for the one in LOOMA_GENERATION; see `looma replay start`.
    SIGTERM drains: batches in flight finish and are committed. Its health is at
    http://127.0.0.1:16066/health and /ready; give each worker on a machine its own LOOMA_WORKER_PORT.

    Resumes take long, scans most of all: their workers are a group of their own, started by `--resumes`.
    """
    settings = load_settings()
    if resumes:
        if sync_only:
            raise click.UsageError("--resumes and --sync-only are two kinds of worker; start one of each")
        sys.exit(worker_process.run_resumes(settings))
    try:
        model = None if sync_only else settings.model_path or _model(settings)
        code = worker_process.run(settings, model)
    except (GenerationError, RegistryError) as error:
        raise click.ClickException(str(error)) from error
    sys.exit(code)


@run
async def _model(settings: Settings) -> Path:
    """Return the model that the worker's generation is built with."""
    own = await worker_model(settings, Registry(cache_dir()))
    return own if own else await asyncio.to_thread(ensure_model, cache_dir())
