"""Whether the process is there, and whether it can work."""

import asyncio
from collections.abc import Awaitable
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from ops.api.context import Api, Opened
from ops.api.problems import problems, unavailable
from sinks.errors import is_transient

router = APIRouter(tags=["health"])
CHECK_SECONDS = 2.0


class Health(BaseModel):
    """That the process answers."""

    status: Literal["ok"] = "ok"


@router.get("/v1/health", summary="Whether the process answers")
async def health() -> Health:
    """Answer while the process lives; a balancer asks /v1/ready instead."""
    return Health()


@router.get("/v1/ready", summary="Whether the process can work", responses=problems(503))
async def ready(api: Opened) -> Health:
    """Answer 503 while Kafka or MongoDB do not answer, and once the process drains."""
    if api.stopping.is_set():
        raise unavailable("stopping", "the process drains")
    await _all_answer(api)
    return Health()


async def _all_answer(api: Api) -> None:
    checks = {"Kafka": api.publisher.ping(), "MongoDB": api.database.command("ping")}
    answers = await asyncio.gather(*(_answers(check) for check in checks.values()))
    if away := [name for name, answers_ in zip(checks, answers, strict=True) if not answers_]:
        raise unavailable("unavailable", f"{' and '.join(away)} do not answer")


async def _answers(check: Awaitable[object]) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return bool(await check)
    except Exception as error:
        if not is_transient(error):
            raise
        return False
