"""`/v1/topics`, `/v1/syncs` and `/v1/models`: how the deployment stands."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from connectors.checkpoint import runs
from ops.api.access import require
from ops.api.context import Opened
from ops.api.problems import problems
from ops.sync.backfill import runs_dir
from ops.sync.report import account, as_json
from processors.access import Caller
from schemas.topics import PIPELINE, TOPICS
from streams.lag import group_lag
from streams.models.downloads import cache_dir
from streams.models.registry import Registry
from streams.retention import kept

router = APIRouter(tags=["status"])
Reader = Annotated[Caller, require("status:read")]


class TopicBody(BaseModel):
    """A topic of the active generation."""

    name: str = Field(examples=["talent-events"])
    purpose: str
    retention_days: float | None
    compacted: bool
    lag: int | None = Field(description="messages that the workers have yet to read; null: they do not read it")
    kept: dict[str, Any] | None = Field(description="what the broker has of it; null: it is missing")


class Topics(BaseModel):
    """The topics, and how far this process sees."""

    generation: str = Field(description="the active one", examples=["base"])
    visible_at_ms: int = Field(description="up to when what was merged shows in this process's answers, in epoch ms")
    topics: list[TopicBody]


class Model(BaseModel):
    """A known model."""

    id: str = Field(examples=["use-multilingual@3"])
    here: bool = Field(description="whether it is on this machine, and can be used")
    dimensions: int | None = Field(description="of its vectors; null where the manifest cannot be read")
    languages: list[str]
    licence: str
    problem: str | None = Field(default=None, description="why its manifest cannot be read")


@router.get("/v1/topics", summary="Topics and lag", responses=problems(401, 403, 503))
async def read_topics(api: Opened, caller: Reader) -> Topics:
    """List the topics: what each keeps, and how far the workers are behind."""
    generation, kafka = api.reads.generation, api.settings.kafka
    names = {spec: generation.topic(spec.name) for spec in TOPICS}
    pipeline = [generation.topic(name) for name in PIPELINE]
    lag, found = await asyncio.gather(
        group_lag(kafka, generation.named(kafka.group_id), pipeline), kept(kafka, list(names.values()))
    )
    topics = [
        TopicBody(
            name=name,
            purpose=spec.purpose,
            retention_days=spec.days(api.settings.retention),
            compacted=spec.compacted,
            lag=lag.get(name),
            kept=asdict(found[name]) if name in found else None,
        )
        for spec, name in names.items()
    ]
    return Topics(generation=generation.name, visible_at_ms=int(api.reads.tail.visible_at * 1000), topics=topics)


@router.get("/v1/syncs", summary="Bulk syncs", responses=problems(401, 403, 503))
async def read_syncs(api: Opened, caller: Reader) -> list[dict[str, Any]]:
    """List the bulk syncs that this machine has run, with what was read, published, handled and rejected."""
    reports = await account(api.settings, runs(runs_dir(api.settings)))
    left_out = ("rejections", "counts")
    return [
        {**{n: v for n, v in as_json(each).items() if n not in left_out}, "rejections": len(each.rejections)}
        for each in reports
    ]


@router.get("/v1/models", summary="Models", responses=problems(401, 403, 503))
async def read_models(api: Opened, caller: Reader) -> list[Model]:
    """List the embedding models that are known, then those whose manifest cannot be read."""
    entries, unreadable = await asyncio.to_thread(Registry(cache_dir()).listing)
    known = [
        Model(
            id=m.id,
            here=each.folder is not None,
            dimensions=m.dimensions,
            languages=list(m.languages),
            licence=m.licence,
        )
        for each in entries
        for m in (each.manifest,)
    ]
    return known + [
        Model(id=each.id, here=False, dimensions=None, languages=[], licence="", problem=str(each.error))
        for each in unreadable
    ]
