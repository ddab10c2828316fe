"""A thin local server: the part of Qdrant's REST API that we use, on Qdrant's own engine (qdrant-edge).

One process owns a shard, so several workers and the command line share this one, and every path through the code
speaks qdrant-client to a URL, here as in production: `python -m ops.embedded.qdrant_server --port P --storage-path D`.
"""

import argparse
import asyncio
import json
import re
import shutil
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import qdrant_edge as edge
from aiohttp import web

T = TypeVar("T")
Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[Any]]

MAX_BODY_BYTES = 64 * 1024 * 1024
OPTIMIZE_AFTER = 2_000
NAME = re.compile(r"^[A-Za-z0-9_-]{1,100}$")
SCHEMAS = {
    "keyword": edge.PayloadSchemaType.Keyword,
    "integer": edge.PayloadSchemaType.Integer,
    "float": edge.PayloadSchemaType.Float,
    "bool": edge.PayloadSchemaType.Bool,
}


class ApiError(Exception):
    """An answer that is an error, with its HTTP status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def parse_filter(body: Json | None) -> edge.Filter:
    """Return the engine's filter of a REST filter. Raises ApiError for a condition that is not served."""
    body = body or {}
    unknown = set(body) - {"must", "must_not", "should", "min_should"}
    if unknown:
        raise ApiError(400, f"filter: {', '.join(sorted(unknown))} is not supported")
    clauses: Json = {
        name: [parse_condition(c) for c in _listed(body[name])]
        for name in ("must", "must_not", "should")
        if body.get(name)
    }
    minimum = body.get("min_should")
    if minimum:
        conditions = [parse_condition(c) for c in minimum["conditions"]]
        clauses["min_should"] = edge.MinShould(conditions, minimum["min_count"])
    return edge.Filter(**clauses)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def parse_condition(body: Json) -> Any:
    """Return the engine's form of one condition."""
    if "has_id" in body:
        return edge.HasIdCondition(set(body["has_id"]))
    if "is_empty" in body:
        return edge.IsEmptyCondition(body["is_empty"]["key"])
    if "is_null" in body:
        return edge.IsNullCondition(body["is_null"]["key"])
    if "key" not in body:
        return parse_filter(body)
    if body.get("match"):
        return edge.FieldCondition(body["key"], match=_match(body["match"]))
    if body.get("range"):
        bounds = {k: v for k, v in body["range"].items() if k in ("gt", "gte", "lt", "lte") and v is not None}
        return edge.FieldCondition(body["key"], range=edge.RangeFloat(**bounds))
    raise ApiError(400, f"condition on {body['key']} is not supported")


def _match(match: Json) -> Any:
    if "value" in match:
        return edge.MatchValue(match["value"])
    if "any" in match:
        return edge.MatchAny(match["any"])
    if "except" in match:
        return edge.MatchExcept(match["except"])
    raise ApiError(400, "match: only value, any and except are supported")


def _vector(vector: Any) -> Any:
    return list(vector[""]) if isinstance(vector, dict) and "" in vector else vector


class Collection:
    """One shard. The engine's calls run one at a time in the pool; every update is flushed before it is answered."""

    def __init__(self, path: Path, shard: edge.EdgeShard, config: Json, pool: ThreadPoolExecutor) -> None:
        self.path = path
        self.config = config
        self._shard = shard
        self._pool = pool
        self._lock = asyncio.Lock()
        self._changed = 0

    @property
    def size(self) -> int:
        """Dimensions of the vectors."""
        return int(self.config["size"])

    async def call(self, function: Callable[[edge.EdgeShard], T]) -> T:
        """Run a read on the engine."""
        async with self._lock:
            return await asyncio.get_running_loop().run_in_executor(self._pool, function, self._shard)

    async def update(self, operation: edge.UpdateOperation, points: int = 0) -> None:
        """Apply an update; it is durable when this returns."""

        def apply(shard: edge.EdgeShard) -> None:
            shard.update(operation)
            shard.flush()

        await self.call(apply)
        self._changed += points
        if self._changed >= OPTIMIZE_AFTER:
            self._changed = 0
            await self.call(lambda shard: shard.optimize())

    async def close(self) -> None:
        """Flush and release the shard."""

        def close(shard: edge.EdgeShard) -> None:
            shard.flush()
            shard.close()

        await self.call(close)


