"""Runs the Faust worker with this project's logs and telemetry."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import faust
from faust.web import Request, Response, View
from loguru import logger

from ops.runtime import logs
from ops.runtime.guard import Guard
from ops.runtime.interpreter import settle
from ops.runtime.metrics_page import CONTENT_TYPE, MetricsPage
from ops.runtime.telemetry import resource_of, telemetry
from processors.embedding.model import EmbeddingModel
from schemas.errors import LoomaError
from schemas.exits import Exit
from schemas.settings import Settings
from streams.app import LoomaApp, create_app
from streams.resume_app import create_resume_app


class _Worker(faust.Worker):  # type: ignore[misc]
    """Tells the guard of a signal that came to the event loop: a library's thread may have been given it."""

    guard: Guard

    def _schedule_shutdown(self, what: signal.Signals) -> None:
        if not self._signal_stop_time:
            self.guard.told(what)
        super()._schedule_shutdown(what)


def run(settings: Settings, model_path: Path | None, open_model: Callable[[Path], EmbeddingModel], guard: Guard) -> int:
    """Run a worker until SIGTERM or SIGINT; return its exit status. Without a model it only syncs.

    0: it was told to stop. 130: it was interrupted. 70: it ended by itself, and its log says why; start it again.
    Any other is that of the error which kept it from starting.
    """
    return _run(settings, create_app(settings, model_path, open_model), "worker", guard)


def run_resumes(settings: Settings, guard: Guard) -> int:
    """Run a worker that reads resumes, as `run` does."""
    from connectors.resumes.understanding import ResumeUnderstanding

    return _run(settings, create_resume_app(settings, ResumeUnderstanding(settings)), "resumes", guard)


def run_chat(settings: Settings, guard: Guard) -> int:
    """Run a worker that answers chat messages, as `run` does."""
    from streams.chat_app import create_chat_app

    if not settings.providers:
        return _run(settings, create_chat_app(settings), "chat", guard)
    from connectors.providers.chain import providers

    return _run(settings, create_chat_app(settings, lambda: providers(settings.providers)), "chat", guard)


def _run(settings: Settings, app: LoomaApp, service: str, guard: Guard) -> int:
    logs.configure(settings.telemetry, settings.data_dir / "logs" / f"{service}-{settings.worker.port}.jsonl")
    settle()
    _add_metrics(app, MetricsPage(resource_of(service, settings.worker.port)))
    with telemetry(settings, service, settings.worker.port):
        worker = _Worker(app, loglevel=settings.telemetry.log_level, override_logging=False, redirect_stdouts=False)
        worker.spinner = None  # it writes escape codes, to files too
        worker.guard = guard
        guard.watch(worker, app)
        where = f"{settings.worker.host}:{settings.worker.port}"
        logger.info("worker of group {} on {}, configuration {}", app.resources.group, where, settings.configuration)
        return _serve(worker) or guard.status


def _add_metrics(app: LoomaApp, page: MetricsPage) -> None:
    @app.page("/metrics")  # type: ignore[untyped-decorator]
    async def metrics(view: View, request: Request) -> Response:
        return view.bytes(await page.text(), content_type=None, headers={"Content-Type": CONTENT_TYPE})


def _serve(worker: faust.Worker) -> int:
    """Run a worker's event loop to its end, as mode does, but without its tracebacks on the way out."""
    starting = worker._starting_fut = asyncio.ensure_future(worker.start(), loop=worker.loop)
    status = 0
    try:
        worker.loop.run_until_complete(starting)
    except asyncio.CancelledError:
        pass  # it was told to stop before it had started
    except Exception as error:
        status = _told(error)
    finally:
        starting.cancel()
        worker.on_worker_shutdown()
        try:
            worker.stop_and_shutdown()
        except Exception as error:  # the crash that it ends for, once more
            status = status or _told(error)
    return status


def _told(error: Exception) -> Exit:
    """Say why the worker ends; return its exit status."""
    if isinstance(error, LoomaError):
        logger.critical("the worker ends: {}", error.message)
        return error.exit_status
    logger.opt(exception=error).critical("the worker ends: {}", type(error).__name__)
    return Exit.INTERNAL
