"""`/v1/replays`, `/v1/generations`, `/v1/rollouts` and `/v1/tasks`: what changes what is used, as work that goes on."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from ops.api.access import require
from ops.api.context import Api, Opened
from ops.api.problems import Problem, problems
from ops.api.routes.changes import PREFERENCES
from ops.api.writing import ACCEPTED, wait_of
from ops.replay.selection import Selection, SelectionError, Start
from ops.tasks.actions import (
    Action,
    CompareGeneration,
    GenerationName,
    PromoteRollout,
    Replay,
    RollBackGeneration,
    StartGeneration,
    StopRollout,
    SwitchGeneration,
    Wait,
)
from processors.access import Caller
from schemas.audit import Action as Audited
from schemas.envelope import derived_id
from schemas.topics import EVENTS
from sinks.tasks import State, Task, TaskBusyError, TaskStore
from streams.generations.database import active_now
from streams.generations.switching import as_json, statuses
from streams.models import rollouts

router = APIRouter(tags=["operating"])
Reader = Annotated[Caller, require("status:read")]
Operator = Annotated[Caller, require("operate")]
Named = Annotated[GenerationName, Path(description="the generation", examples=["g2"])]
Answering = Callable[..., Awaitable[Response]]
SHOWN = 50
_PAUSE = 0.2
_AUDITED: dict[str, Audited] = {
    "replay": "replay.started",
    "generation.start": "generation.started",
    "generation.switch": "generation.switched",
    "generation.rollback": "generation.rolled_back",
    "rollout.promote": "rollout.promoted",
    "rollout.stop": "rollout.stopped",
}


class TaskBody(BaseModel):
    """A piece of work that goes on in a process of its own, and what became of it."""

    id: str
    url: str = Field(examples=["/v1/tasks/0b1e…"])
    action: str = Field(examples=["generation.switch"])
    state: State = Field(
        description="running; done; failed, and `error` says why; lost: nobody works on it any more, so ask again"
    )
    caller: str = Field(description="who asked for it, as the audit log names her", examples=["local"])
    request: dict[str, Any]
    progress: dict[str, float] = Field(description="how far it is: of a replay `share` (0 to 1) and `events`")
    result: dict[str, Any] | None = None
    error: dict[str, str] | None = Field(default=None, description="`code` (docs/reference/errors.md) and `detail`")
    begun_at: datetime
    ended_at: datetime | None = None


class ReplayBody(BaseModel):
    """Which events to replay in place. Exactly one of `beginning`, `offsets` and `since` says where to start."""

    model_config = ConfigDict(extra="forbid")

    topics: list[str] = Field(default=list(EVENTS.values()), max_length=len(EVENTS))
    beginning: bool = Field(default=False, description="start with the oldest event kept")
    offsets: list[Start] = Field(default=[], max_length=1000)
    since: datetime | None = Field(default=None, description="start with what was published then")
    until: datetime | None = Field(default=None, description="stop before this time; null: now")
    keys: list[str] = Field(default=[], max_length=1000, description="only these entities' events")
    types: list[str] = Field(default=[], max_length=100)
    sources: list[str] = Field(default=[], max_length=100)
    rate: float | None = Field(default=None, gt=0, le=1_000_000, description="events a second, at most")
    run: str | None = Field(default=None, max_length=100, description="go on with this run; then nothing else")
    dry_run: bool = Field(default=False, description="only count")

    def action(self) -> Replay:
        """Return the same as it is done. Raises Problem, 422."""
        if self.run is not None:
            if self.model_fields_set - {"run", "rate", "dry_run"}:
                raise Problem(422, "selection", "a run that goes on has its selection already")
            return Replay(run=self.run, rate=self.rate, dry_run=self.dry_run)
        given = self.model_dump(exclude={"run", "rate", "dry_run"})
        try:
            selection = Selection.model_validate(given)
        except ValueError as error:
            raise Problem(422, "selection", _said(error)) from None
        return Replay(selection=selection, rate=self.rate, dry_run=self.dry_run)


class GenerationBody(BaseModel):
    """A generation to begin."""

    model_config = ConfigDict(extra="forbid")

    generation: GenerationName
    model: str | None = Field(
        default=None, max_length=200, description="that it is built with; null: the default", examples=["e5@1"]
    )


class SwitchBody(BaseModel):
    """How to switch."""

    model_config = ConfigDict(extra="forbid")

    force: bool = Field(default=False, description="even to a generation that is behind")
    wait_seconds: Wait = 30.0


class Generations(BaseModel):
    """Which generation is used, and all there are."""

    active: str = Field(examples=["base"])
    previous: str | None = Field(description="what a roll back would go to")
    epoch: int = Field(description="how many switches there were")
    announced: bool = Field(description="whether consumers were told of the last one")
    generations: list[dict[str, Any]]


_ANSWERS: dict[int | str, dict[str, Any]] = {
    202: {"model": TaskBody, "description": "It is under way; `Location` says what becomes of it"},
    **problems(400, 401, 403, 409, 413, 422, 429, 503),
}


def _writes(path: str, summary: str) -> Callable[[Answering], Answering]:
    return router.post(
        path,
        summary=summary,
        status_code=ACCEPTED,
        response_model=None,
        responses=_ANSWERS,
        openapi_extra={"parameters": PREFERENCES},
    )


def shown(task: Task) -> TaskBody:
    """Return a task as callers see it."""
    values = {n: getattr(task, n) for n in TaskBody.model_fields if n != "url"}
    return TaskBody(url=f"/v1/tasks/{task.id}", **values)


async def begin_task(api: Api, caller: Caller, action: Action, key: str | None) -> Task:
    """Begin a task, once however often it is asked for with the same key.

    Raises Problem: 409 while another of its kind runs, 422 for a key that came with another request.
    """
    if key is not None and not 1 <= len(key) <= 255:
        raise Problem(422, "bad_idempotency_key", "an Idempotency-Key has 1 to 255 characters")
    id = str(uuid.uuid4()) if key is None else derived_id("task", caller.audited, key)

    async def allowed() -> None:
        if not (isinstance(action, Replay) and action.dry_run) and (told := _AUDITED.get(action.action)):
            await api.audit.record(told, caller=caller.audited, about=[f"task:{id}", *_about(action)])

    try:
        return await api.tasks.begin(id, action, caller.audited, allowed)
    except TaskBusyError as error:
        raise Problem(409, error.code, error.message) from None
    except ValueError:
        raise Problem(422, "idempotency_key_reused", "this Idempotency-Key came with another request before") from None


def _about(action: Action) -> list[str]:
    for name in ("generation", "rollout"):
        if value := getattr(action, name, None):
            return [f"{name}:{value}"]
    return []


async def ended(api: Api, task: Task, seconds: float) -> Task:
    """Return a task once it has ended, or after so many seconds."""
    store = TaskStore(api.database)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not task.ended and loop.time() < deadline and not api.stopping.is_set():
        await asyncio.sleep(_PAUSE)
        task = await store.find(task.id) or task
    return task


async def required_task(api: Api, id: str) -> Task:
    """Return a task. Raises Problem, 404."""
    task = await TaskStore(api.database).find(id)
    if task is None:
        raise Problem(404, "not_found", "there is no such task")
    return task


async def _answer(api: Api, caller: Caller, request: Request, action: Action) -> Response:
    begun = await begin_task(api, caller, action, request.headers.get("idempotency-key"))
    task = shown(await ended(api, begun, wait_of(request)))
    status = ACCEPTED if task.state == "running" else 200
    return Response(task.model_dump_json(), status, {"location": task.url}, "application/json")


def _said(error: ValueError) -> str:
    return str(error) if isinstance(error, SelectionError) else "; ".join(_texts(error))


def _texts(error: ValueError) -> list[str]:
    found: list[dict[str, Any]] = getattr(error, "errors", list)()
    return [str(each["msg"]).removeprefix("Value error, ") for each in found] or ["this cannot be selected"]


@_writes("/v1/replays", "Replay events in place")
async def post_replay(body: ReplayBody, request: Request, api: Opened, caller: Operator) -> Response:
    """Pass kept events through the merge again, beside the live workers; with `dry_run`, only count them."""
    return await _answer(api, caller, request, body.action())


@router.get("/v1/generations", summary="Generations", responses=problems(401, 403, 503))
async def read_generations(api: Opened, caller: Reader) -> Generations:
    """List the generations of what is derived from the events: which is used, and how far each is."""
    found, active = await asyncio.gather(statuses(api.settings, counted=False), active_now(api.settings))
    return Generations(
        active=active.generation,
        previous=active.previous,
        epoch=active.epoch,
        announced=active.announced,
        generations=[{n: v for n, v in as_json(each).items() if n != "stored"} for each in found],
    )


@_writes("/v1/generations", "Begin a generation")
async def post_generation(body: GenerationBody, request: Request, api: Opened, caller: Operator) -> Response:
    """Make the topics, database and consumer group of a new generation, at the oldest event kept.

    A worker that is started with its name builds it.
    """
    return await _answer(api, caller, request, StartGeneration(generation=body.generation, model=body.model))


@_writes("/v1/generations/{name}/compare", "What a switch would change")
async def compare_generation(request: Request, api: Opened, caller: Operator, name: Named) -> Response:
    """Compare a generation's records and matches with those in use. Nothing is written."""
    return await _answer(api, caller, request, CompareGeneration(generation=name))


