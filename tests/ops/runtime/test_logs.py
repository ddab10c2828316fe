"""Log lines: whoever sends what is logged cannot make a terminal obey, add a line, or read a password."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger

from ops.runtime import logs

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
    logs.configure("INFO", file)
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
    assert first["record"]["message"] == second["record"]["message"]
    assert "\\x1b[31m\\r\\n" in first["record"]["message"]
    assert "in raise_hostile" in third["record"]["message"]
    assert file.stat().st_mode & 0o777 == 0o600
