"""`/v1/traces/{id}`: an event's way, from the request to the match."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from ops.api.access import require
from ops.api.context import Opened
from ops.api.problems import Problem, problems
from ops.runtime.traces import SpanRecord, latency_ms, missing_hops
from processors.access import Caller

router = APIRouter(tags=["traces"])


class SpanBody(BaseModel):
    """One step."""

    span_id: str
    parent_id: str
    name: str = Field(examples=["process talent-events"])
    service: str = Field(examples=["looma-worker"])
    start_unix_nano: int
    duration_ms: float
    failed: bool
    attributes: dict[str, Any]


class TraceBody(BaseModel):
    """All steps of one trace that are on this machine."""

    trace_id: str
    latency_ms: float = Field(description="from its first to its last moment")
    missing: list[str] = Field(description="steps that the trace of an event should have and has not")
    spans: list[SpanBody]


@router.get("/v1/traces/{id}", summary="The traces of an event", responses=problems(401, 403, 404, 422, 503))
async def read_traces(api: Opened, caller: Annotated[Caller, require("traces:read")], id: str) -> list[TraceBody]:
    """Return the traces of an event's id or a trace's id, oldest first; spans are those that this machine has."""
    async with api.tracing:
        found = await asyncio.to_thread(api.traces.find, id)
    if not found:
        raise Problem(404, "not_found", "there is no trace of this event on this machine")
    return [_body(spans) for spans in found]


def _body(spans: list[SpanRecord]) -> TraceBody:
    return TraceBody(
        trace_id=spans[0].trace_id,
        latency_ms=round(latency_ms(spans), 3),
        missing=missing_hops(spans),
        spans=[
            SpanBody(
                span_id=s.span_id,
                parent_id=s.parent_id,
                name=s.name,
                service=s.service,
                start_unix_nano=s.start,
                duration_ms=round(s.milliseconds, 3),
                failed=s.failed,
                attributes=s.attributes,
            )
            for s in sorted(spans, key=lambda s: s.start)
        ],
    )
