"""`looma bench search`: load, index, memory, recall and latency of vector search, as the worker drives it.

A Qdrant of the run's own in a temporary folder (or the one at a URL), spoken to by qdrant-client, with the collection's
parameters as in production; the vectors are `ops.benchmarks.vectors`. Recall is against an exact search in numpy that
sees every vector as it is loaded. Memory is the server process's, without its child that builds the index.
"""

import asyncio
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
from numpy.typing import NDArray
from pydantic import SecretStr
from qdrant_client import AsyncQdrantClient
from qdrant_client import models as q

from ops.benchmarks.vectors import CITIES, Chunk, VectorSource
from ops.local.embedded.process import ManagedProcess
from ops.local.embedded.stack import free_ports
from schemas.settings import QdrantSettings
from sinks import vector_index
from sinks.qdrant import connect
from sinks.vector_index import BM25, SEARCH
from streams.search.store import fusion, prefetches

LIMIT = 10
TIMED = 2000
CALLERS = (1, 4, 16)
_BATCH = 1000
_CALL_SECONDS = 120
_FILTERED_CITY = 3
_IN_FLIGHT = 2

Progress = Callable[[str], None]
Ask = Callable[[int], Awaitable[list[int]]]


@dataclass
class Exact:
    """The true nearest neighbours of the queries among what it has been shown."""

    queries: NDArray[np.float32]
    ids: NDArray[np.int64] = field(init=False)
    scores: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        self.ids = np.full((len(self.queries), LIMIT), -1)
        self.scores = np.full((len(self.queries), LIMIT), -2, dtype=np.float32)

    def see(self, chunk: Chunk, mask: NDArray[np.bool_] | None = None) -> None:
        """Take a chunk, or those of it that the mask allows."""
        numbers = np.arange(chunk.start, chunk.start + len(chunk.vectors))
        vectors = chunk.vectors
        if mask is not None:
            numbers, vectors = numbers[mask], vectors[mask]
        scores = np.concatenate([self.scores, self.queries @ vectors.T], axis=1)
        ids = np.concatenate([self.ids, np.broadcast_to(numbers, (len(self.queries), len(numbers)))], axis=1)
        best = np.argpartition(-scores, LIMIT - 1, axis=1)[:, :LIMIT]
        self.ids, self.scores = np.take_along_axis(ids, best, 1), np.take_along_axis(scores, best, 1)

    def recall(self, answers: Sequence[Sequence[int]]) -> float:
        """Return the share of the true neighbours that `answers`, one a query, found."""
        wanted = [set(row[row >= 0].tolist()) for row in self.ids]
        found = sum(len(want & set(answer)) for want, answer in zip(wanted, answers, strict=True))
        return found / max(sum(map(len, wanted)), 1)


@asynccontextmanager
async def own_server(kept: Path | None = None) -> AsyncIterator[tuple[str, psutil.Process]]:
    """Run the embedded server for the block, in a temporary folder or in one whose collections are `kept`."""
    with tempfile.TemporaryDirectory(prefix="looma-bench-search-") as name:
        folder = Path(name)
        storage = kept or folder / "q"
        (port,) = free_ports(1)
        url = f"http://127.0.0.1:{port}"

        async def ready() -> bool:
            try:
                async with httpx.AsyncClient(timeout=2) as client:
                    return (await client.get(url + "/readyz")).is_success
            except httpx.HTTPError:
                return False

        arguments = [
            "-P",
            "-m",
            "ops.local.embedded.qdrant_server",
            "--port",
            str(port),
            "--storage-path",
            str(storage),
        ]
        server = ManagedProcess(
            "qdrant", [sys.executable, *arguments], port, folder / "log", folder / "pid", ready, folder
        )
        server.start()
        try:
            await server.wait_ready()
            process = server.find()
            assert process is not None
            yield url, process
        finally:
            await server.stop(kill=True)


async def bench_search(
    vectors: int,
    source: VectorSource,
    progress: Progress,
    *,
    words: bool = False,
    url: str | None = None,
    api_key: SecretStr | None = None,
) -> dict[str, Any]:
    """Load `vectors` vectors, index them and search; return the figures, and remove everything.

    With `words`, their BM25 vectors are stored beside them, and keyword and hybrid search are timed too.
    """
    if url is not None:
        return await _measured(url, api_key, None, vectors, source, words, progress)
    async with own_server() as (own_url, process):
        return await _measured(own_url, None, process, vectors, source, words, progress)


