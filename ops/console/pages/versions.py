"""Generations, the model that is tried, and replays in place: how each stands, and what may be done."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Request, Response

from connectors.checkpoint import RunFile
from ops.api.context import Api, Opened
from ops.console.page import Page, render
from ops.console.pages.operating import new_once
from ops.console.state import Console, ConsoleOpened
from ops.console.visitor import having
from ops.replay.checkpoint import Checkpoint, replays_dir
from ops.replay.checkpoint import load as load_replay
from processors.access import Caller, allows
from processors.embedding.rollout import Limits
from schemas.entities import SIDES, Side
from schemas.errors import LoomaError
from schemas.topics import EVENTS
from sinks.tasks import TaskStore
from streams.generations.generation import MODELS, Active, Generation, read_active
from streams.generations.switching import GenerationStatus, statuses
from streams.models import rollouts
from streams.models.builtin import DEFAULT
from streams.models.downloads import cache_dir
from streams.models.registry import Registry

router = APIRouter(prefix="/console", include_in_schema=False, route_class=Page)
REPLAYS = 20
"""Replays in place that are shown, the newest first."""
TASKS = 10


class Version(NamedTuple):
    """A generation, the model that it is built with, and its vectors.

    `is_previous`: it was active before the one that is; `may_go_back`: it is active, and there is one before.
    """

    status: GenerationStatus
    model: str
    is_previous: bool
    may_go_back: bool
    vectors: dict[Side, int]


class Figure(NamedTuple):
    """What was seen of a model that is tried, against its limit; `is_least` where the limit is a lower one."""

    name: str
    value: float
    limit: float
    is_least: bool

    @property
    def is_beyond(self) -> bool:
        """Whether it is beyond its limit; what a verdict waits for is not."""
        if self.name in ("requests", "pairs"):
            return False
        return self.value < self.limit if self.is_least else self.value > self.limit


@router.get("/versions")
async def versions_page(
    request: Request, api: Opened, console: ConsoleOpened, visitor: Annotated[Caller, having("status:read")]
) -> Response:
    """Show them; who may operate has buttons."""
    active = await read_active(api.database)
    found, rollout, replays, tasks = await asyncio.gather(
        _versions(api, console, active),
        rollouts.read(api.database),
        asyncio.to_thread(_replays, api),
        TaskStore(api.database).newest(TASKS),
    )
    may_operate = allows(visitor, "operate")
    return render(
        request,
        "versions.html",
        visitor,
        versions=found,
        rollout=rollout,
        figures=figures(rollout.figures, rollout.limits),
        replays=[each for each, _ in replays],
        working={each.run for each, is_worked_on in replays if is_worked_on},
        active=active,
        tasks=tasks,
        may_operate=may_operate,
        models=await asyncio.to_thread(_models) if may_operate else [],
        topics=list(EVENTS.values()),
        once=new_once(),
    )


def _models() -> list[str]:
    """Return the models that are on this machine."""
    return [each.manifest.id for each in Registry(cache_dir()).listing()[0] if each.folder]


async def _versions(api: Api, console: Console, active: Active) -> list[Version]:
    built = {d["_id"]: str(d.get("model", "")) async for d in api.database[MODELS].find({}, {"model": 1})}
    found = []
    for each in await statuses(api.settings, counted=False):  # MongoDB may have to look at every record
        store = console.vectors(Generation(each.name).suffix)
        vectors: dict[Side, int] = {side: await store.size(side) for side in SIDES}
        model = built.get(each.name) or DEFAULT.id
        may_go_back = each.active and active.previous is not None
        found.append(Version(each, model, each.name == active.previous, may_go_back, vectors))
    return found


def figures(seen: Mapping[str, float], limits: Limits) -> list[Figure]:
    """Return what was seen against the limits, in their order."""
    return [
        Figure(name, seen[name], float(getattr(limits, name)), name in ("requests", "pairs", "overlap"))
        for name in Limits.__dataclass_fields__
        if name in seen
    ]


def _replays(api: Api) -> list[tuple[Checkpoint, bool]]:
    """Return the replays that this machine has done last, and whether a process works on each."""
    folder = replays_dir(api.settings)
    files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)[:REPLAYS]
    found = []
    for file in files:
        try:
            if checkpoint := load_replay(folder, file.stem):
                found.append((checkpoint, RunFile(folder, checkpoint.run).is_worked_on()))
        except LoomaError:  # one that is damaged hides no other
            continue
    return found
