"""`looma bench match`: one record against many of the other side, by the path that the match stage takes.

A Qdrant of the run's own, the collections as in production, payloads of generated records. Vectors and queries come
from `ops.benchmarks.vectors`: the search is as hard as among real texts. Timed are the two calls of the stage: the
search for candidates with their payloads, and `best_matches`, which scores all of them and explains those worth a
result; once with nothing kept, and once with everything kept. Beside them, how long it takes to store the one that is
matched.
"""

import tempfile
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from qdrant_client import AsyncQdrantClient

from ops.benchmarks.match_set import CALL_SECONDS, Progress, build, payloads
from ops.benchmarks.search import own_server
from ops.benchmarks.vectors import VectorSource
from processors.embedding.model import EmbeddingModel
from processors.matching.filters import OPEN_STATUSES
from processors.matching.ranking import OTHER, Limits, best_matches
from schemas.entities import Side
from schemas.settings import QdrantSettings
from sinks.qdrant import Point, VectorStore, connect
from streams.pair_scores import PairScores

ASKING = 200
"""Different records that are matched, by turns."""
TIMED = 1000


async def bench_match(
    side: Side,
    count: int,
    source: VectorSource,
    model: EmbeddingModel,
    progress: Progress,
    limits: Limits | None = None,
    reuse: Path | None = None,
) -> dict[str, Any]:
    """Match records of the other side with `count` of `side` one by one; return the figures.

    The stored set is removed afterwards, or with `reuse` kept in that folder, and taken from there if it is built.
    """
    limits = limits or Limits()
    with nullcontext(str(reuse)) if reuse else tempfile.TemporaryDirectory(prefix="looma-bench-match-") as name:
        folder = Path(name) / f"{side}s-{count}"
        folder.mkdir(parents=True, exist_ok=True)
        began = time.perf_counter()
        await build(folder, side, count, source, model, progress)
        built = time.perf_counter() - began
        vectors = source.queries.tolist()
        asking = [
            Point(p["id"], p, vectors[n % len(vectors)]) for n, p in enumerate(payloads(OTHER[side], ASKING, 2, model))
        ]
        async with own_server(folder) as (url, process):
            client = connect(QdrantSettings(url=url, timeout_seconds=CALL_SECONDS))
            try:
                return {
                    f"{side}s": count,
                    "candidates": limits.candidates,
                    "turns": TIMED,
                    "built_s": round(built, 1),
                    "nothing_kept": await _timed(VectorStore(client, keep=0), None, side, asking, limits, progress),
                    "kept": await _timed(VectorStore(client), PairScores(), side, asking, limits, progress),
                    "stored_ms": await _stored(client, OTHER[side], asking),
                    "resident_mb": round(process.memory_info().rss / 1e6),
                }
            finally:
                await client.close()


async def _timed(
    store: VectorStore,
    scores: PairScores | None,
    side: Side,
    asking: list[Point],
    limits: Limits,
    progress: Progress,
) -> dict[str, Any]:
    searching, ranking, matches = [], [], []
    warm = len(asking) if scores else len(asking) // 10  # what is kept is kept from the first round on
    what = "matching, kept" if scores else "matching"
    for turn in range(-warm, TIMED):
        point = asking[turn % len(asking)]
        began = time.perf_counter()
        (near,) = await store.nearest(
            side,
            [point.vector],
            model=point.payload["model"],
            statuses=OPEN_STATUSES[side],
            limit=limits.candidates,
        )
        found = time.perf_counter()
        # A new point each time, as the stage has it: what is known of it is not in it yet.
        best = best_matches(OTHER[side], replace(point).candidate, (h.near for h in near), limits, (), scores)
        explained = [scored.match() for scored in best]
        if turn >= 0:
            searching.append(found - began)
            ranking.append(time.perf_counter() - found)
            matches.append(len(explained))
        progress(what, warm + turn + 1, warm + TIMED)
    return {
        "explained": round(float(np.mean(matches)), 1),
        "latency_ms": _percentiles(np.add(searching, ranking)),
        "candidates_ms": _percentiles(searching),
        "ranking_ms": _percentiles(ranking),
    }


async def _stored(client: AsyncQdrantClient, side: Side, asking: list[Point]) -> dict[str, float]:
    store, seconds = VectorStore(client), []
    for point in asking:
        began = time.perf_counter()
        await store.upsert(side, [point])
        seconds.append(time.perf_counter() - began)
    return _percentiles(seconds)


def _percentiles(seconds: Any) -> dict[str, float]:
    p50, p99 = np.percentile(seconds, (50, 99)) * 1000
    return {"p50": round(float(p50), 2), "p99": round(float(p99), 2)}
