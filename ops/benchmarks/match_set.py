"""The points that `looma bench match` matches with: a Qdrant folder filled past the server, indexed once, and kept.

The server makes the collections, so that they are as in production. Then the engine is filled directly: a payload is
converted once for all the points that share it, and nothing becomes JSON, which takes most of the time otherwise
(measured in docs/benchmarks/matching.md).
"""

import asyncio
import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import qdrant_edge as edge

from ops.benchmarks.search import own_server
from ops.benchmarks.vectors import VectorSource
from ops.local.embedded.qdrant.collection import CONFIG, Collection
from ops.local.sample import generate
from processors.embedding.model import EmbeddingModel
from processors.matching.filters import OPEN_STATUSES
from schemas.entities import Side
from schemas.errors import LoomaError
from schemas.records import SourceRecord
from schemas.settings import QdrantSettings
from sinks.qdrant import VectorStore, connect
from streams.vectors import embedded_texts, payload_of

Progress = Callable[[str, int, int], None]
"""What is done, how much of it, of how much; 0 if that is not known."""

DIFFERENT = 500
"""Payloads of the stored side; they are used again and again, with ids of their own."""
CALL_SECONDS = 120
_BATCH = 1000
_BUILT = "built.json"


class MatchSetError(LoomaError):
    """A kept folder is of something else; the text says of what."""

    code = "match_set"


def payloads(side: Side, count: int, seed: int, model: EmbeddingModel) -> list[dict[str, Any]]:
    """Return what the stream stores with the vectors of generated records that are open to a match."""
    lines = generate(seed, talents=count, jobs=count, companies=40)[f"{side}s.jsonl"]
    records = [SourceRecord(side, f"{side}-{i}", 1, False, line["fields"], {}) for i, line in enumerate(lines)]
    found = [payload_of(side, r, r.id, model.version, model.embed(embedded_texts(side, r)[1:])) for r in records]
    return [payload.to_dict() | {"status": OPEN_STATUSES[side][0]} for payload in found]


async def build(
    folder: Path, side: Side, count: int, source: VectorSource, model: EmbeddingModel, progress: Progress
) -> None:
    """Make the folder of a server with `count` indexed points of `side`, unless it is one. Raises MatchSetError."""
    wanted = {"side": side, "count": count, "model": model.version, "different": DIFFERENT}
    mark = folder / _BUILT
    if mark.exists():
        if (found := json.loads(mark.read_text("utf-8"))) != wanted:
            raise MatchSetError(f"{folder} has {found}, not {wanted}: name another folder, or delete it")
        return
    if folder.exists() and any(folder.iterdir()):
        raise MatchSetError(f"{folder} is neither empty nor a finished set: name another folder, or delete it")
    async with own_server(folder) as (url, _):
        client = connect(QdrantSettings(url=url, timeout_seconds=CALL_SECONDS))
        try:
            store = VectorStore(client)
            await store.prepare(source.queries.shape[1])
        finally:
            await client.close()
    collection = folder / "collections" / store.collections[side]
    stop = threading.Event()
    try:
        await asyncio.to_thread(_fill, collection, count, source, payloads(side, DIFFERENT, 1, model), progress, stop)
    finally:
        stop.set()
    await _index(collection, progress)
    mark.write_text(json.dumps(wanted), "utf-8")


def _fill(
    folder: Path,
    count: int,
    source: VectorSource,
    stored: list[dict[str, Any]],
    progress: Progress,
    stop: threading.Event,
) -> None:
    collection = Collection.open(folder)
    prefix = stored[0]["entity"]
    nulls = [{name: None for name, value in p.items() if value is None} for p in stored]  # not set by `set_payload`
    try:
        for chunk in source.chunks(count, _BATCH):
            if stop.is_set():
                return
            rows = enumerate(chunk.vectors.tolist(), chunk.start)
            points = [edge.Point(n, row, nulls[n % len(nulls)] | {"id": f"{prefix}-{n}"}) for n, row in rows]
            collection.update(edge.UpdateOperation.upsert_points(points), len(points), durable=False)
            progress("vectors", chunk.start + len(points), count)
        for number, payload in enumerate(stored):
            if stop.is_set():
                return
            shared = {name: value for name, value in payload.items() if name != "id" and value is not None}
            ids: list[int | UUID | str] = list(range(number, count, len(stored)))
            if ids:
                collection.update(edge.UpdateOperation.set_payload(ids, shared, None), 0, durable=False)
            progress("payloads", number + 1, len(stored))
    finally:
        collection.close()


async def _index(folder: Path, progress: Progress) -> None:
    """Build the indexes in place: nobody reads them meanwhile, so there is no copy, and nobody to be nice to."""
    shard = folder / json.loads((folder / CONFIG).read_text("utf-8"))["shard"]
    progress("index", 0, 0)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "ops.local.embedded.qdrant.optimize", str(shard), "0"
    )
    try:
        if await child.wait():
            raise MatchSetError(f"the index was not built: exit code {child.returncode}")
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    progress("index", 1, 1)
