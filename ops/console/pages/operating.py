"""Replaying, switching, promoting and going back: tried or compared first, confirmed, then followed to its end."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Query, Request, Response
from pydantic import ValidationError

from ops.api.context import Api, Opened
from ops.api.event_stream import EventStream
from ops.api.problems import Problem
from ops.api.routes.tasks import ReplayBody, begin_task, ended, required_task, stop_task
from ops.console.live import alive, none_to_close, parts
from ops.console.page import Page, render
from ops.console.pages.frame import moved
from ops.console.visitor import Visitor, form_of, having, require_scope
from ops.tasks.actions import (
    Action,
    CompareGeneration,
    PromoteRollout,
    Replay,
    RollBackGeneration,
    StartGeneration,
    StopRollout,
    SwitchGeneration,
    read_action,
)
from processors.access import Caller, allows
from sinks.tasks import Task, TaskStore
from streams.generations.database import active_now
from streams.models import rollouts

router = APIRouter(prefix="/console", include_in_schema=False, route_class=Page)
Reader = Annotated[Caller, having("status:read")]
LOOK_SECONDS = 1.0
CONFIRMED = ("switch", "rollback", "promote", "stop")
"""What changes which generation or model is used: each has a page that says what would follow."""


@router.get("/versions/confirm")
async def confirm_page(
    request: Request,
    api: Opened,
    visitor: Visitor,
    do: Annotated[str, Query(max_length=20)],
    on: Annotated[str, Query(max_length=100)],
) -> Response:
    """Say what would follow, and ask whether it is meant."""
    require_scope(visitor, "operate")
    if do not in CONFIRMED:
        raise Problem(404, "not_found", "there is no such page")
    active, rollout = await active_now(api.settings), await rollouts.read(api.database)
    return render(
        request,
        "confirm.html",
        visitor,
        do=do,
        on=on,
        active=active,
        rollout=rollout,
        compared=await _compared(api, on) if do == "switch" else None,
        once=new_once(),
    )


async def _compared(api: Api, generation: str) -> Task | None:
    """Return the last comparison of a generation that ended well."""
    wanted = ("generation.compare", "done", generation)
    return next(
        (
            t
            for t in await TaskStore(api.database).newest(50)
            if (t.action, t.state, t.request.get("generation")) == wanted
        ),
        None,
    )


@router.post("/versions/act")
async def act(request: Request, api: Opened, visitor: Visitor) -> Response:
    """Begin what a form asks for, once however often it is sent, and lead to where it is followed."""
    require_scope(visitor, "operate")
    form = await form_of(request)
    do = form.get("do", "")
    if do in CONFIRMED and form.get("confirmed") != "yes":
        raise Problem(422, "invalid_request", "this has to be confirmed")
    action = await _action(api, do, form, parse_qsl((await request.body()).decode()))
    task = await begin_task(api, visitor, action, f"console {do} {form.get('once', '')}"[:255])
    return moved(f"./tasks/{quote(task.id, safe='')}")


async def _action(api: Api, do: str, form: dict[str, str], fields: list[tuple[str, str]]) -> Action:
    """Return what a form asks for. Raises Problem, 422."""
    on = form.get("on", "")
    try:
        match do:
            case "try":
                return _replay(form, [value for name, value in fields if name == "topic"])
            case "replay":
                tried = read_action((await required_task(api, on)).request)
                if not isinstance(tried, Replay) or not tried.dry_run:
                    raise Problem(422, "invalid_request", "try it first")
                return tried.model_copy(update={"dry_run": False})
            case "go_on":
                return Replay(run=on)
            case "start":
                return StartGeneration(generation=on.strip(), model=form.get("model") or None)
            case "compare":
                return CompareGeneration(generation=on)
            case "switch":
                return SwitchGeneration(generation=on)
            case "rollback":
                return RollBackGeneration(generation=on)
            case "promote":
                return PromoteRollout(rollout=on)
            case "stop":
                return StopRollout(rollout=on)
    except ValidationError as error:
        raise Problem(422, "invalid_request", error.errors()[0]["msg"]) from None
    raise Problem(422, "invalid_request", "this is no form of the console")


def _replay(form: dict[str, str], topics: list[str]) -> Replay:
    since = _moment(form.get("since", ""))
    body: dict[str, Any] = {
        "topics": topics,
        "beginning": since is None,
        "since": since,
        "until": _moment(form.get("until", "")),
        "keys": form.get("keys", "").split(),
        "sources": form.get("sources", "").split(),
        "rate": form.get("rate") or None,
        "dry_run": True,
    }
    return ReplayBody.model_validate(body).action()


def _moment(text: str) -> datetime | None:
    """Return what a field of a form says, in UTC; None for nothing. Raises Problem, 422."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC)
    except ValueError:
        raise Problem(422, "invalid_request", "write a time like 2026-01-05T16:00, in UTC") from None


def new_once() -> str:
    """Return what tells one form from another: a second click is the same."""
    return secrets.token_hex(8)


def _context(task: Task, visitor: Caller) -> dict[str, Any]:
    return {"task": task, "may_operate": allows(visitor, "operate"), "once": new_once()}


@router.get("/versions/tasks/{id}")
async def task_page(request: Request, api: Opened, visitor: Reader, id: str) -> Response:
    """Show a task, and what may follow it."""
    return render(request, "task.html", visitor, **_context(await required_task(api, id), visitor))


@router.post("/versions/tasks/{id}/stop")
async def stop_page(request: Request, api: Opened, visitor: Visitor, id: str) -> Response:
    """Ask a task to stop."""
    require_scope(visitor, "operate")
    await stop_task(api, visitor, id)
    return moved(f"../{quote(id, safe='')}")


@router.get("/versions/tasks/{id}/live")
async def task_live(request: Request, api: Opened, visitor: Reader, id: str) -> Response:
    """Send how far a task is, until it has ended."""
    task = await required_task(api, id)

    async def chunks() -> AsyncIterator[bytes]:
        now = task
        while True:
            page = render(request, "task_now.html", visitor, **_context(now, visitor))
            yield parts({"task": bytes(page.body).decode()})
            if now.ended:
                return
            now = await ended(api, now, LOOK_SECONDS)
            now = await TaskStore(api.database).find(id) or now

    return EventStream(alive(chunks()), api.stopping, none_to_close)
