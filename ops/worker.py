"""Runs the Faust worker with this project's logs and telemetry."""

from pathlib import Path

import faust
from loguru import logger

from ops import logs
from ops.settings import Settings
from ops.telemetry import telemetry
from streams.app import create_app


def run(settings: Settings, model_path: Path | None) -> int:
    """Run a worker until SIGTERM or SIGINT; return its exit code. Without a model it only syncs."""
    logs.configure(settings.log_level, settings.data_dir / "logs" / f"worker-{settings.worker_port}.jsonl")
    app = create_app(settings, model_path)
    with telemetry(settings, "worker"):
        worker = faust.Worker(app, loglevel=settings.log_level, override_logging=False, redirect_stdouts=False)
        logger.info("worker of group {} on port {}", settings.group_id, settings.worker_port)
        try:
            worker.execute_from_commandline()
        except SystemExit as stop:
            return int(stop.code or 0)
    return 0
