"""The REST calls that qdrant-client makes for us, in Qdrant's shapes."""

import hmac
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any

import qdrant_edge as edge
from aiohttp import hdrs, web
from loguru import logger
from pydantic_core import to_json
from yarl import URL

from ops.local.embedded.qdrant import config, messages
from ops.local.embedded.qdrant.collection import Collection
from ops.local.embedded.qdrant.errors import ApiError, malformed
from ops.local.embedded.qdrant.filters import Json, parse_filter
from ops.local.embedded.qdrant.store import Store

MAX_BODY_BYTES = 64 * 1024 * 1024
VERSION = "1.20.0"  # of the API, which qdrant-client compares with its own
_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_LOCAL = ("127.0.0.1", "localhost", "::1")
_OPEN = ("/", "/healthz", "/readyz")
"""What is told without a key, as Qdrant does."""
_UPDATED: Json = {"operation_id": 0, "status": "completed"}

Work = Callable[[Store, str, Json, bool], Any]


def application(store: Store, api_key: str | None = None) -> web.Application:
    """Return the aiohttp application that serves `store`, to those who have the key, and closes it at its end."""
    app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[_qdrant_shape, _guard(api_key)])

    def route(method: str, path: str, work: Work) -> None:
        async def handler(request: web.Request) -> web.Response:
            body = messages.decode(await request.read()) if request.can_read_body else {}
            wait = request.query.get("wait", "false") == "true"
            name = request.match_info.get("name", "")
            if vector := request.match_info.get("vector"):
                body = {**body, "vector_name": vector}
            return _result(request, await store.run(lambda: work(store, name, body, wait)))

        app.router.add_route(method, path, handler)

    one = "/collections/{name}"
    route("GET", "/collections", _names)
    route("GET", "/aliases", _aliases)
    route("POST", "/collections/aliases", _change_aliases)
    route("GET", one, _info)
    route("PUT", one, _create)
    route("PATCH", one, _reconfigure)
    route("DELETE", one, lambda store, name, body, wait: store.drop(name))
    route("GET", one + "/exists", _exists)
    route("GET", one + "/aliases", _aliases)
    route("PUT", one + "/index", _index)
    route("PUT", one + "/vectors/{vector}", _create_vector)
    route("POST", one + "/facet", _facet)
    route("PUT", one + "/points", _upsert)
    route("POST", one + "/points", _retrieve)
    route("POST", one + "/points/delete", _delete)
    route("POST", one + "/points/payload", _set_payload)
    route("POST", one + "/points/scroll", _scroll)
    route("POST", one + "/points/count", _count)
    route("POST", one + "/points/query", _query)
    route("POST", one + "/points/query/batch", _query_batch)
    app.router.add_get("/", _version)
    app.router.add_get("/healthz", _healthy)
    app.router.add_get("/readyz", _healthy)

    async def upkeep(app: web.Application) -> Any:
        store.start()
        yield
        await store.close()

    app.cleanup_ctx.append(upkeep)
    return app


async def _version(request: web.Request) -> web.Response:
    return _json({"title": "qdrant - vector search engine (embedded)", "version": VERSION})


async def _healthy(request: web.Request) -> web.Response:
    return web.Response(text="healthz check passed")


def _names(store: Store, name: str, body: Json, wait: bool) -> Json:
    return {"collections": [{"name": n} for n in sorted(store.collections)]}


def _exists(store: Store, name: str, body: Json, wait: bool) -> Json:
    return {"exists": store.aliases.get(name, name) in store.collections}


def _aliases(store: Store, name: str, body: Json, wait: bool) -> Json:
    wanted = store.get(name).folder.name if name else None
    found = [(a, c) for a, c in sorted(store.aliases.items()) if wanted in (None, c)]
    return {"aliases": [{"alias_name": a, "collection_name": c} for a, c in found]}


def _change_aliases(store: Store, name: str, body: Json, wait: bool) -> bool:
    store.change_aliases(body["actions"])
    return True


def _create(store: Store, name: str, body: Json, wait: bool) -> bool:
    if not _NAME.fullmatch(name) or name == "aliases":
        raise malformed("a collection's name is 1 to 100 of A-Z a-z 0-9 _ -")
    store.create(name, config.kept(body))
    return True


def _reconfigure(store: Store, name: str, body: Json, wait: bool) -> bool:
    collection = store.get(name)
    collection.reconfigure(config.changed(collection.config, body))
    return True


def _create_vector(store: Store, name: str, body: Json, wait: bool) -> Json:
    collection, vector = store.get(name), body["vector_name"]
    if "sparse" not in body:
        raise malformed("only sparse vectors can be added")
    if vector in collection.config.get("sparse", {}):
        raise ApiError(409, f"Wrong input: Vector `{vector}` already exists!")
    collection.add_sparse(vector, config.sparse_params(body["sparse"] or {}))
    return _UPDATED


def _facet(store: Store, name: str, body: Json, wait: bool) -> Json:
    found = store.get(name).shard.facet(messages.facet_request(body))
    return {"hits": [{"value": hit.value, "count": hit.count} for hit in found.hits]}


def _info(store: Store, name: str, body: Json, wait: bool) -> Json:
    collection = store.get(name)
    found = collection.shard.info()
    return {
        "status": "yellow" if store.wants_rebuild(collection) else "green",
        "optimizer_status": "ok",
        "points_count": found.points_count,
        "indexed_vectors_count": found.indexed_vectors_count,
        "segments_count": found.segments_count,
        "config": config.described(collection.config),
        "payload_schema": {
            key: {"data_type": messages.index_name(index.data_type), "points": index.points}
            for key, index in found.payload_schema.items()
        },
    }


