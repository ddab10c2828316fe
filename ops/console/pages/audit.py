"""The audit log's newest events: who did what that matters, and whether they are as they were written."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from ops.api.context import Opened
from ops.console.kafka import asking_kafka
from ops.console.page import Page, render
from ops.console.visitor import having
from ops.runtime.audit import read
from ops.runtime.secret import secret_of
from processors.access import Caller
from processors.audit import Verifier, named
from schemas.audit import ACTIONS
from schemas.entities import ENTITIES

router = APIRouter(prefix="/console", include_in_schema=False, route_class=Page)
READ = 500
"""Events that are read of each partition; the command reads all of the log."""
SHOWN = 200
PROCESS = frozenset(("chain.opened", "chain.closed"))
"""What a process says of its own chain."""


@router.get("/audit")
async def audit_page(
    request: Request,
    api: Opened,
    visitor: Annotated[Caller, having("audit:read")],
    action: Annotated[str, Query(max_length=50)] = "",
    about: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """List the newest events that match, newest first, and check the chains as far as they are read."""
    secret = secret_of(api.settings)
    entity, _, id = about.strip().partition(":")
    wanted = {about.strip(), named(secret, entity, id)} if entity in ENTITIES else {about.strip()} - {""}
    with asking_kafka():
        log = [logged async for logged in read(api.settings.kafka, last=READ)]
    is_part = any(logged.cut for logged in log)  # a chain that another partition bears witness to may not be read
    verifier = Verifier(secret)
    for logged in log:
        verifier.add(logged.place, logged.event, cut=is_part)
    events = [logged.event for logged in log if logged.event]
    found = [
        each
        for each in events
        if (each.action == action if action else each.action not in PROCESS)
        and (not wanted or not wanted.isdisjoint(each.about))
    ]
    found.sort(key=lambda each: (each.time, each.number), reverse=True)
    return render(
        request,
        "audit.html",
        visitor,
        events=found[:SHOWN],
        more=max(0, len(found) - SHOWN),
        verdict=verifier.verdict(),
        is_part=is_part,
        actions=ACTIONS,
        action=action,
        about=about,
    )