class Server:
    """The collections in a folder, and the handlers of the REST calls on them."""

    def __init__(self, storage: Path) -> None:
        self._storage = storage / "collections"
        self._storage.mkdir(parents=True, exist_ok=True)
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="qdrant-edge")
        self._collections: dict[str, Collection] = {}
        for config in sorted(self._storage.glob("*/config.json")):
            if (config.parent / "shard").exists():
                shard = edge.EdgeShard.load(str(config.parent / "shard"))
                self._collections[config.parent.name] = Collection(
                    config.parent, shard, json.loads(config.read_text("utf-8")), self._pool
                )

    def app(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        base = "/collections/{name}"
        for method, path, handler in (
            ("GET", "/", self.version),
            ("GET", "/collections", self.names),
            ("GET", base, self.info),
            ("GET", base + "/exists", self.exists),
            ("PUT", base, self.create),
            ("DELETE", base, self.drop),
            ("PUT", base + "/index", self.index),
            ("PUT", base + "/points", self.upsert),
            ("POST", base + "/points", self.retrieve),
            ("POST", base + "/points/delete", self.delete),
            ("POST", base + "/points/payload", self.set_payload),
            ("POST", base + "/points/scroll", self.scroll),
            ("POST", base + "/points/count", self.count),
            ("POST", base + "/points/query", self.query),
            ("POST", base + "/points/query/batch", self.query_batch),
        ):
            app.router.add_route(method, path, _answer(handler))
        for path in ("/healthz", "/readyz"):
            app.router.add_get(path, self.healthy)
        app.on_cleanup.append(self._close)
        return app

    async def _close(self, app: web.Application) -> None:
        for collection in self._collections.values():
            await collection.close()
        self._pool.shutdown()

    def _collection(self, request: web.Request) -> Collection:
        name = request.match_info["name"]
        try:
            return self._collections[name]
        except KeyError:
            raise ApiError(404, f"Not found: Collection `{name}` doesn't exist!") from None

    async def healthy(self, request: web.Request) -> web.Response:
        """Say that the server answers."""
        return web.Response(text="healthz check passed")

    async def version(self, request: web.Request) -> web.Response:
        """Name the server in Qdrant's form."""
        return web.json_response({"title": "qdrant - vector search engine (embedded)", "version": "1.17.0"})

    async def names(self, request: web.Request) -> Json:
        """List the collections."""
        return {"collections": [{"name": name} for name in sorted(self._collections)]}

    async def exists(self, request: web.Request) -> Json:
        """Say whether a collection exists."""
        return {"exists": request.match_info["name"] in self._collections}

    async def info(self, request: web.Request) -> Json:
        """Describe a collection."""
        collection = self._collection(request)
        found = await collection.call(lambda shard: shard.info())
        vectors = {"size": collection.size, "distance": "Cosine"}
        return {
            "status": "green",
            "optimizer_status": "ok",
            "points_count": found.points_count,
            "indexed_vectors_count": found.indexed_vectors_count,
            "segments_count": found.segments_count,
            "config": {
                "params": {"vectors": vectors},
                "hnsw_config": {"m": 16, "ef_construct": 100, "full_scan_threshold": 10000},
                "optimizer_config": {
                    "deleted_threshold": 0.2,
                    "vacuum_min_vector_number": 1000,
                    "default_segment_number": 0,
                    "flush_interval_sec": 5,
                },
            },
            "payload_schema": {},
        }

    async def create(self, request: web.Request) -> bool:
        """Create a collection of one dense cosine vector."""
        name = request.match_info["name"]
        if not NAME.match(name):
            raise ApiError(400, "a collection's name is 1 to 100 of A-Z a-z 0-9 _ -")
        if name in self._collections:
            raise ApiError(409, f"Wrong input: Collection `{name}` already exists!")
        vectors = (await _body(request)).get("vectors") or {}
        if vectors.get("distance") != "Cosine" or not isinstance(vectors.get("size"), int):
            raise ApiError(400, "only a single unnamed dense vector with cosine distance is supported")
        path = self._storage / name
        config = edge.EdgeConfig(vectors=edge.EdgeVectorParams(vectors["size"], edge.Distance.Cosine))
        shard = await asyncio.to_thread(lambda: edge.EdgeShard.create(_made(path / "shard"), config))
        (path / "config.json").write_text(json.dumps({"size": vectors["size"]}), "utf-8")
        self._collections[name] = Collection(path, shard, {"size": vectors["size"]}, self._pool)
        return True

    async def drop(self, request: web.Request) -> bool:
        """Delete a collection and its files."""
        collection = self._collections.pop(request.match_info["name"], None)
        if collection is None:
            return False
        await collection.close()
        await asyncio.to_thread(shutil.rmtree, collection.path)
        return True

    async def index(self, request: web.Request) -> Json:
        """Create a payload index."""
        body = await _body(request)
        schema = body.get("field_schema")
        kind = SCHEMAS.get(str(schema.get("type") if isinstance(schema, dict) else schema))
        if kind is None:
            raise ApiError(400, f"payload index: one of {', '.join(SCHEMAS)} is supported")
        await self._collection(request).update(edge.UpdateOperation.create_field_index(body["field_name"], kind))
        return _updated()

    async def upsert(self, request: web.Request) -> Json:
        """Store points, given one by one or as columns."""
        collection = self._collection(request)
        body = await _body(request)
        if "batch" in body:
            batch = body["batch"]
            payloads = batch.get("payloads") or [None] * len(batch["ids"])
            rows = list(zip(batch["ids"], batch["vectors"], payloads, strict=True))
        else:
            rows = [(p["id"], p["vector"], p.get("payload")) for p in body["points"]]
        for _, vector, _ in rows:
            if len(_vector(vector)) != collection.size:
                raise ApiError(
                    400, f"Wrong input: Vector dimension error: expected dim: {collection.size}, got {len(vector)}"
                )
        points = [edge.Point(i, _vector(vector), payload or {}) for i, vector, payload in rows]
        if points:
            await collection.update(edge.UpdateOperation.upsert_points(points), len(points))
        return _updated()

    async def delete(self, request: web.Request) -> Json:
        """Delete points by ids or by filter."""
        body = await _body(request)
        if "points" in body:
            operation = edge.UpdateOperation.delete_points(body["points"])
        else:
            operation = edge.UpdateOperation.delete_points_by_filter(parse_filter(body["filter"]))
        await self._collection(request).update(operation)
        return _updated()

    async def set_payload(self, request: web.Request) -> Json:
        """Merge keys into the payload of points."""
        body = await _body(request)
        if body.get("points") is not None:
            operation = edge.UpdateOperation.set_payload(body["points"], body["payload"])
        else:
            operation = edge.UpdateOperation.set_payload_by_filter(parse_filter(body["filter"]), body["payload"])
        await self._collection(request).update(operation)
        return _updated()

    async def retrieve(self, request: web.Request) -> list[Json]:
        """Return points by ids."""
        body = await _body(request)
        payload, vector = body.get("with_payload", True), body.get("with_vector", False)
        found = await self._collection(request).call(
            lambda shard: shard.retrieve(body["ids"], with_payload=payload, with_vector=vector)
        )
        return [_record(r) for r in found]

    async def scroll(self, request: web.Request) -> Json:
        """Page through points in the order of their ids."""
        body = await _body(request)
        wanted = edge.ScrollRequest(
            offset=body.get("offset"),
            limit=body.get("limit", 10),
            filter=parse_filter(body.get("filter")),
            with_payload=body.get("with_payload", True),
            with_vector=body.get("with_vector", False),
        )
        points, following = await self._collection(request).call(lambda shard: shard.scroll(wanted))
        return {"points": [_record(r) for r in points], "next_page_offset": _id(following)}

    async def count(self, request: web.Request) -> Json:
        """Count points."""
        body = await _body(request)
        wanted = edge.CountRequest(exact=body.get("exact", True), filter=parse_filter(body.get("filter")))
        return {"count": await self._collection(request).call(lambda shard: shard.count(wanted))}

    async def query(self, request: web.Request) -> Json:
        """Return the nearest points."""
        collection = self._collection(request)
        wanted = await self._request(collection, await _body(request))
        return {"points": [_scored(p) for p in await collection.call(lambda shard: shard.query(wanted))]}

    async def query_batch(self, request: web.Request) -> list[Json]:
        """Answer several queries in one pass."""
        collection = self._collection(request)
        searches = [await self._request(collection, body) for body in (await _body(request))["searches"]]
        batch = edge.QueryBatchRequest(searches)
        answers = await collection.call(lambda shard: shard.query_batch(batch))
        return [{"points": [_scored(p) for p in answer]} for answer in answers]

    async def _request(self, collection: Collection, body: Json) -> edge.QueryRequest:
        query = body.get("query")
        if isinstance(query, dict):
            query = query.get("nearest")
        if isinstance(query, str | int):
            origin = query
            found = await collection.call(lambda shard: shard.retrieve([origin], with_vector=True))
            if not found:
                raise ApiError(404, f"Not found: No point with id {query} found")
            query = _vector(found[0].vector)
        if not isinstance(query, list) or len(query) != collection.size:
            raise ApiError(400, f"Wrong input: Vector dimension error: expected dim: {collection.size}")
        params = body.get("params") or {}
        return edge.QueryRequest(
            limit=body.get("limit") or 10,
            offset=body.get("offset") or 0,
            query=edge.Query.Nearest(query),
            filter=parse_filter(body.get("filter")),
            score_threshold=body.get("score_threshold"),
            with_payload=body.get("with_payload", False),
            with_vector=body.get("with_vector", False),
            params=edge.SearchParams(hnsw_ef=params.get("hnsw_ef"), exact=bool(params.get("exact"))),
        )


def _made(path: Path) -> str:
    path.mkdir(parents=True, exist_ok=True)
    return str(path)


def _updated() -> Json:
    return {"operation_id": 0, "status": "completed"}


def _id(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else str(value)


def _record(record: Any) -> Json:
    return {"id": _id(record.id), "payload": record.payload, "vector": _vector(record.vector)}


def _scored(point: Any) -> Json:
    return {**_record(point), "version": point.version, "score": point.score}


async def _body(request: web.Request) -> Json:
    body = await request.json()
    if not isinstance(body, dict):
        raise ApiError(400, "Format error in JSON body: an object is expected")
    return body


def _answer(handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Wrap results and errors in Qdrant's form."""

    async def answered(request: web.Request) -> web.StreamResponse:
        started = time.perf_counter()
        status = 200
        try:
            result = await handler(request)
            if isinstance(result, web.StreamResponse):
                return result
            body: Json = {"result": result, "status": "ok"}
        except ApiError as error:
            status, body = error.status, {"status": {"error": str(error)}}
        except (KeyError, TypeError, ValueError) as error:
            status, body = 400, {"status": {"error": f"Format error in JSON body: {type(error).__name__}: {error}"}}
        except Exception as error:
            status, body = 500, {"status": {"error": f"Service internal error: {type(error).__name__}"}}
        return web.json_response({**body, "time": time.perf_counter() - started}, status=status)

    return answered


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--storage-path", type=Path, required=True)
    options = parser.parse_args()
    web.run_app(Server(options.storage_path).app(), host=options.host, port=options.port, print=None, access_log=None)


if __name__ == "__main__":
    main()
