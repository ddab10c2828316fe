"""Logs: JSON lines with trace ids in a rotated file, readable lines on stderr; standard logging goes the same way."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger
from opentelemetry import trace

if TYPE_CHECKING:
    from loguru import Record

_TEXT = "{time:HH:mm:ss.SSS} {level: <7} {extra[trace_id]} {message}\n{exception}"
NO_TRACE = "-"


class _Intercept(logging.Handler):
    """Hands standard logging's records to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        logger.opt(depth=6, exception=record.exc_info).log(level, "{}", record.getMessage())


def _add_trace(record: "Record") -> None:
    context = trace.get_current_span().get_span_context()
    record["extra"].setdefault("trace_id", f"{context.trace_id:032x}" if context.is_valid else NO_TRACE)


def configure(level: str, file: Path | None = None, *, stderr: bool = True) -> None:
    """Set up logging for this process. Variables are never written into tracebacks: they may be personal data."""
    logger.remove()
    logger.configure(patcher=_add_trace)
    if stderr:
        logger.add(sys.stderr, level=level, format=_TEXT, backtrace=False, diagnose=False)
    if file is not None:
        logger.add(
            file,
            level=level,
            serialize=True,
            rotation="20 MB",
            retention=5,
            enqueue=True,
            backtrace=False,
            diagnose=False,
        )
    logging.basicConfig(handlers=[_Intercept()], level=logging.WARNING, force=True)
