"""What records cost in requests to Qdrant and in texts for the model: exactly, whatever the machine."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from opentelemetry import trace

from ops.benchmarks.search import own_server
from ops.local.sample import generate
from processors.embedding.model import Vectors
from processors.embedding.pool import EmbeddingPool
from processors.embedding.resume_parts import titled_parts
from schemas.chain import NEVER_SAID
from schemas.entities import RESUME, SIDES, Side
from schemas.records import SourceRecord
from schemas.settings import QdrantSettings
from sinks.qdrant import MAX_POINTS, VectorStore, connect
from sinks.resumes import ResumeStore
from streams.delivery import Delivery, Inbound
from streams.resume_index import ResumeIndexStage
from streams.vectors import VectorStage, embedded_texts

pytestmark = pytest.mark.slow

RECORDS = MAX_POINTS + 4


class Model:
    """Vectors by chance; counts the texts."""

    version, dimensions = "m", 8

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.texts += texts
        return np.random.default_rng(len(self.texts)).standard_normal((len(texts), 8)).astype(np.float32)


class Counted:
    """A client of Qdrant that counts the requests."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.requests: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        self.requests[name] += 1
        return getattr(self._client, name)


class Sink:
    """A topic that nobody reads."""

    async def publish(self, messages: Sequence[Any]) -> None:
        list(messages)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    pytest.importorskip("qdrant_edge")
    with asyncio.Runner() as runner:
        server = own_server()
        yield runner.run(server.__aenter__())[0]
        runner.run(server.__aexit__(None, None, None))


def records(side: Side, revision: int) -> list[Delivery[SourceRecord]]:
    found = []
    for number, line in enumerate(generate(3, talents=RECORDS, jobs=RECORDS, companies=40)[f"{side}s.jsonl"]):
        record = SourceRecord(side, f"{side}-{number}", revision, False, line["fields"], {})
        headers = [] if RESUME in record.fields else [(NEVER_SAID, RESUME.encode())]
        inbound = Inbound(f"{side}-records", 0, number, record.id.encode(), None, headers, 0.0)
        found.append(Delivery(inbound, record, trace.INVALID_SPAN))
    return found


async def test_requests_and_texts_of_a_batch(url: str) -> None:
    client = connect(QdrantSettings(url=url, timeout_seconds=60))
    counted: Any = Counted(client)
    model = Model()
    pool: Any = EmbeddingPool(model)
    vectors, resumes = VectorStore(counted), ResumeStore(counted)
    for store in (vectors, resumes):
        await store.prepare(8)
    sink: Any = Sink()
    having = sum(RESUME in d.item.fields for d in records("talent", 1))
    assert 0 < having < RECORDS / 2
    known: set[str] = set()
    for revision in (1, 2):
        for side in SIDES:
            counted.requests.clear()
            await VectorStage(side, pool, vectors, sink).process(records(side, revision))
            assert counted.requests == {"upsert": 2}, "one for MAX_POINTS points"
            known |= {text for d in records(side, revision) for text in embedded_texts(side, d.item)}
            assert sorted(model.texts) == sorted(known), "each text once, and never again"
        counted.requests.clear()
        await ResumeIndexStage(pool, resumes, sink).process(records("talent", revision))
        runs = -(-having // 16)
        asked = {"retrieve": runs if revision == 1 else 2 * runs, "upsert": runs}
        assert counted.requests == asked, "nothing for talents without a resume"
        known |= {text for d in records("talent", revision) for text in titled_parts(d.item.fields)}
        assert sorted(model.texts) == sorted(known)
    await pool.close()
    await client.close()