async def _measured(
    url: str,
    api_key: SecretStr | None,
    process: psutil.Process | None,
    vectors: int,
    source: VectorSource,
    words: bool,
    say: Progress,
) -> dict[str, Any]:
    name = f"bench-{uuid.uuid4().hex[:12]}"
    client = connect(QdrantSettings(url=url, api_key=api_key, timeout_seconds=_CALL_SECONDS))
    memory = _Memory(process)
    try:
        await vector_index.prepare(client, name, source.queries.shape[1], bulk=True)
        await client.create_payload_index(name, "city", q.PayloadSchemaType.KEYWORD)
        exact, exact_filtered = Exact(source.queries), Exact(source.queries)
        load_seconds = await _load(client, name, vectors, source, words, (exact, exact_filtered), say)
        memory.look()
        say(f"loaded in {load_seconds:.0f} s; indexing")
        began = time.perf_counter()
        await vector_index.finish_bulk(client, name)
        await _indexed(client, name, memory, say, began)
        index_seconds = time.perf_counter() - began
        say(f"indexed in {index_seconds:.0f} s; searching")
        city = q.Filter(must=[q.FieldCondition(key="city", match=q.MatchValue(value=CITIES[_FILTERED_CITY]))])
        plain = await _searches(_asker(client, name, source, None), len(source.queries))
        filtered = await _searches(_asker(client, name, source, city), len(source.queries))
        latency: dict[str, Any] = {**plain.latency(), "filtered": filtered.latency()}
        if words:
            for mode in ("keyword", "hybrid"):
                searched = await _searches(_word_asker(client, name, source, mode), len(source.queries))
                latency[mode] = searched.latency()
        memory.look()
        say("searching by several callers at once")
        throughput = {str(n): await _throughput(client, name, source, n) for n in CALLERS}
        memory.look()
        info = await client.get_collection(name)
        return {
            "vectors": vectors,
            "words": words,
            "dimensions": int(source.queries.shape[1]),
            "recall_at_10": round(exact.recall(plain.answers), 4),
            "recall_at_10_filtered": round(exact_filtered.recall(filtered.answers), 4),
            "latency_ms": latency,
            "resident_mb": memory.now,
            "resident_anonymous_mb": memory.anonymous,
            "resident_peak_mb": memory.peak,
            "index_process_peak_mb": memory.child_peak,
            "load_per_s": round(vectors / load_seconds),
            "index_s": round(index_seconds, 1),
            "queries_per_s": throughput,
            "searches": len(plain.seconds),
            "filter_selects": round(1 / len(CITIES), 3),
            "segments": info.segments_count,
            "indexed_vectors": info.indexed_vectors_count,
            "hnsw": vector_index.HNSW.model_dump(exclude_none=True),
            "quantization": vector_index.QUANTIZATION.model_dump(mode="json", exclude_none=True),
            "search": SEARCH.model_dump(exclude_none=True),
            "engine": f"server at a URL, {(await client.info()).version}" if process is None else _engine(),
        }
    finally:
        await client.delete_collection(name)
        await client.close()


def _engine() -> str:
    try:
        return f"qdrant-edge-py {version('qdrant-edge-py')}"
    except PackageNotFoundError:
        return "qdrant-edge-py"


class _Memory:
    """What the server process holds, in MB (10⁶ bytes): now, at most so far, and its child that builds the index."""

    def __init__(self, process: psutil.Process | None) -> None:
        self._process = process
        self.now: int | None = None
        self.anonymous: int | None = None
        self.peak: int | None = None
        self.child_peak: int | None = None

    def look(self) -> None:
        """Read it."""
        if self._process is None:
            return
        info = self._process.memory_info()
        self.now = round(info.rss / 1e6)
        self.anonymous = round((info.rss - getattr(info, "shared", 0)) / 1e6)
        self.peak = max(self.peak or 0, self.now)
        for child in self._process.children():
            try:
                self.child_peak = max(self.child_peak or 0, round(child.memory_info().rss / 1e6))
            except psutil.NoSuchProcess:
                continue


