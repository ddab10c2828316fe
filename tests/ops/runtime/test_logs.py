"""Log lines: whoever sends what is logged cannot make a terminal obey, add a line, or read a password."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from loguru import logger
from opentelemetry.sdk.trace import TracerProvider

from ops.runtime import logs
from schemas.settings import TelemetrySettings

HOSTILE = "key \x1b[31m\r\n12:00:00 INFO forged \u202e \x9b2J \u2028 \ud800 mongodb://u:hunter2@h/"


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    logger.remove()
    logger.configure(patcher=lambda record: None)
    root.handlers[:], _ = before
    root.setLevel(before[1])


def raise_hostile() -> None:
    raise ValueError(HOSTILE)


def test_a_line_is_one_line_and_holds_nothing_to_obey(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "log.jsonl"
    logs.configure(TelemetrySettings(), file)
    logger.info("{}", HOSTILE)
    logging.getLogger("of.a.client").warning(HOSTILE)
    try:
        raise_hostile()
    except ValueError:
        logger.exception("it failed")
    logger.remove()
    shown = capsys.readouterr().err
    written = file.read_text(encoding="utf-8")
    for text in (shown, written):
        assert "hunter2" not in text
        assert not set(text) & set("\x1b\r\u202e\x9b\u2028\ud800")
    assert not any(line.startswith("12:00:00 INFO") for line in shown.splitlines())
    first, second, third = map(json.loads, written.splitlines())
    assert first["message"] == second["message"]
    assert "\\x1b[31m\\r\\n" in first["message"]
    assert "in raise_hostile" in third["message"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_stderr_has_the_same_json_where_that_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "log.jsonl"
    logs.configure(TelemetrySettings(log_format="json"), file)
    with TracerProvider(shutdown_on_exit=False).get_tracer("t").start_as_current_span("s") as span:
        logger.info("of a trace {}", HOSTILE)
    logging.getLogger("of.a.client").warning("none")
    logger.remove()
    shown = capsys.readouterr().err
    assert shown == file.read_text(encoding="utf-8")
    first, second = map(json.loads, shown.splitlines())
    assert first["trace_id"] == f"{span.get_span_context().trace_id:032x}"
    assert first["level"] == "INFO"
    assert datetime.fromisoformat(first["time"]).utcoffset() == timedelta(0)
    assert second["level"] == "WARNING"
    assert "trace_id" not in second
