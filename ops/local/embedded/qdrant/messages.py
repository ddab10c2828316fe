"""Request bodies as the engine's requests, and its records as JSON."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import qdrant_edge as edge
from pydantic_core import from_json

from ops.local.embedded.qdrant.errors import ApiError, malformed
from ops.local.embedded.qdrant.filters import Json, parse_filter

_INDEXES: dict[str, tuple[edge.PayloadSchemaType, Callable[[bool], Any]]] = {
    "keyword": (edge.PayloadSchemaType.Keyword, lambda hnsw: edge.KeywordIndexParams(enable_hnsw=hnsw)),
    "integer": (
        edge.PayloadSchemaType.Integer,
        lambda hnsw: edge.IntegerIndexParams(lookup=True, range=True, enable_hnsw=hnsw),
    ),
    "float": (edge.PayloadSchemaType.Float, lambda hnsw: edge.FloatIndexParams(enable_hnsw=hnsw)),
    "bool": (edge.PayloadSchemaType.Bool, lambda hnsw: edge.BoolIndexParams(enable_hnsw=hnsw)),
    "datetime": (edge.PayloadSchemaType.Datetime, lambda hnsw: edge.DatetimeIndexParams(enable_hnsw=hnsw)),
}
_MAX_U32 = 2**32 - 1


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


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def index_operation(body: Json) -> edge.UpdateOperation:
    """Return the operation that creates a payload index; of its options only `enable_hnsw` changes anything here."""
    schema = body.get("field_schema")
    given: Json = schema if isinstance(schema, dict) else {"type": schema}
    if (found := _INDEXES.get(str(given.get("type")))) is None:
        raise malformed(f"payload index: one of {', '.join(_INDEXES)} is supported")
    kind, params = found
    indexed = given.get("enable_hnsw")
    return edge.UpdateOperation.create_field_index(body["field_name"], kind if indexed is None else params(indexed))


def index_name(kind: edge.PayloadSchemaType) -> str:
    """Return the REST name of an index's type."""
    return next((name for name, (value, _) in _INDEXES.items() if value == kind), "keyword")


def points(body: Json, config: Json) -> list[edge.Point]:
    """Return the points of an upsert, given one by one or as columns; one bad point refuses them all."""
    refuse(body, "update_filter", "update_mode")
    batch = body.get("batch")
    if batch is not None:
        payloads = batch.get("payloads") or [None] * len(batch["ids"])
        vectors = _rows(batch["vectors"], len(batch["ids"]))
        rows = list(zip(batch["ids"], vectors, payloads, strict=True))
    else:
        rows = [(p["id"], p["vector"], p.get("payload")) for p in body["points"]]
    return [edge.Point(i, _vectors(vector, config), payload or {}) for i, vector, payload in rows]


def _rows(vectors: Any, count: int) -> Any:
    """Return a batch's vectors row by row; of named ones each name has its column."""
    if not isinstance(vectors, dict):
        return vectors
    for name, column in vectors.items():
        if len(column) != count:
            raise malformed(f"batch: {count} ids and {len(column)} vectors {name!r}")
    return [{name: column[i] for name, column in vectors.items()} for i in range(count)]


def _vectors(given: Any, config: Json) -> Any:
    """Return a point's vectors in the engine's form: the dense one, or by name."""
    if not isinstance(given, dict):
        return dense(given, config["size"])
    return {name: vector(name, value, config) for name, value in given.items()}


def vector(name: str, value: Any, config: Json) -> Any:
    """Return one vector in the engine's form; the name of the dense one is empty."""
    if name == "":
        return dense(value, config["size"])
    if name not in config.get("sparse", {}):
        raise malformed(f"Not existing vector name error: {name}")
    return sparse(value)


def dense(value: Any, size: int) -> list[float]:
    """Return a dense vector if it has the collection's dimensions."""
    if not isinstance(value, list):
        raise malformed("the unnamed vector must be dense")
    if len(value) != size:
        raise malformed(f"Vector dimension error: expected dim: {size}, got {len(value)}")
    if not math.isfinite(sum(value)):
        raise malformed("a vector's numbers must be finite")
    return value


def sparse(value: Any) -> edge.SparseVector:
    """Return a sparse vector in the engine's form."""
    if not isinstance(value, dict) or len(value["indices"]) != len(value["values"]):
        raise malformed("a sparse vector has as many indices as values")
    indices, values = value["indices"], value["values"]
    if len(set(indices)) != len(indices) or not all(isinstance(i, int) and 0 <= i <= _MAX_U32 for i in indices):
        raise malformed("a sparse vector's indices must be different whole numbers of 32 bits")
    if not math.isfinite(sum(values)):
        raise malformed("a vector's numbers must be finite")
    return edge.SparseVector(indices, values)


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
    """Return the engine's scroll: by id, a page at a time, or the first by a key of the payload."""
    limit = _or(body.get("limit"), 10)
    if limit < 1:
        raise malformed("limit: must be 1 or more")
    return edge.ScrollRequest(
        offset=body.get("offset"),
        limit=limit,
        filter=parse_filter(body.get("filter")),
        with_payload=selector(body.get("with_payload"), default=True),
        with_vector=_or(body.get("with_vector"), False),
        order_by=_order(body.get("order_by")),
    )