async def _load(
    client: AsyncQdrantClient,
    name: str,
    count: int,
    source: VectorSource,
    words: bool,
    exact: tuple[Exact, Exact],
    say: Progress,
) -> float:
    """Upsert everything, a bounded number of batches at once; return the seconds without those of the generator."""
    spent, reported = 0.0, time.monotonic()
    chunks = source.chunks(count, _BATCH * _IN_FLIGHT)
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        exact[0].see(chunk)
        exact[1].see(chunk, chunk.cities == _FILTERED_CITY)
        began = time.perf_counter()
        await asyncio.gather(
            *(client.upsert(name, batch, wait=True) for batch in _batches(chunk, source if words else None))
        )
        spent += time.perf_counter() - began
        done = chunk.start + len(chunk.vectors)
        if time.monotonic() - reported > 10:
            reported = time.monotonic()
            say(f"loaded {done:,} of {count:,}, {done / spent:,.0f}/s")
    return spent


def _batches(chunk: Chunk, source: VectorSource | None) -> list[q.Batch]:
    found = []
    for start in range(0, len(chunk.vectors), _BATCH):
        part = slice(start, start + _BATCH)
        cities, years = chunk.cities[part].tolist(), chunk.years[part].tolist()
        vectors: Any = chunk.vectors[part].tolist()
        if source is not None:
            words = [source.words[row] for row in chunk.rows[part].tolist()]
            vectors = {"": vectors, BM25: [q.SparseVector(indices=w.indices, values=w.values) for w in words]}
        found.append(
            q.Batch(
                ids=list(range(chunk.start + start, chunk.start + start + len(cities))),
                vectors=vectors,
                payloads=[{"city": CITIES[c], "years": y} for c, y in zip(cities, years, strict=True)],
            )
        )
    return found


async def _indexed(client: AsyncQdrantClient, name: str, memory: _Memory, say: Progress, began: float) -> None:
    """Wait until the collection says green, twice: a server may not have begun yet."""
    green, reported = 0, time.monotonic()
    while green < 2:
        await asyncio.sleep(0.5)
        memory.look()
        green = green + 1 if (await client.get_collection(name)).status == q.CollectionStatus.GREEN else 0
        if time.monotonic() - reported > 20:
            reported = time.monotonic()
            say(f"indexing for {time.perf_counter() - began:.0f} s")


@dataclass
class _Searched:
    answers: list[list[int]]
    seconds: list[float]

    def latency(self) -> dict[str, float]:
        p50, p90, p99 = np.percentile(self.seconds, (50, 90, 99)) * 1000
        return {"p50": round(float(p50), 2), "p90": round(float(p90), 2), "p99": round(float(p99), 2)}


async def _searches(ask: Ask, queries: int) -> _Searched:
    """Search one by one, every query once for its answer, then round and round for the times."""
    answers = [await ask(number) for number in range(queries)]
    seconds = []
    for number in range(TIMED):
        began = time.perf_counter()
        await ask(number % queries)
        seconds.append(time.perf_counter() - began)
    return _Searched(answers, seconds)


async def _throughput(client: AsyncQdrantClient, name: str, source: VectorSource, callers: int) -> dict[str, float]:
    ask = _asker(client, name, source, None)
    numbers = iter(range(TIMED))
    seconds: list[float] = []

    async def caller() -> None:
        for number in numbers:
            began = time.perf_counter()
            await ask(number % len(source.queries))
            seconds.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    spent = time.perf_counter() - began
    return {"per_s": round(TIMED / spent, 1), "p99_ms": round(float(np.percentile(seconds, 99)) * 1000, 2)}


def _asker(client: AsyncQdrantClient, name: str, source: VectorSource, condition: q.Filter | None) -> Ask:
    queries = source.queries.tolist()

    async def ask(number: int) -> list[int]:
        found = await client.query_points(
            name, queries[number], query_filter=condition, limit=LIMIT, search_params=SEARCH, with_payload=False
        )
        return [int(point.id) for point in found.points]

    return ask


def _word_asker(client: AsyncQdrantClient, name: str, source: VectorSource, mode: str) -> Ask:
    """Return a search by words, or by both ways as `streams.search.store` does it."""
    queries = source.queries.tolist()

    async def ask(number: int) -> list[int]:
        words = q.SparseVector(**source.query_words[number]._asdict())
        if mode == "keyword":
            found = await client.query_points(name, words, using=BM25, limit=LIMIT, with_payload=False)
        else:
            found = await client.query_points(
                name,
                fusion(),
                prefetch=prefetches(queries[number], words, None, LIMIT),
                limit=LIMIT,
                with_payload=False,
            )
        return [int(point.id) for point in found.points]

    return ask
