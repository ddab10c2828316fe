"""What operations did last, and what it found: so that somebody can be told of a backup that is old."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from sinks.mongodb import Database

DONE = "tasks_done"
Task = Literal["backup", "verify"]
TASKS: tuple[Task, ...] = get_args(Task)


@dataclass(frozen=True, slots=True)
class Done:
    """A task that was done to its end. `findings`: how much it found wrong."""

    task: Task
    at: datetime
    findings: int


async def note_done(base: Database, task: Task, findings: int = 0) -> None:
    """Note that a task has been done just now."""
    await base[DONE].replace_one({"_id": task}, {"at": datetime.now(UTC), "findings": findings}, upsert=True)


async def last_done(base: Database) -> list[Done]:
    """Return when each task was last done, of those that ever were."""
    found = base[DONE].find({"_id": {"$in": list(TASKS)}})
    return [Done(each["_id"], each["at"], each["findings"]) async for each in found]
