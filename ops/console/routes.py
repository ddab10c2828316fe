"""All pages, in the order in which an address is looked up."""

from fastapi import APIRouter

from ops.api.problems import Problem
from ops.console.page import Page
from ops.console.pages import (
    alerts,
    audit,
    chat,
    conflicts,
    events,
    flow,
    frame,
    letters,
    matches,
    operating,
    records,
    resume,
    system,
    versions,
)

ROUTERS: list[APIRouter] = [
    frame.router,
    flow.router,
    conflicts.router,
    events.router,
    letters.router,
    alerts.router,
    chat.router,
    versions.router,
    operating.router,
    audit.router,
    system.router,
    matches.router,
    resume.router,
    records.router,
]
_rest = APIRouter(prefix="/console", include_in_schema=False, route_class=Page)


@_rest.get("/{path:path}")
async def nothing(path: str) -> None:
    """Say that there is no such page."""
    raise Problem(404, "not_found", "there is no such page")


ROUTERS.append(_rest)
