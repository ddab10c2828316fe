"""Measures embedding under concurrent callers, as workers and services do it: through the pool."""

import asyncio
import time
from collections.abc import Iterator
from itertools import count

import numpy as np

from ops.models.task import builtin_task
from processors.embedding.pool import EmbeddingPool
from streams.models.encoders import open_encoder
from streams.models.registry import Entry

CALLERS = (1, 8, 64)


async def bench_embed(entry: Entry, *, seconds: float, workers: int) -> dict[str, object]:
    """Return texts a second and the latency of one text for 1, 8 and 64 callers, each asking for text after text.

    Texts are short and all different: the cache never helps.
    """
    encoder = await asyncio.to_thread(open_encoder, entry)
    texts = _short_texts()
    figures: dict[str, object] = {}
    async with EmbeddingPool(encoder, workers=workers, cache_size=1) as pool:
        await pool.embed([next(texts) for _ in range(32)])
        for callers in CALLERS:
            figures[str(callers)] = await _load(pool, callers, texts, seconds)
    return {"model": entry.manifest.id, "version": encoder.version, "workers": workers, "callers": figures}


async def _load(pool: EmbeddingPool, callers: int, texts: Iterator[str], seconds: float) -> dict[str, float]:
    latencies: list[float] = []
    started = time.perf_counter()

    async def caller() -> None:
        while time.perf_counter() - started < seconds:
            asked = time.perf_counter()
            await pool.embed([next(texts)])
            latencies.append(time.perf_counter() - asked)

    await asyncio.gather(*(caller() for _ in range(callers)))
    elapsed = time.perf_counter() - started
    p50, p99 = np.percentile(latencies, (50, 99)) * 1000
    return {"texts_per_second": round(len(latencies) / elapsed, 1), "p50_ms": round(p50, 2), "p99_ms": round(p99, 2)}


def _short_texts() -> Iterator[str]:
    titles = builtin_task().corpus
    return (f"{titles[n % len(titles)]} {n}" for n in count())