def _order(asked: Any) -> edge.OrderBy | None:
    if asked is None:
        return None
    if isinstance(asked, str):
        return edge.OrderBy(asked)
    refuse(asked, "start_from")
    direction = {"asc": edge.Direction.Asc, "desc": edge.Direction.Desc}[_or(asked.get("direction"), "asc")]
    return edge.OrderBy(asked["key"], direction)


def query_request(body: Json, config: Json, shard: edge.EdgeShard) -> edge.QueryRequest:
    """Return the engine's query.

    Nearest to a vector or to a point, which then is not in its own answer, or a fusion of what prefetches find.
    """
    refuse(body, "lookup_from")
    query, condition = _scoring(body, config, shard)
    return edge.QueryRequest(
        limit=_or(body.get("limit"), 10),
        offset=_or(body.get("offset"), 0),
        query=query,
        prefetches=_prefetches(body.get("prefetch"), config, shard),
        filter=condition,
        score_threshold=body.get("score_threshold"),
        with_payload=selector(body.get("with_payload"), default=False),
        with_vector=_or(body.get("with_vector"), False),
        params=_params(body.get("params") or {}),
    )


def _prefetches(given: Any, config: Json, shard: edge.EdgeShard) -> list[edge.Prefetch]:
    found = []
    for body in [] if given is None else given if isinstance(given, list) else [given]:
        refuse(body, "lookup_from")
        query, condition = _scoring(body, config, shard)
        found.append(
            edge.Prefetch(
                limit=_or(body.get("limit"), 10),
                query=query,
                prefetches=_prefetches(body.get("prefetch"), config, shard),
                params=_params(body.get("params") or {}),
                filter=condition,
                score_threshold=body.get("score_threshold"),
            )
        )
    return found


def _scoring(body: Json, config: Json, shard: edge.EdgeShard) -> tuple[Any, Any]:
    """Return what scores the points, and the filter; a point's own id is excluded where it is the query."""
    condition, using, query = parse_filter(body.get("filter")), _or(body.get("using"), ""), body.get("query")
    if isinstance(query, dict) and "fusion" in query:
        return _fusion(query["fusion"]), condition
    if isinstance(query, dict) and "rrf" in query:
        rrf = query["rrf"] or {}
        return edge.Fusion.Rrf(k=_or(rrf.get("k"), 2), weights=rrf.get("weights")), condition
    if isinstance(query, dict) and "indices" not in query:
        refuse(query, *(query.keys() - {"nearest"}))
        query = query.get("nearest")
    if isinstance(query, str | int):
        found = shard.retrieve([query], with_payload=False, with_vector=True)
        if not found:
            raise ApiError(404, f"Not found: No point with id {query} found")
        condition = edge.Filter(must=[condition] if condition else None, must_not=[edge.HasIdCondition({query})])
        own: Any = found[0].vector
        stored: Json = own if isinstance(own, dict) else {"": own}
        if using not in stored:
            raise malformed(f"No vector {using!r} in point {query}")
        return edge.Query.Nearest(stored[using], using=using or None), condition
    if query is None:
        return None, condition
    return edge.Query.Nearest(vector(using, query, config), using=using or None), condition


def _fusion(kind: Any) -> Any:
    if kind == "rrf":
        return edge.Fusion.Rrf(k=2)
    if kind == "dbsf":
        return edge.Fusion.Dbsf()
    raise malformed(f"fusion {kind} not supported")


def _params(given: Json) -> edge.SearchParams:
    refuse(given, *(given.keys() - {"hnsw_ef", "exact", "quantization", "indexed_only"}))
    quantization = given.get("quantization")
    return edge.SearchParams(
        hnsw_ef=given.get("hnsw_ef"),
        exact=bool(given.get("exact")),
        indexed_only=bool(given.get("indexed_only")),
        quantization=edge.QuantizationSearchParams(
            ignore=bool(quantization.get("ignore")),
            rescore=quantization.get("rescore"),
            oversampling=quantization.get("oversampling"),
        )
        if quantization
        else None,
    )


def facet_request(body: Json) -> edge.FacetRequest:
    """Return the engine's count of the values of a payload key."""
    return edge.FacetRequest(
        body["key"],
        limit=_or(body.get("limit"), 10),
        exact=bool(body.get("exact")),
        filter=parse_filter(body.get("filter")),
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
    return {"id": point_id(found.id), "payload": found.payload, "vector": _vector_json(found.vector)}


def _vector_json(value: Any) -> Any:
    if isinstance(value, edge.SparseVector):
        return {"indices": value.indices, "values": value.values}
    return {name: _vector_json(v) for name, v in value.items()} if isinstance(value, Mapping) else value


def scored(found: Any) -> Json:
    """Return a search's hit as JSON."""
    return {**record(found), "version": found.version, "score": found.score}
