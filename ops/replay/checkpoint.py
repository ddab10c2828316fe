"""Checkpoints of replays: how far one has come, saved atomically once the effects of what is before are durable."""

import os
from datetime import datetime
from pathlib import Path

from aiokafka import TopicPartition
from pydantic import BaseModel, Field, ValidationError

from connectors.checkpoint import CheckpointError
from ops.replay.selection import Selection
from schemas.settings import Settings
from sinks.files import sync


class Position(BaseModel):
    """How far a partition has been read: the first offset, the next one, and the one to stop before."""

    topic: str
    partition: int
    start: int
    next: int
    end: int

    @property
    def of(self) -> TopicPartition:
        """The partition."""
        return TopicPartition(self.topic, self.partition)


class Checkpoint(BaseModel):
    """A replay, from the moment its bounds are fixed. Every event read is passed over, rejected or in an outcome.

    `expired` counts the offsets asked for that retention or compaction has removed before they could be read.
    """

    run: str
    generation: str
    selection: Selection
    started_at: datetime
    positions: list[Position]
    passed_over: int = 0
    rejected: int = 0
    expired: int = 0
    outcomes: dict[str, int] = Field(default_factory=dict)
    working_seconds: float = 0.0
    finished: bool = False

    @property
    def selected(self) -> int:
        """How many events have been replayed."""
        return sum(self.outcomes.values())

    @property
    def share(self) -> float:
        """How much of the offsets in question has been read, from 0 to 1."""
        total = sum(p.end - p.start for p in self.positions)
        return sum(p.next - p.start for p in self.positions) / total if total else 1.0


def replays_dir(settings: Settings) -> Path:
    """Return the folder of the checkpoints."""
    return settings.data_dir / "replays"


def load(folder: Path, run: str) -> Checkpoint | None:
    """Return the last checkpoint saved of a run, or None. Raises CheckpointError."""
    path = folder / f"{run}.json"
    try:
        return Checkpoint.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise CheckpointError(f"the checkpoint {path} is damaged") from error


def save(folder: Path, checkpoint: Checkpoint) -> None:
    """Save the checkpoint; after a crash it is there, or the one before."""
    path = folder / f"{checkpoint.run}.json"
    temporary = path.with_suffix(".json.new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(checkpoint.model_dump_json())
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync(folder)
