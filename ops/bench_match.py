"""`looma bench match`: one talent against many jobs, by the path that the match stage takes.

A Qdrant of the run's own, the collection as in production, payloads of generated jobs. Vectors and queries come from
`ops.bench_vectors`, so that the search is as hard as among real texts. Timed are the two calls of the stage: the search
for candidates with their payloads, and `best_matches`, which scores all of them and explains those worth a result.
"""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from qdrant_client import models as q

from ops.bench_search import Progress, own_server
from ops.bench_vectors import VectorSource
from ops.sample import generate
from processors.embedding.model import EmbeddingModel, Vectors
from schemas.records import Record
from sinks import vector_index
from sinks.qdrant import Point, Side, VectorStore, connect
from streams.matching import OPEN_STATUSES, MatchLimits, best_matches
from streams.vectors import title_text, vector_payload

JOBS, TALENTS = 500, 200
"""Different payloads of either side; the jobs' are used again and again, with ids of their own."""
TIMED = 1000
_BATCH = 500
_CALL_SECONDS = 120


def payloads(side: Side, count: int, seed: int, model: EmbeddingModel) -> list[dict[str, Any]]:
    """Return what the stream stores with the vectors of generated records that are open to a match."""
    lines = generate(seed, talents=count, jobs=count, companies=40)[f"{side}s.jsonl"]
    records = [Record(side, f"{side}-{i}", 1, False, line["fields"], {}) for i, line in enumerate(lines)]
    found = [vector_payload(side, r, r.id, model.version, _title(model, r)) for r in records]
    return [payload | {"status": OPEN_STATUSES[side][0]} for payload in found]


def _title(model: EmbeddingModel, record: Record) -> Vectors:
    row: Vectors = model.embed([title_text(record)])[0]
    return row


async def bench_match(
    jobs: int, source: VectorSource, model: EmbeddingModel, progress: Progress, limits: MatchLimits | None = None
) -> dict[str, Any]:
    """Store `jobs` jobs, match talents with them one by one, return the figures; everything is removed afterwards."""
    limits = limits or MatchLimits()
    talents = payloads("talent", TALENTS, 2, model)
    async with own_server() as (url, _):
        client = connect(url, _CALL_SECONDS)
        try:
            store = VectorStore(client)
            name = store.collections["job"]
            await vector_index.prepare(client, name, source.queries.shape[1], bulk=True)
            began = time.perf_counter()
            stored = payloads("job", JOBS, 1, model)
            reported = began
            for batch in _batches(jobs, source, stored):
                await client.upsert(name, batch, wait=True)
                if (now := time.perf_counter()) - reported > 10:
                    reported = now
                    progress(f"loaded {int(batch.ids[-1]) + 1:,} of {jobs:,}")
            progress(f"loaded in {time.perf_counter() - began:.0f} s; indexing")
            await vector_index.finish_bulk(client, name)
            green = 0
            while green < 2:  # twice: it may not have begun yet
                await asyncio.sleep(0.5)
                green = green + 1 if (await client.get_collection(name)).status == q.CollectionStatus.GREEN else 0
            progress("matching")
            return {"jobs": jobs, "candidates": limits.candidates} | await _timed(store, source, talents, limits)
        finally:
            await client.close()


def _batches(jobs: int, source: VectorSource, stored: list[dict[str, Any]]) -> Iterator[q.Batch]:
    for chunk in source.chunks(jobs, _BATCH):
        numbers = range(chunk.start, chunk.start + len(chunk.vectors))
        yield q.Batch(
            ids=list(numbers),
            vectors=chunk.vectors.tolist(),
            payloads=[stored[n % len(stored)] | {"id": f"job-{n}"} for n in numbers],
        )


async def _timed(
    store: VectorStore, source: VectorSource, talents: list[dict[str, Any]], limits: MatchLimits
) -> dict[str, Any]:
    queries = source.queries.tolist()
    searching, ranking, matches = [], [], []
    for turn in range(-len(talents) // 10, TIMED):  # the first few are not counted: they fill caches
        payload, vector = talents[turn % len(talents)], queries[turn % len(queries)]
        began = time.perf_counter()
        (near,) = await store.nearest(
            "job", [vector], model=payload["model"], statuses=OPEN_STATUSES["job"], limit=limits.candidates
        )
        found = time.perf_counter()
        best = best_matches("talent", Point(payload["id"], payload, vector), near, limits)
        if turn >= 0:
            searching.append(found - began)
            ranking.append(time.perf_counter() - found)
            matches.append(len(best))
    total = np.add(searching, ranking)
    return {
        "talents": TIMED,
        "explained": round(float(np.mean(matches)), 1),
        "latency_ms": _percentiles(total),
        "candidates_ms": _percentiles(searching),
        "ranking_ms": _percentiles(ranking),
    }


def _percentiles(seconds: Any) -> dict[str, float]:
    p50, p99 = np.percentile(seconds, (50, 99)) * 1000
    return {"p50": round(float(p50), 2), "p99": round(float(p99), 2)}
