"""Runs the Faust worker with this project's logs and telemetry."""

import gc
from pathlib import Path

import faust
from loguru import logger

from ops import logs
from ops.guard import FAILED, Guard, block_signals
from ops.models.encoders import encoder_at
from ops.settings import Settings
from ops.telemetry import telemetry
from streams.app import LoomaApp, create_app
from streams.resume_app import create_resume_app


def run(settings: Settings, model_path: Path | None) -> int:
    """Run a worker until SIGTERM or SIGINT; return its exit status. Without a model it only syncs.

    0: it was told to stop. 130: it was interrupted. 70: it ended by itself, and its log says why; start it again.
    """
    return _run(settings, create_app(settings, model_path, encoder_at), "worker")


def run_resumes(settings: Settings) -> int:
    """Run a worker that reads resumes, as `run` does."""
    from ops.resumes import ResumeUnderstanding

    return _run(settings, create_resume_app(settings, ResumeUnderstanding(settings)), "resumes")


def _run(settings: Settings, app: LoomaApp, service: str) -> int:
    block_signals()
    logs.configure(settings.log_level, settings.data_dir / "logs" / f"{service}-{settings.worker_port}.jsonl")
    _calm_gc()
    with telemetry(settings, service):
        worker = faust.Worker(app, loglevel=settings.log_level, override_logging=False, redirect_stdouts=False)
        guard = Guard(worker, app, settings.drain_seconds, settings.stall_seconds)
        guard.start()
        logger.info("worker of group {} on port {}", app.resources.group, settings.worker_port)
        try:
            worker.execute_from_commandline()
        except SystemExit as stop:
            return guard.status or int(stop.code or 0)
        except Exception as error:
            logger.critical("the worker ends: {}", type(error).__name__)
            return FAILED
    return guard.status


def _calm_gc() -> None:
    """Collect less often: batches keep thousands of objects alive, which the default thresholds visit again and again.

    Measured: creating and exporting the spans of an event took 190 us with the defaults, 110 us with these.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