@_writes("/v1/generations/{name}/switch", "Switch to a generation")
async def switch_generation(body: SwitchBody, request: Request, api: Opened, caller: Operator, name: Named) -> Response:
    """Make a generation the one that readers see, in one step, and tell consumers which matches are different."""
    action = SwitchGeneration(generation=name, force=body.force, wait_seconds=body.wait_seconds)
    return await _answer(api, caller, request, action)


@_writes("/v1/generations/{name}/rollback", "Go back from a generation")
async def roll_back_generation(
    body: SwitchBody, request: Request, api: Opened, caller: Operator, name: Named
) -> Response:
    """Go back from the generation that is active, which the path names, to the one before."""
    action = RollBackGeneration(generation=name, force=body.force, wait_seconds=body.wait_seconds)
    return await _answer(api, caller, request, action)


@router.get("/v1/rollouts", summary="The rollout of a model", responses=problems(401, 403, 503))
async def read_rollouts(api: Opened, caller: Reader) -> list[dict[str, Any]]:
    """Return the rollout that is running, or else the last there was; an empty list if there was none."""
    found = await rollouts.read(api.database)
    return [] if found.state == "none" else [rollouts.as_json(found)]


@_writes("/v1/rollouts/{id}/promote", "Promote the model that is tried")
async def promote_rollout(
    request: Request, api: Opened, caller: Operator, id: Annotated[str, Path(max_length=100)]
) -> Response:
    """Switch to the generation of the model that is tried, whatever was seen of it so far."""
    return await _answer(api, caller, request, PromoteRollout(rollout=id))


