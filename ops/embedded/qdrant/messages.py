"""Request bodies as the engine's requests, and its records as JSON."""

import math
from typing import Any

import qdrant_edge as edge
from pydantic_core import from_json

from ops.embedded.qdrant.errors import ApiError, malformed
from ops.embedded.qdrant.filters import Json, parse_filter

_HNSW = {"m": 16, "ef_construct": 100, "full_scan_threshold": 10_000}
_INDEXES = {
    "keyword": edge.PayloadSchemaType.Keyword,
    "integer": edge.PayloadSchemaType.Integer,
    "float": edge.PayloadSchemaType.Float,
    "bool": edge.PayloadSchemaType.Bool,
}


def decode(raw: bytes) -> Json:
    """Return the JSON object of a body. Raises ApiError."""
    try:
        body = from_json(raw, allow_inf_nan=False)  # six times as fast as json on vectors
    except ValueError as error:
        raise ApiError(400, f"Format error in JSON body: {error}") from None
    if not isinstance(body, dict):
        raise ApiError(400, "Format error in JSON body: an object is expected")
    return body


def refuse(body: Json, *names: str) -> None:
    """Raise ApiError if the body asks for something that we do not serve."""
    if asked := [name for name in names if body.get(name) is not None]:
        raise malformed(f"{', '.join(asked)} not supported")


def edge_config(body: Json) -> tuple[Json, edge.EdgeConfig]:
    """Return what we keep of a new collection's configuration, and the engine's. Options on memory are ignored."""
    refuse(body, "sparse_vectors", "quantization_config")
    vectors = body.get("vectors") or {}
    size = vectors.get("size")
    if vectors.get("distance") != "Cosine" or not isinstance(size, int) or not 0 < size <= 65_536:
        raise malformed("only a single unnamed dense vector with cosine distance is supported")
    refuse(vectors, "multivector_config", "quantization_config")
    asked = {**(body.get("hnsw_config") or {}), **(vectors.get("hnsw_config") or {})}
    hnsw = {name: _or(asked.get(name), default) for name, default in _HNSW.items()}
    threshold = (body.get("optimizers_config") or {}).get("indexing_threshold")
    return {"size": size, "hnsw": hnsw}, edge.EdgeConfig(
        vectors=edge.EdgeVectorParams(size, edge.Distance.Cosine),
        hnsw_config=edge.HnswIndexConfig(**hnsw),
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=threshold),
    )


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def index_operation(body: Json) -> edge.UpdateOperation:
    """Return the operation that creates a payload index."""
    schema = body.get("field_schema")
    kind = _INDEXES.get(str(schema.get("type") if isinstance(schema, dict) else schema))
    if kind is None:
        raise malformed(f"payload index: one of {', '.join(_INDEXES)} is supported")
    return edge.UpdateOperation.create_field_index(body["field_name"], kind)


def index_name(kind: edge.PayloadSchemaType) -> str:
    """Return the REST name of an index's type."""
    return next((name for name, value in _INDEXES.items() if value == kind), "keyword")


def points(body: Json, size: int) -> list[edge.Point]:
    """Return the points of an upsert, given one by one or as columns; one bad point refuses them all."""
    refuse(body, "update_filter", "update_mode")
    batch = body.get("batch")
    if batch is not None:
        payloads = batch.get("payloads") or [None] * len(batch["ids"])
        rows = list(zip(batch["ids"], batch["vectors"], payloads, strict=True))
    else:
        rows = [(p["id"], p["vector"], p.get("payload")) for p in body["points"]]
    return [edge.Point(i, check_vector(vector, size), payload or {}) for i, vector, payload in rows]


def check_vector(vector: Any, size: int) -> list[float]:
    """Return the vector if it has the collection's dimensions."""
    if isinstance(vector, dict) and list(vector) == [""]:
        vector = vector[""]
    if not isinstance(vector, list):
        raise malformed("only a single unnamed dense vector is supported")
    if len(vector) != size:
        raise malformed(f"Vector dimension error: expected dim: {size}, got {len(vector)}")
    if not math.isfinite(sum(vector)):
        raise malformed("a vector's numbers must be finite")
    return vector


def delete_operation(body: Json) -> edge.UpdateOperation:
    """Return the operation that deletes points by ids or by filter."""
    if body.get("points") is not None:
        return edge.UpdateOperation.delete_points(body["points"])
    return edge.UpdateOperation.delete_points_by_filter(_needed_filter(body))


def _needed_filter(body: Json) -> edge.Filter:
    condition = parse_filter(body.get("filter"))
    if condition is None:
        raise malformed("points or filter are needed")
    return condition


def payload_operation(body: Json) -> edge.UpdateOperation:
    """Return the operation that merges keys into the payload of points."""
    payload, key = body["payload"], body.get("key")
    if body.get("points") is not None:
        return edge.UpdateOperation.set_payload(body["points"], payload, key)
    return edge.UpdateOperation.set_payload_by_filter(_needed_filter(body), payload, key)


def scroll_request(body: Json) -> edge.ScrollRequest:
    """Return the engine's scroll: by id, a page at a time."""
    refuse(body, "order_by")
    limit = _or(body.get("limit"), 10)
    if limit < 1:
        raise malformed("limit: must be 1 or more")
    return edge.ScrollRequest(
        offset=body.get("offset"),
        limit=limit,
        filter=parse_filter(body.get("filter")),
        with_payload=selector(body.get("with_payload"), default=True),
        with_vector=_or(body.get("with_vector"), False),
    )


def query_request(body: Json, size: int, shard: edge.EdgeShard) -> edge.QueryRequest:
    """Return the engine's query: nearest to a vector, or to a point, which then is not in its own answer."""
    refuse(body, "prefetch", "using", "lookup_from")
    condition = parse_filter(body.get("filter"))
    query = body.get("query")
    if isinstance(query, dict):
        refuse(query, *(query.keys() - {"nearest"}))
        query = query.get("nearest")
    if isinstance(query, str | int):
        found = shard.retrieve([query], with_payload=False, with_vector=True)
        if not found:
            raise ApiError(404, f"Not found: No point with id {query} found")
        condition = edge.Filter(must=[condition] if condition else None, must_not=[edge.HasIdCondition({query})])
        query = found[0].vector
    params = body.get("params") or {}
    return edge.QueryRequest(
        limit=_or(body.get("limit"), 10),
        offset=_or(body.get("offset"), 0),
        query=None if query is None else edge.Query.Nearest(check_vector(query, size)),
        filter=condition,
        score_threshold=body.get("score_threshold"),
        with_payload=selector(body.get("with_payload"), default=False),
        with_vector=_or(body.get("with_vector"), False),
        params=edge.SearchParams(hnsw_ef=params.get("hnsw_ef"), exact=bool(params.get("exact"))),
    )


def selector(value: Any, *, default: bool) -> Any:
    """Return which payload keys to answer with, in the engine's form."""
    if isinstance(value, dict):
        if value.get("include") is not None:
            return edge.PayloadSelector.Include(value["include"])
        return edge.PayloadSelector.Exclude(value["exclude"])
    return _or(value, default)


def point_id(value: Any) -> int | str | None:
    """Return an id as JSON."""
    return value if value is None or isinstance(value, int) else str(value)


def record(found: Any) -> Json:
    """Return a stored point as JSON."""
    return {"id": point_id(found.id), "payload": found.payload, "vector": found.vector}


def scored(found: Any) -> Json:
    """Return a search's hit as JSON."""
    return {**record(found), "version": found.version, "score": found.score}
