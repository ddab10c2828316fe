"""How the deployment stands: topics, bulk syncs, models and settings."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from ops.api.context import Opened
from ops.api.routes.status import read_models, read_syncs, read_topics
from ops.console.page import Page, render
from ops.console.visitor import having
from ops.runtime.redaction import shown_setting
from processors.access import Caller
from schemas.settings import Settings, fields

router = APIRouter(prefix="/console", include_in_schema=False, route_class=Page)
Reader = Annotated[Caller, having("status:read")]


@router.get("/system")
async def system_page(request: Request, api: Opened, visitor: Reader) -> Response:
    """Show topics, syncs and models; settings to who works on this machine."""
    return render(
        request,
        "system.html",
        visitor,
        topics=await read_topics(api, visitor),
        syncs=await read_syncs(api, visitor),
        models=await read_models(api, visitor),
        settings=_settings(api.settings) if visitor.kind == "local" else [],
    )


def _settings(settings: Settings) -> list[tuple[str, str]]:
    """Return every setting with its value as it may be shown."""
    shown = []
    for name in fields():
        group, _, last = name.rpartition(".")
        value = shown_setting(name, getattr(getattr(settings, group) if group else settings, last))
        shown.append((name, "" if value is None else str(value)))
    return shown
