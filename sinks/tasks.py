"""Tasks: long work that somebody asked for over HTTP, what became of it, and that one of a kind runs at a time.

A task is a document. Who works on it holds the lane of its kind by a lease and renews it; a task whose lane is no
longer its own is lost, and the same request goes on where it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from schemas.errors import LoomaError
from sinks.mongodb import Database

TASKS = "tasks"
LEASE = timedelta(seconds=30)
"""How long a lane is held without a sign of life."""
INDEXES: Mapping[str, Sequence[IndexModel]] = {
    TASKS: [
        IndexModel([("begun_at", -1)], name="begun_at"),
    ],
}
_ANY_TIME = datetime.fromtimestamp(0, UTC)  # for `$exists` some servers use no index
Lane = Literal["look", "replay", "change"]
"""What runs beside what: looking, replaying in place, and changing which generation or model is used."""
LANES: tuple[Lane, ...] = ("look", "replay", "change")
State = Literal["running", "done", "failed", "lost"]


class TaskBusyError(LoomaError):
    """Another task of the kind runs; the text says which."""

    code = "task_busy"


class Beat(NamedTuple):
    """What a worker learns when it gives a sign of life: whether the task is still its own, and whether to stop."""

    is_held: bool
    is_stopped: bool


@dataclass(frozen=True, slots=True)
class Task:
    """One task. `progress` and `result` are what its action says of itself; `error` is a code and a text."""

    id: str
    action: str
    lane: Lane
    caller: str
    request: Mapping[str, Any]
    state: State
    begun_at: datetime
    ended_at: datetime | None = None
    progress: Mapping[str, float] = field(default_factory=dict)
    result: Mapping[str, Any] | None = None
    error: Mapping[str, str] | None = None
    stop: bool = False

    @property
    def ended(self) -> bool:
        """Whether nothing more becomes of it."""
        return self.state != "running"


class TaskStore:
    """The tasks of a deployment, in the base database."""

    def __init__(self, base: Database) -> None:
        self._tasks = base[TASKS]

    async def begin(self, task: Task) -> Task | None:
        """Store a new task and take its lane; return the one of this id if it is known, else None.

        Raises TaskBusyError, with nothing stored.
        """
        document = _values(task)
        try:
            await self._tasks.insert_one({"_id": task.id, **document})
        except DuplicateKeyError:
            if known := await self.find(task.id):
                return known
            raise TaskBusyError("the same request is being withdrawn; repeat it") from None
        try:
            await self._tasks.update_one(
                {"_id": _of(task.lane), "until": {"$lt": _now()}},
                {"$set": {"task": task.id, "until": _now() + LEASE}},
                upsert=True,
            )
        except DuplicateKeyError:
            await self._tasks.delete_one({"_id": task.id})
            holder = await self._tasks.find_one({"_id": _of(task.lane)}) or {}
            raise TaskBusyError(f"task {holder.get('task', '')} has to end first") from None
        return None

    async def withdraw(self, task: Task) -> None:
        """Undo `begin`."""
        await self._tasks.delete_one({"_id": task.id})
        await self._release(task)

    async def find(self, id: str) -> Task | None:
        """Return a task."""
        held = await self._held()  # before the task: one that ends in between has its end in its document
        document = await self._tasks.find_one({"_id": id, "begun_at": {"$exists": True}})
        return _task(document, held) if document else None

    async def newest(self, limit: int) -> list[Task]:
        """Return the tasks that were begun last."""
        held = await self._held()
        cursor = self._tasks.find({"begun_at": {"$gt": _ANY_TIME}}).sort("begun_at", -1).limit(limit)
        return [_task(document, held) async for document in cursor]

    async def beat(self, task: Task, progress: Mapping[str, float]) -> Beat:
        """Renew the lease and note how far it is."""
        held = await self._tasks.update_one(
            {"_id": _of(task.lane), "task": task.id}, {"$set": {"until": _now() + LEASE}}
        )
        found = await self._tasks.find_one_and_update({"_id": task.id}, {"$set": {"progress": dict(progress)}})
        return Beat(bool(held.matched_count) and found is not None, bool(found and found.get("stop")))

    async def stop(self, id: str) -> None:
        """Ask whoever works on a task to stop."""
        await self._tasks.update_one({"_id": id, "state": "running"}, {"$set": {"stop": True}})

    async def end(
        self,
        task: Task,
        *,
        result: Mapping[str, Any] | None = None,
        error: Mapping[str, str] | None = None,
        progress: Mapping[str, float] | None = None,
    ) -> None:
        """Note how a task ended, once, and leave the lane to the next."""
        ended = {"state": "failed" if error else "done", "result": result, "error": error, "ended_at": _now()}
        if progress is not None:
            ended["progress"] = dict(progress)
        await self._tasks.update_one({"_id": task.id, "state": "running"}, {"$set": ended})
        await self._release(task)

    async def forget(self, person: str) -> int:
        """Delete the tasks that name a person; return how many."""
        return (await self._tasks.delete_many({"request.selection.keys": person})).deleted_count

    async def naming(self, person: str) -> int:
        """Return how many tasks name a person."""
        return await self._tasks.count_documents({"request.selection.keys": person})

    async def _release(self, task: Task) -> None:
        await self._tasks.delete_one({"_id": _of(task.lane), "task": task.id})

    async def _held(self) -> set[str]:
        """Return the tasks that somebody works on."""
        lanes = self._tasks.find({"_id": {"$in": [_of(lane) for lane in LANES]}})
        return {d["task"] async for d in lanes if d["until"] >= _now()}


def _of(lane: Lane) -> str:
    return f"@{lane}"


def _values(task: Task) -> dict[str, Any]:
    return {name: getattr(task, name) for name in Task.__slots__ if name != "id"}


def _task(document: Mapping[str, Any], held: set[str]) -> Task:
    values = {name: document[name] for name in Task.__slots__ if name in document}
    is_new = values["begun_at"] + LEASE >= _now()  # may not have its lane yet
    if document["_id"] in held:
        values["state"] = "running"  # until its lane is free: whoever sees the end may begin the next
    elif values["state"] == "running" and not is_new:
        values["state"] = "lost"
    return Task(id=document["_id"], **values)


def _now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)  # as MongoDB keeps it