@_writes("/v1/rollouts/{id}/stop", "Stop trying a model")
async def stop_rollout(
    request: Request, api: Opened, caller: Operator, id: Annotated[str, Path(max_length=100)]
) -> Response:
    """End a rollout; the active model answers alone."""
    return await _answer(api, caller, request, StopRollout(rollout=id))


@router.get("/v1/tasks", summary="Tasks", responses=problems(401, 403, 503))
async def read_tasks(api: Opened, caller: Reader) -> list[TaskBody]:
    """List the last 50 tasks, the newest first; each is kept for 30 days."""
    return [shown(each) for each in await TaskStore(api.database).newest(SHOWN)]


@router.get("/v1/tasks/{id}", summary="What becomes of a task", responses=problems(401, 403, 404, 503))
async def read_task(request: Request, api: Opened, caller: Reader, id: str) -> TaskBody:
    """Tell how far a task is; `Prefer: wait=N` waits up to 10 s for its end."""
    return shown(await ended(api, await required_task(api, id), wait_of(request)))


@router.delete("/v1/tasks/{id}", summary="Stop a task", responses=problems(401, 403, 404, 409, 503))
async def stop_task(api: Opened, caller: Operator, id: str) -> TaskBody:
    """Stop a replay after the batch in hand, so that it can go on later, or what only looks."""
    task = await required_task(api, id)
    if task.lane == "change":
        raise Problem(409, "not_stoppable", "what changes the active generation or model is not stopped half-way")
    if not task.ended:
        await api.audit.record("task.stopped", caller=caller.audited, about=f"task:{id}")
        await TaskStore(api.database).stop(id)
    return shown(task)
