"""A collection's configuration: from REST to what we keep on disk, from there to the engine and back to REST."""

from typing import Any

import qdrant_edge as edge

from ops.local.embedded.qdrant.errors import malformed
from ops.local.embedded.qdrant.filters import Json

FLUSH_SECONDS = 60
"""How long what the log has may not be in the shard's own files. All else waits for a flush of these."""

_HNSW = {"m": 16, "ef_construct": 100, "full_scan_threshold": 10_000}
_BITS = {
    "bits1": edge.TurboQuantBitSize.Bits1,
    "bits1_5": edge.TurboQuantBitSize.Bits1_5,
    "bits2": edge.TurboQuantBitSize.Bits2,
    "bits4": edge.TurboQuantBitSize.Bits4,
}
_QUANTIZATION = {
    "scalar": {"type", "quantile", "always_ram"},
    "binary": {"always_ram"},
    "turbo": {"always_ram", "bits"},
}


def kept(body: Json) -> Json:
    """Return what we keep of the body that creates a collection. Raises ApiError for what is not served.

    Served is an unnamed dense vector with cosine distance, beside any number of named sparse ones.
    """
    vectors = body.get("vectors") or {}
    size = vectors.get("size")
    if vectors.get("distance") != "Cosine" or not isinstance(size, int) or not 0 < size <= 65_536:
        raise malformed("the dense vector must be unnamed, with cosine distance")
    if vectors.get("multivector_config") is not None:
        raise malformed("multivector_config not supported")
    sparse = {name: sparse_params(given) for name, given in (body.get("sparse_vectors") or {}).items()}
    if "" in sparse:
        raise malformed("a sparse vector must have a name")
    return _with({"size": size, "hnsw": _HNSW, "sparse": sparse}, body, vectors)


def sparse_params(body: Json) -> Json:
    """Return what we keep of a sparse vector's parameters: the modifier `idf`, and whether its index is on disk."""
    modifier = body.get("modifier")
    if modifier not in (None, "none", "idf"):
        raise malformed(f"modifier {modifier} not supported")
    on_disk = (body.get("index") or {}).get("on_disk")
    kept: Json = {"modifier": "idf"} if modifier == "idf" else {}
    return {**kept, "index": {"on_disk": True}} if on_disk else kept


def changed(config: Json, body: Json) -> Json:
    """Return the kept configuration with what the body of an update says. Raises ApiError for what is not served."""
    if body.get("sparse_vectors") is not None:
        raise malformed("sparse_vectors cannot be changed")
    return _with(config, body, (body.get("vectors") or {}).get("") or {})


def _with(config: Json, body: Json, vectors: Json) -> Json:
    hnsw = {**(body.get("hnsw_config") or {}), **(vectors.get("hnsw_config") or {})}
    known = {name: hnsw[name] for name in _HNSW if hnsw.get(name) is not None}
    new = {**config, "hnsw": {**config["hnsw"], **known}}
    for quantization in (body.get("quantization_config"), vectors.get("quantization_config")):
        if quantization is not None:
            new["quantization"] = _quantization(quantization)
    if vectors.get("on_disk") is not None:
        new["on_disk"] = bool(vectors["on_disk"])
    threshold = (body.get("optimizers_config") or {}).get("indexing_threshold")
    if threshold is not None:
        new["indexing_threshold"] = int(threshold)
    return new


def _quantization(body: Any) -> Json | None:
    if body == "Disabled":
        return None
    ((kind, given),) = body.items()
    if kind not in _QUANTIZATION:
        raise malformed(f"quantization: one of {', '.join(_QUANTIZATION)} is supported")
    given = {name: value for name, value in given.items() if value is not None}
    if unknown := given.keys() - _QUANTIZATION[kind]:
        raise malformed(f"quantization: {', '.join(sorted(unknown))} not supported")
    return {kind: given}


def engine(config: Json) -> edge.EdgeConfig:
    """Return the engine's configuration."""
    sparse = {
        name: edge.EdgeSparseVectorParams(
            modifier=edge.Modifier.Idf if "modifier" in params else None, on_disk="index" in params
        )
        for name, params in config.get("sparse", {}).items()
    }
    return edge.EdgeConfig(
        vectors=edge.EdgeVectorParams(config["size"], edge.Distance.Cosine, on_disk=config.get("on_disk")),
        sparse_vectors=sparse,
        hnsw_config=edge.HnswIndexConfig(**config["hnsw"]),
        quantization_config=_engine_quantization(config.get("quantization")),
        # None or more: the engine itself indexes only when asked, and 0 only tells us not to ask.
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=config.get("indexing_threshold") or None),
    )


def _engine_quantization(kept: Json | None) -> Any:
    if not kept:
        return None
    ((kind, given),) = kept.items()
    if kind == "scalar":
        return edge.ScalarQuantizationConfig(
            edge.ScalarType.Int8, quantile=given.get("quantile"), always_ram=given.get("always_ram")
        )
    if kind == "binary":
        return edge.BinaryQuantizationConfig(always_ram=given.get("always_ram"))
    return edge.TurboQuantQuantizationConfig(always_ram=given.get("always_ram"), bits=_BITS[given.get("bits", "bits4")])


def described(config: Json) -> Json:
    """Return the configuration as the REST API tells it."""
    vectors: Json = {"size": config["size"], "distance": "Cosine"}
    if "on_disk" in config:
        vectors["on_disk"] = config["on_disk"]
    params: Json = {"vectors": vectors}
    if config.get("sparse"):
        params["sparse_vectors"] = config["sparse"]
    return {
        "params": params,
        "hnsw_config": config["hnsw"],
        "quantization_config": config.get("quantization"),
        "optimizer_config": {
            "deleted_threshold": 0.2,
            "vacuum_min_vector_number": 1000,
            "default_segment_number": 0,
            "flush_interval_sec": FLUSH_SECONDS,
            "indexing_threshold": config.get("indexing_threshold"),
        },
    }
