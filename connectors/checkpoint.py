"""Checkpoints of runs: how far a backfill has come, saved atomically, so that a crash at any moment is harmless.

A run has three files in its folder: `<run>.json`, the checkpoint; `<run>.refused.jsonl`, the refused records, each with
its reason, id and what the source holds, of which those count that the checkpoint knows; `<run>.lock`, held while a
process works on the run.
"""

import base64
import fcntl
import json
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from connectors.rows import RowError
from connectors.sources.base import Cursor
from processors.privacy import Person
from schemas.errors import LoomaError
from sinks.files import sync

RUN_ID = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
OTHER_SOURCES = "(other)"
_MAX_SOURCES = 200


class CheckpointError(LoomaError):
    """A run cannot be begun or taken up; the text says why."""

    code = "checkpoint"


class Checkpoint(BaseModel):
    """What has been read and durably published, counted together with the cursor, so that both always agree.

    `ranges` holds, by topic and partition, the first and last offset that each process which worked on the run
    published. Messages of this run outside of them were sent again after a crash and do not count. `late` counts those
    of `published` that were older than what their topic keeps.
    """

    run: str
    source: str
    identity: str
    entity: str | None
    provenance: str
    started_at: AwareDatetime
    saved_at: AwareDatetime
    working_seconds: float = 0.0
    cursor: Cursor | None = None
    share: float | None = None
    finished: bool = False
    refused: int = 0
    refused_bytes: int = 0
    published: dict[str, dict[str, int]] = Field(default_factory=dict)
    late: dict[str, dict[str, int]] = Field(default_factory=dict)
    ranges: dict[str, dict[int, list[tuple[int, int]]]] = Field(default_factory=dict)

    @property
    def published_count(self) -> int:
        """How many records have been published."""
        return sum(sum(by_entity.values()) for by_entity in self.published.values())

    @property
    def read_count(self) -> int:
        """How many records have been read: each was refused or published."""
        return self.refused + self.published_count

    def count(self, source: str, entity: str, *, late: bool = False) -> None:
        """Count one published record. Hostile input cannot make the checkpoint large by naming many sources."""
        if source not in self.published and len(self.published) >= _MAX_SOURCES:
            source = OTHER_SOURCES
        for counts in (self.published, self.late) if late else (self.published,):
            by_entity = counts.setdefault(source, {})
            by_entity[entity] = by_entity.get(entity, 0) + 1


class RunFile:
    """The files of one run in `folder`."""

    def __init__(self, folder: Path, run: str) -> None:
        if not RUN_ID.match(run):
            raise CheckpointError("a run's name has at most 100 letters, digits, dots, dashes and underscores")
        self.run = run
        self._folder = folder
        self._path = folder / f"{run}.json"
        self._lock = folder / f"{run}.lock"
        self.refusals_path = folder / f"{run}.refused.jsonl"

    def load(self) -> Checkpoint | None:
        """Return the last checkpoint saved, or None. Raises CheckpointError."""
        try:
            return Checkpoint.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except ValidationError as error:
            raise CheckpointError(f"the checkpoint {self._path} is damaged") from error

    def save(self, checkpoint: Checkpoint, refused: Iterable[RowError]) -> None:
        """Save the checkpoint with the records refused since the last one; after a crash it is there or not at all."""
        lines = "".join(_refusal(each) + "\n" for each in refused)
        if lines:
            with _descriptor(self.refusals_path, os.O_CREAT | os.O_RDWR) as descriptor:
                os.ftruncate(descriptor, checkpoint.refused_bytes)  # cuts off what a crash left uncounted
                checkpoint.refused_bytes += os.pwrite(descriptor, lines.encode(), checkpoint.refused_bytes)
                os.fsync(descriptor)
        checkpoint.saved_at = datetime.now(UTC)
        temporary = self._path.with_suffix(".json.new")
        with _descriptor(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC) as descriptor:
            os.write(descriptor, checkpoint.model_dump_json().encode())
            os.fsync(descriptor)
        os.replace(temporary, self._path)
        sync(self._folder)

    def refusals(self, checkpoint: Checkpoint) -> Iterator[RowError]:
        """Yield the refused records that `checkpoint` counts, in order."""
        if not checkpoint.refused_bytes:
            return
        with self.refusals_path.open("rb") as file:
            while file.tell() < checkpoint.refused_bytes:
                said = json.loads(file.readline())
                yield RowError(said["line"], said["reason"], said.get("id"))

    def about(self, person: Person, *, erase: bool) -> int:
        """Return how many refused records hold something of a person; `erase` leaves of them where they were, and why.

        The file keeps its length, so that a run may go on meanwhile.
        """
        found = 0
        try:
            descriptor = self.refusals_path.open("r+b" if erase else "rb")
        except FileNotFoundError:
            return 0
        with descriptor as file:
            while line := file.readline():
                if not line.endswith(b"\n") or not _is_about(said := json.loads(line), person):
                    continue
                found += 1
                if erase:
                    left = _refusal(RowError(said["line"], said["reason"])).encode()
                    file.seek(-len(line), os.SEEK_CUR)
                    file.write(left.ljust(len(line) - 1) + b"\n")
            if erase:
                file.flush()
                os.fsync(file.fileno())
        return found

    @contextmanager
    def working(self) -> Iterator[None]:
        """Hold the run for this process; the system lets go of it even after kill -9. Raises CheckpointError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with _descriptor(self._lock, os.O_CREAT | os.O_RDWR) as descriptor:
            for pause in (0.1, 0.1, 0.1, None):  # somebody may be looking whether it is held
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError as error:
                    if pause is None:
                        raise CheckpointError(f"another process works on the run {self.run}") from error
                    time.sleep(pause)
            yield

    def is_worked_on(self) -> bool:
        """Whether a process holds the run."""
        try:
            with _descriptor(self._lock, os.O_RDONLY) as descriptor:
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False


def _refusal(error: RowError) -> str:
    said: dict[str, object] = {"line": error.line, "reason": error.text}
    if error.id is not None:
        said["id"] = error.id
    if isinstance(error.raw, bytes):
        said["raw_base64"] = base64.b64encode(error.raw).decode()
    elif error.raw is not None:
        said["raw"] = error.raw
    text = json.dumps(said, ensure_ascii=False)
    return text if text.isascii() or _has_encoding(text) else json.dumps(said)


def _is_about(said: dict[str, Any], person: Person) -> bool:
    """Whether a refused record has a person's id, or names her by id, address or number in what the source holds."""
    raw = (
        base64.b64decode(said["raw_base64"])
        if "raw_base64" in said
        else str(said.get("raw", "")).encode("utf-8", "replace")
    )
    own = re.escape(person.id.encode())
    named = re.search(rb"(?<![A-Za-z0-9._:-])" + own + rb"(?![A-Za-z0-9._:-])", raw)
    return said.get("id") == person.id or bool(named) or any(each in raw for each in person.identifiers)


def _has_encoding(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


@contextmanager
def _descriptor(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags, 0o600)  # cursors may hold a part of an address
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def runs(folder: Path) -> list[RunFile]:
    """Return the runs in `folder`, by name."""
    return [RunFile(folder, path.stem) for path in sorted(folder.glob("*.json")) if RUN_ID.match(path.stem)]
