"""Levels of logs by module, changed while processes run: they look at a file in the folder of their logs."""

import json
import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from loguru import logger
from pydantic import TypeAdapter, ValidationError

from schemas.levels import LogLevel

if TYPE_CHECKING:
    from loguru import Record

FILE = "levels.json"
LOOK_SECONDS = 2.0
MOST = 100
_MAX_BYTES = 64 * 1024
_FILE = TypeAdapter(dict[str, LogLevel])


def read_levels(folder: Path) -> dict[str, LogLevel]:
    """Return the level of each module that has one of its own; none of a file that somebody else has written to."""
    try:
        with (folder / FILE).open("rb") as file:
            return _FILE.validate_json(file.read(_MAX_BYTES))
    except (OSError, ValidationError):
        return {}


def write_levels(folder: Path, levels: Mapping[str, LogLevel]) -> None:
    """Have the processes that log into a folder take these levels. Raises OSError, ValueError for too many."""
    if len(levels) > MOST:
        raise ValueError(f"at most {MOST} modules have a level of their own")
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f"{FILE}.new"
    new.write_text(json.dumps(dict(levels)), encoding="utf-8")
    new.replace(folder / FILE)


class Levels:
    """Which records are logged: the longest module that a record's begins with decides, or else `base`."""

    def __init__(self, base: LogLevel, folder: Path | None = None) -> None:
        self._base = logging.getLevelName(base)
        self._folder = folder
        self._stamp: tuple[int, int] | None = None
        self._by_module: dict[str, int] = {}

    def takes(self, record: "Record") -> bool:
        """Whether a record is to be logged."""
        return record["level"].no >= self._least(record["name"] or "")

    def _least(self, name: str) -> int:
        if self._by_module:
            while name:
                if (found := self._by_module.get(name)) is not None:
                    return found
                name = name.rpartition(".")[0]
        return int(self._base)

    def refresh(self) -> bool:
        """Look at the file; whether it had changed."""
        if self._folder is None:
            return False
        try:
            found = (self._folder / FILE).stat()
            stamp = found.st_mtime_ns, found.st_ino
        except OSError:
            stamp = None
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        levels = read_levels(self._folder)
        for module in self._by_module.keys() - levels.keys():
            logging.getLogger(module).setLevel(logging.NOTSET)
        self._by_module = {module: logging.getLevelName(level) for module, level in levels.items()}
        for module, level in self._by_module.items():  # libraries log by the standard library
            logging.getLogger(module).setLevel(level)
        return True

    def watch(self) -> None:
        """Look at the file now and then, in a thread that ends with the process."""
        self.refresh()

        def look() -> None:
            wait = threading.Event()
            while not wait.wait(LOOK_SECONDS):
                if self.refresh():
                    logger.info("levels by module: {}", self._by_module or "none")

        threading.Thread(target=look, name="log-levels", daemon=True).start()
