"""A collection as one Parquet file and back: ids, payloads, both vectors, and how the collection was configured.

It works for the embedded engine and a cluster alike, and a file may go from one to the other. Memory is bounded by
a batch. Points that change while a backup runs are in it as they were when their turn came.
"""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from qdrant_client import AsyncQdrantClient
from qdrant_client import models as q

from ops.backup import BackupError
from sinks import vector_index
from sinks.vector_index import BM25

BATCH = 1000
_META = b"looma.collection"
_SCHEMA = [
    ("id", pa.string()),
    ("payload", pa.string()),
    ("vector", pa.list_(pa.float32())),
    ("indices", pa.list_(pa.uint32())),
    ("values", pa.list_(pa.float32())),
]

Progress = Callable[[int, int], None]


async def backup(client: AsyncQdrantClient, name: str, path: Path, progress: Progress) -> int:
    """Write all points of a collection to `path`; return how many. The file appears when it is complete."""
    info = await client.get_collection(name)
    params = info.config.params.vectors
    if not isinstance(params, q.VectorParams):
        raise BackupError(f"{name} is no collection of talents, jobs or resumes")
    total = info.points_count or 0
    described = json.dumps({"name": name, "dimensions": params.size, "points": total})
    schema = pa.schema(_SCHEMA, metadata={_META: described.encode()})
    partial = path.with_name(path.name + ".part")
    done = 0
    try:
        with pq.ParquetWriter(partial, schema, compression="zstd") as writer:
            async for points in stored_points(client, name):
                writer.write_table(pa.Table.from_pylist([_row(point) for point in points], schema=schema))
                done += len(points)
                progress(done, total)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return done


async def stored_points(client: AsyncQdrantClient, name: str) -> AsyncIterator[list[q.Record]]:
    """Yield all points of a collection, in batches."""
    offset: Any = None
    while True:
        points, offset = await client.scroll(name, limit=BATCH, offset=offset, with_payload=True, with_vectors=True)
        if points:
            yield points
        if offset is None:
            return


def _row(point: q.Record) -> dict[str, Any]:
    vector: Any = point.vector
    words = None
    if isinstance(vector, dict):
        words, vector = vector.get(BM25), vector.get("")
    return {
        "id": json.dumps(point.id),
        "payload": json.dumps(point.payload or {}, ensure_ascii=False),
        "vector": vector,
        "indices": words.indices if words else None,
        "values": words.values if words else None,
    }


async def restore(client: AsyncQdrantClient, path: Path, name: str | None, progress: Progress) -> tuple[str, int]:
    """Create a collection, by default of the name that it had, from a backup; return its name and how many points.

    It is indexed once, at the end. Raises BackupError if there is one with points already, or if the file is no backup.
    """
    try:
        file = pq.ParquetFile(path)
        described = json.loads(file.schema_arrow.metadata[_META])
        target, dimensions = name or str(described["name"]), int(described["dimensions"])
    except (pa.ArrowInvalid, KeyError, TypeError, ValueError) as error:
        raise BackupError(f"{path} is no backup of a collection") from error
    if await client.collection_exists(target) and (await client.count(target)).count:
        raise BackupError(f"{target} has points: restore under another name, or delete it first")
    await vector_index.prepare(client, target, dimensions, bulk=True)
    done, total = 0, file.metadata.num_rows
    for batch in file.iter_batches(BATCH):
        points = [_point(row) for row in batch.to_pylist()]
        await client.upsert(target, points, wait=True)
        done += len(points)
        progress(done, total)
    await vector_index.finish_bulk(client, target)
    return target, done


def _point(row: dict[str, Any]) -> q.PointStruct:
    vector: Any = row["vector"]
    if row["indices"] is not None:
        vector = {"": vector, BM25: q.SparseVector(indices=row["indices"], values=row["values"])}
    return q.PointStruct(id=json.loads(row["id"]), vector=vector, payload=json.loads(row["payload"]))
