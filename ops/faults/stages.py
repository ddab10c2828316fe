"""How fresh the stages behind the first are: from a message's publication to its first effect, by workers' spans."""

import asyncio
from collections.abc import Hashable, Iterable, Mapping
from math import inf
from pathlib import Path
from typing import Any, TypeVar

from ops.runtime.traces import SpanRecord, percentiles, read_spans
from schemas import semconv
from schemas.settings import Settings
from schemas.topics import EVENTS
from streams.reading import read_topic

FRESH_SECONDS = 10.0
"""The freshness objective's: docs/guides/objectives.md."""
Offset = tuple[int, int]
"""A partition, and an offset in it."""
P = TypeVar("P", bound=Hashable)


def freshness(
    published: Mapping[P, float], done: Iterable[tuple[P, float]]
) -> dict[str, float | int | dict[str, float]]:
    """Return how long messages took from their publication to their first effect, of those that had one."""
    first: dict[P, float] = {}
    for place, at in done:
        first[place] = min(at, first.get(place, at))
    took = [first[place] - at for place, at in published.items() if place in first]
    within = sum(seconds <= FRESH_SECONDS for seconds in took)
    return {
        "events": len(took),
        "seconds": {name: round(value / 1000, 2) for name, value in percentiles([s * 1000 for s in took]).items()},
        "longest": round(max(took, default=0.0), 1),
        "within_10_s": round(within / len(took), 5) if took else 1.0,
    }


def effects(spans: Iterable[SpanRecord]) -> dict[tuple[str, str], dict[Offset, float]]:
    """Return by stage and topic when each message had its first effect, in seconds since 1970; the first stage not."""
    found: dict[tuple[str, str], dict[Offset, float]] = {}
    for span in spans:
        of = span.attributes
        topic = str(of.get(semconv.DESTINATION))
        if of.get(semconv.OPERATION_TYPE) != "process" or topic in EVENTS.values():
            continue
        if of.get(semconv.OUTCOME, "revoked") != "revoked":
            first = found.setdefault((span.name, topic), {})
            place = int(of[semconv.PARTITION]), int(of[semconv.OFFSET])
            first[place] = min(span.end / 1e9, first.get(place, inf))
    return found


async def freshness_of_stages(settings: Settings, folders: Iterable[Path]) -> dict[str, Any]:
    """Return the freshness of each stage behind the first.

    `left`: messages of which no span says that they had an effect: not yet, or by a worker that was killed before it
    had written so.
    """
    done = await asyncio.to_thread(effects, (span for folder in folders for span in read_spans(folder)))
    published: dict[str, dict[Offset, float]] = {}
    for topic in sorted({topic for _, topic in done}):
        log = read_topic(settings.kafka, topic)
        published[topic] = {(each.partition, each.offset): each.timestamp / 1000 async for each in log}
    return {
        stage: {**freshness(published[topic], at.items()), "left": len(published[topic].keys() - at.keys())}
        for (stage, topic), at in sorted(done.items())
    }
