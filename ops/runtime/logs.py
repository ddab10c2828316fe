"""Logs: JSON lines with trace ids in a rotated file, and the same or readable lines on stderr; standard logging too.

A line holds no credential of a URL, and nothing that a terminal obeys: what is logged may come from anybody.
"""

import json
import logging
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger
from opentelemetry import trace

from ops.runtime.log_levels import Levels
from ops.runtime.redaction import escaped, json_escaped, masked
from schemas.envelope import timestamp
from schemas.settings import TelemetrySettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from loguru import Record

_TEXT = "{time:HH:mm:ss.SSS} {level: <7} {extra[trace_id]} {message}\n"
_JSON = "{extra[json]}\n"
NO_TRACE = "-"
_levels = Levels("INFO")


class _Intercept(logging.Handler):
    """Hands standard logging's records to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:
            level = record.levelno
        logger.opt(depth=6, exception=record.exc_info).log(level, "{}", record.getMessage())


def _prepare(record: "Record") -> None:
    context = trace.get_current_span().get_span_context()
    record["extra"].setdefault("trace_id", f"{context.trace_id:032x}" if context.is_valid else NO_TRACE)
    record["message"] = escaped(masked(record["message"]))
    if (failed := record["exception"]) and failed.type:
        # Here, since loguru would add it as it is. Without what it says, or variables: they may be personal data.
        lines = "".join(traceback.format_tb(failed.traceback)).splitlines()
        record["message"] += "".join(f"\n  {line}" for line in (*lines, failed.type.__name__))
        record["exception"] = None


def _json(record: "Record") -> str:
    """Give the record its line of JSON; return the format that writes it."""
    trace_id = record["extra"]["trace_id"]
    line = {
        "time": timestamp(record["time"]),
        "level": record["level"].name,
        "message": record["message"],
        "logger": record["name"],
        "line": record["line"],
        "process": record["process"].id,
        **({} if trace_id == NO_TRACE else {"trace_id": trace_id}),
        **({"stage": record["extra"]["stage"]} if "stage" in record["extra"] else {}),
    }
    record["extra"]["json"] = json_escaped(json.dumps(line, ensure_ascii=False))
    return _JSON


def forward(send: "Callable[[Record], None]") -> int:
    """Have each line that is logged handed to `send`, too; return the number by which loguru ends that."""
    return logger.add(lambda message: send(message.record), level=0, filter=_levels.takes, format="{message}")


def configure(settings: TelemetrySettings, file: Path | None = None) -> None:
    """Set up logging for this process; the file can be read by its owner alone, and has JSON in either format."""
    global _levels
    levels = _levels = Levels(settings.log_level, file.parent if file else None)
    logger.remove()
    logger.configure(patcher=_prepare)
    on_stderr = _json if settings.log_format == "json" else _TEXT
    logger.add(sys.stderr, level=0, filter=levels.takes, format=on_stderr, backtrace=False, diagnose=False)
    if file is not None:
        logger.add(
            file,
            level=0,
            filter=levels.takes,
            format=_json,
            rotation="20 MB",
            retention=5,
            enqueue=True,
            backtrace=False,
            diagnose=False,
            opener=lambda path, flags: os.open(path, flags, 0o600),
        )
        levels.watch()
    logging.basicConfig(handlers=[_Intercept()], level=logging.WARNING, force=True)