def _index(store: Store, name: str, body: Json, wait: bool) -> Json:
    return _update(store.get(name), messages.index_operation(body), 0, wait)


def _upsert(store: Store, name: str, body: Json, wait: bool) -> Json:
    collection = store.get(name)
    points = messages.points(body, collection.config)
    if not points:
        raise malformed("Empty update request")
    return _update(collection, edge.UpdateOperation.upsert_points(points), len(points), wait)


def _delete(store: Store, name: str, body: Json, wait: bool) -> Json:
    return _update(store.get(name), messages.delete_operation(body), len(body.get("points") or ()), wait)


def _set_payload(store: Store, name: str, body: Json, wait: bool) -> Json:
    return _update(store.get(name), messages.payload_operation(body), 0, wait)


def _update(collection: Collection, operation: edge.UpdateOperation, points: int, wait: bool) -> Json:
    collection.update(operation, points, durable=wait)
    return _UPDATED if wait else {**_UPDATED, "status": "acknowledged"}


def _retrieve(store: Store, name: str, body: Json, wait: bool) -> list[Json]:
    payload = messages.selector(body.get("with_payload"), default=True)
    found = store.get(name).shard.retrieve(body["ids"], payload, body.get("with_vector") or False)
    return [messages.record(r) for r in found]


def _scroll(store: Store, name: str, body: Json, wait: bool) -> Json:
    found, following = store.get(name).shard.scroll(messages.scroll_request(body))
    return {"points": [messages.record(r) for r in found], "next_page_offset": messages.point_id(following)}


def _count(store: Store, name: str, body: Json, wait: bool) -> Json:
    wanted = edge.CountRequest(exact=body.get("exact") is not False, filter=parse_filter(body.get("filter")))
    return {"count": store.get(name).shard.count(wanted)}


def _query(store: Store, name: str, body: Json, wait: bool) -> Json:
    collection = store.get(name)
    found = collection.shard.query(messages.query_request(body, collection.config, collection.shard))
    return {"points": [messages.scored(p) for p in found]}


def _query_batch(store: Store, name: str, body: Json, wait: bool) -> list[Json]:
    collection = store.get(name)
    wanted = [messages.query_request(search, collection.config, collection.shard) for search in body["searches"]]
    found = collection.shard.query_batch(edge.QueryBatchRequest(wanted)) if wanted else []
    return [{"points": [messages.scored(p) for p in answer]} for answer in found]


def _result(request: web.Request, result: Any) -> web.Response:
    return _json({"result": result, "status": "ok", "time": time.monotonic() - request["started"]})


def _json(body: Json, status: int = 200) -> web.Response:
    return web.Response(body=to_json(body), status=status, content_type="application/json")


@web.middleware
async def _qdrant_shape(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    request["started"] = time.monotonic()
    try:
        return await handler(request)
    except ApiError as error:
        status, text = error.status, str(error)
    except web.HTTPException as error:
        status, text = error.status, error.text or error.reason
    except Exception as error:
        status, text = _status(error), f"{error}"
        if status == 500:
            logger.error("{} {}: {}: {}", request.method, request.path, type(error).__name__, error)
    body = {"result": None, "status": {"error": text}, "time": time.monotonic() - request["started"]}
    return _json(body, status)


def _guard(api_key: str | None) -> Any:
    """Refuse what a browser sends for a page of somebody else, and who has not the key.

    A page may have its own name point here (DNS rebinding): then it is in `Host`. Without asking first, browsers send
    other sites no JSON; what they do send names its `Origin` or how it came to be sent.
    """

    @web.middleware
    async def guard(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if not _is_local(request.headers.getall(hdrs.HOST, [])):
            raise ApiError(403, "Forbidden: this server is asked for by the name of this machine only")
        if hdrs.ORIGIN in request.headers or request.headers.get("Sec-Fetch-Site", "none") != "none":
            raise ApiError(403, "Forbidden: web pages are not served")
        if (request.content_length or 0) > MAX_BODY_BYTES:
            raise ApiError(413, f"Payload too large: at most {MAX_BODY_BYTES} bytes")
        if request.body_exists and request.content_type != "application/json":
            raise ApiError(415, "Content type error: a body must be application/json")
        if api_key and request.path not in _OPEN and not _has(request, api_key):
            raise ApiError(401, "Must provide an API key or an Authorization bearer token")
        return await handler(request)

    return guard


def _is_local(hosts: list[str]) -> bool:
    try:
        return len(hosts) == 1 and URL.build(scheme="http", authority=hosts[0]).host in _LOCAL
    except ValueError:
        return False


def _has(request: web.Request, api_key: str) -> bool:
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    given = request.headers.get("api-key", token if scheme.lower() == "bearer" else "")
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), api_key.encode())


def _status(error: Exception) -> int:
    """Return the HTTP status of an error: a body of the wrong shape, or what the engine says in words."""
    if isinstance(error, KeyError | TypeError | ValueError | AttributeError):
        return 400
    text = str(error)
    if text.startswith("Service") or type(error) is not Exception:
        return 500
    return 404 if text.startswith("Not found") or text.startswith("No point") else 400
