"""How a collection of vectors is built and searched; the parameters were measured, see docs/benchmarks/search.md."""

from collections.abc import Mapping

from qdrant_client import AsyncQdrantClient
from qdrant_client import models as q
from qdrant_client.http.exceptions import UnexpectedResponse

BM25 = "bm25"
"""The sparse vector beside the dense one, which has no name."""

PART = "part"
"""The payload's key of which part of a resume a point is, from 0; every resume has a part 0."""

HNSW = q.HnswConfigDiff(m=16, ef_construct=100)
QUANTIZATION = q.ScalarQuantization(
    scalar=q.ScalarQuantizationConfig(type=q.ScalarType.INT8, quantile=0.99, always_ram=True)
)
SEARCH = q.SearchParams(hnsw_ef=128, quantization=q.QuantizationSearchParams(rescore=True, oversampling=2.0))
"""int8 vectors choose twice as many as are asked for, the full ones, on disk, decide among them."""

WORDS = q.SparseVectorParams(modifier=q.Modifier.IDF, index=q.SparseIndexParams(on_disk=True))
INDEXING_THRESHOLD_KB = 10_000
_KEYWORDS = ("status", "locations", "model")  # matching filters by them: the graph has edges within each value
EMPLOYMENT = "terms.employment"
"""The payload's key of forms of work and contracts."""
_FACETS = ("language", "seniority", "skills", EMPLOYMENT)
PAYLOAD_INDEXES: Mapping[str, q.PayloadSchemaType | q.PayloadSchemaParams] = {
    **dict.fromkeys(_KEYWORDS, q.PayloadSchemaType.KEYWORD),
    **{name: q.KeywordIndexParams(type=q.KeywordIndexType.KEYWORD, enable_hnsw=False) for name in _FACETS},
    "remote": q.BoolIndexParams(type=q.BoolIndexType.BOOL),
    **{
        name: q.IntegerIndexParams(type=q.IntegerIndexType.INTEGER, lookup=True, range=True, enable_hnsw=False)
        for name in ("education_rank", PART)
    },
    **{
        name: q.FloatIndexParams(type=q.FloatIndexType.FLOAT, enable_hnsw=False)
        for name in ("years", "years_max", "salary_min", "salary_max", "updated")
    },
}


async def prepare(client: AsyncQdrantClient, name: str, dimensions: int, *, bulk: bool = False) -> None:
    """Create a collection with its payload indexes, or add to one what earlier versions did not have.

    With `bulk`, nothing is indexed until `finish_bulk`.
    """
    if not await client.collection_exists(name):
        try:
            await client.create_collection(
                name,
                vectors_config=q.VectorParams(size=dimensions, distance=q.Distance.COSINE, on_disk=True),
                sparse_vectors_config={BM25: WORDS},
                hnsw_config=HNSW,
                quantization_config=QUANTIZATION,
                optimizers_config=q.OptimizersConfigDiff(indexing_threshold=0 if bulk else INDEXING_THRESHOLD_KB),
            )
        except UnexpectedResponse as error:  # another worker was faster
            if error.status_code not in (400, 409):
                raise
    info = await client.get_collection(name)
    if BM25 not in (info.config.params.sparse_vectors or {}):
        config = q.SparseVectorNameConfig(sparse=q.SparseVectorConfig(modifier=q.Modifier.IDF))
        await client.create_vector_name(name, BM25, config)
    for field, schema in PAYLOAD_INDEXES.items():
        if field not in info.payload_schema:
            await client.create_payload_index(name, field, field_schema=schema, wait=False)


async def finish_bulk(client: AsyncQdrantClient, name: str) -> None:
    """Let the collection be indexed, now and as it grows."""
    await client.update_collection(
        name, optimizers_config=q.OptimizersConfigDiff(indexing_threshold=INDEXING_THRESHOLD_KB)
    )
