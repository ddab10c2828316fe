"""Generations of what is derived, the model that is tried, and replays in place: how each stands."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Request, Response

from ops.api.context import Api, Opened
from ops.console.page import Page, render
from ops.console.state import Console, ConsoleOpened
from ops.console.visitor import having
from ops.replay.checkpoint import Checkpoint, replays_dir
from ops.replay.checkpoint import load as load_replay
from processors.access import Caller
from processors.embedding.rollout import Limits
from schemas.entities import SIDES, Side
from schemas.errors import LoomaError
from streams.generations.generation import MODELS, Generation, read_active
from streams.generations.switching import GenerationStatus, statuses
from streams.models import rollouts
from streams.models.builtin import DEFAULT

router = APIRouter(prefix="/console", include_in_schema=False, route_class=Page)
REPLAYS = 20
"""Replays in place that are shown, the newest first."""


class Version(NamedTuple):
    """A generation, the model that it is built with, whether it was active before the one that is, and its vectors."""

    status: GenerationStatus
    model: str
    is_previous: bool
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
    """Show them, and the commands that change them."""
    found, rollout, replays = await asyncio.gather(
        _versions(api, console), rollouts.read(api.database), asyncio.to_thread(_replays, api)
    )
    return render(
        request,
        "versions.html",
        visitor,
        versions=found,
        rollout=rollout,
        figures=figures(rollout.figures, rollout.limits),
        replays=replays,
    )


async def _versions(api: Api, console: Console) -> list[Version]:
    built = {d["_id"]: str(d.get("model", "")) async for d in api.database[MODELS].find({}, {"model": 1})}
    active = await read_active(api.database)
    found = []
    for each in await statuses(api.settings, counted=False):  # MongoDB may have to look at every record
        store = console.vectors(Generation(each.name).suffix)
        vectors: dict[Side, int] = {side: await store.size(side) for side in SIDES}
        found.append(Version(each, built.get(each.name) or DEFAULT.id, each.name == active.previous, vectors))
    return found


def figures(seen: Mapping[str, float], limits: Limits) -> list[Figure]:
    """Return what was seen against the limits, in their order."""
    return [
        Figure(name, seen[name], float(getattr(limits, name)), name in ("requests", "pairs", "overlap"))
        for name in Limits.__dataclass_fields__
        if name in seen
    ]


def _replays(api: Api) -> list[Checkpoint]:
    folder = replays_dir(api.settings)
    files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)[:REPLAYS]
    found = []
    for file in files:
        try:
            if checkpoint := load_replay(folder, file.stem):
                found.append(checkpoint)
        except LoomaError:  # one that is damaged hides no other
            continue
    return found
