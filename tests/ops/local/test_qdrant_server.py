"""The local Qdrant server, against qdrant-client's own in-memory imitation as an oracle, and against kill -9."""

import asyncio
import json
import random
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from qdrant_client import AsyncQdrantClient
from qdrant_client import models as q
from qdrant_client.http.exceptions import UnexpectedResponse

pytestmark = pytest.mark.slow

pytest.importorskip("qdrant_edge")

SIZE = 32
POINTS = 300
NAME = "talents"


class Process:
    """The server in a process of its own, on one folder."""

    def __init__(self, storage: Path, *arguments: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._storage = storage
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "ops.local.embedded.qdrant_server",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
        ]
        self._process = subprocess.Popen([*command, "--storage-path", str(self._storage), *self._arguments])
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            assert self._process.poll() is None
            try:
                with urllib.request.urlopen(self.url + "/readyz", timeout=2) as answer:
                    assert answer.status == 200
                    return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait(10)

    def stop(self) -> int:
        assert self._process
        self._process.terminate()
        return self._process.wait(20)

    def client(self) -> AsyncQdrantClient:
        return AsyncQdrantClient(url=self.url, timeout=20, check_compatibility=False)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    process = Process(tmp_path_factory.mktemp("qdrant"))
    process.start()
    yield process
    assert process.stop() == 0


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """A maker of servers whose end is the test's business."""
    made: list[Process] = []

    def make(*arguments: str) -> Process:
        made.append(Process(tmp_path, *arguments))
        made[-1].start()
        return made[-1]

    yield make
    for process in made:
        process.kill()


@pytest.fixture
async def server(shared: Process) -> AsyncIterator[AsyncQdrantClient]:
    client = shared.client()
    yield client
    for found in (await client.get_collections()).collections:
        await client.delete_collection(found.name)
    await client.close()


def vector(rng: random.Random, size: int = SIZE) -> list[float]:
    return [rng.gauss(0, 1) for _ in range(size)]


def point(rng: random.Random, number: int) -> q.PointStruct:
    identity: int | str = number if number % 2 else str(uuid.UUID(int=rng.getrandbits(128), version=4))
    payload: dict[str, Any] = {
        "city": rng.choice(["上海", "北京", "Berlin"]),
        "skills": rng.sample(["python", "kafka", "go", "sql"], rng.randint(0, 3)),
        "years": rng.randint(0, 20),
        "salary": round(rng.uniform(10, 50), 2),  # the engine may change the last bit of longer ones
        "open": rng.random() < 0.5,
        "profile": {"level": rng.randint(1, 5)},
    }
    if rng.random() < 0.3:
        payload["note"] = rng.choice([None, "", "x", []])
    return q.PointStruct(id=identity, vector=vector(rng), payload=payload)


async def fill(client: AsyncQdrantClient) -> list[q.PointStruct]:
    """Make the same history on any client; return the points it began with."""
    rng = random.Random(7)
    points = [point(rng, i) for i in range(POINTS)]
    await client.create_collection(NAME, vectors_config=q.VectorParams(size=SIZE, distance=q.Distance.COSINE))
    for field, schema in (("city", "keyword"), ("years", "integer"), ("salary", "float"), ("open", "bool")):
        await client.create_payload_index(NAME, field, field_schema=q.PayloadSchemaType(schema))
    await client.upsert(NAME, points[:200])
    rest = points[200:]
    batch = q.Batch(
        ids=[p.id for p in rest],
        vectors=[cast("Any", p.vector) for p in rest],
        payloads=[p.payload or {} for p in rest],
    )
    await client.upsert(NAME, batch)
    again = [
        q.PointStruct(id=p.id, vector=vector(rng), payload={**(p.payload or {}), "years": 21}) for p in points[:20]
    ]
    await client.upsert(NAME, again)
    await client.delete(NAME, [p.id for p in points[30:40]])
    await client.delete(NAME, q.Filter(must=[must("years", value=13)]))
    await client.set_payload(NAME, {"open": True, "seen": 1}, points=[p.id for p in points[50:60] if years(p) != 13])
    await client.set_payload(NAME, {"city": "Xi'an"}, points=q.Filter(must=[must("city", value="Berlin")]))
    return points


def years(point: q.PointStruct) -> int:
    return int((point.payload or {})["years"])


def must(key: str, **match: Any) -> q.FieldCondition:
    kind = {"value": q.MatchValue, "any": q.MatchAny, "except": q.MatchExcept}[next(iter(match))]
    return q.FieldCondition(key=key, match=kind(**match))


def between(key: str, **bounds: float) -> q.FieldCondition:
    return q.FieldCondition(key=key, range=q.Range(**bounds))


def empty(key: str) -> q.IsEmptyCondition:
    return q.IsEmptyCondition(is_empty=q.PayloadField(key=key))


def null(key: str) -> q.IsNullCondition:
    return q.IsNullCondition(is_null=q.PayloadField(key=key))


def filters(ids: list[Any]) -> list[q.Filter | None]:
    city, senior, is_open = must("city", value="上海"), between("years", gte=10), must("open", value=True)
    return [
        None,
        q.Filter(),
        q.Filter(must=[city]),
        q.Filter(must=city),
        q.Filter(must=[is_open, senior]),
        q.Filter(must_not=[city, must("years", value=21)]),
        q.Filter(should=[city, must("skills", value="go")]),
        q.Filter(must=[is_open], should=[city, senior], must_not=[must("skills", any=["sql"])]),
        q.Filter(min_should=q.MinShould(conditions=[city, senior, is_open], min_count=2)),
        q.Filter(must=[must("city", any=["北京", "Xi'an"])]),
        q.Filter(must=[must("years", any=[1, 2, 3, 21])]),
        q.Filter(must=[must("open", value=False)]),
        q.Filter(must=[must("profile.level", value=1)]),
        q.Filter(must=[must("city", **{"except": ["北京"]})]),
        q.Filter(must=[must("skills", **{"except": ["python", "kafka"]})]),
        q.Filter(must=[between("salary", gt=20, lt=30.5)]),
        q.Filter(must=[between("years", gte=5, lte=5)]),
        q.Filter(must=[between("profile.level", gt=3)]),
        q.Filter(must=[q.HasIdCondition(has_id=ids[40:80])]),
        q.Filter(must_not=[q.HasIdCondition(has_id=ids[:200])]),
        q.Filter(must=[empty("note")]),
        q.Filter(must_not=[empty("skills"), empty("nowhere.deep")]),
        q.Filter(must=[null("note")]),
        q.Filter(must_not=[null("note")]),
        q.Filter(must=[q.Filter(should=[city, q.Filter(must_not=[is_open])]), senior]),
        q.Filter(must=[must("city", value="nowhere")]),
        q.Filter(must=[must("seen", value=1)]),
    ]


def same_hits(ours: list[q.ScoredPoint], theirs: list[q.ScoredPoint]) -> None:
    assert [p.id for p in ours] == [p.id for p in theirs]
    assert [p.score for p in ours] == pytest.approx([p.score for p in theirs], abs=1e-5)
    same_records(ours, theirs)


def same_records(ours: list[Any], theirs: list[Any]) -> None:
    assert [written(r) for r in ours] == [written(r) for r in theirs]
    for a, b in zip(ours, theirs, strict=True):
        assert (a.vector is None) == (b.vector is None)
        assert a.vector is None or a.vector == pytest.approx(b.vector, abs=1e-5)


def written(record: Any) -> str:
    """Return id and payload as JSON, in which true is not 1."""
    return json.dumps([record.id, record.payload], sort_keys=True)


def by_id(records: list[Any]) -> list[Any]:
    return sorted(records, key=lambda r: str(r.id))


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect", "ignore:Local mode performs exact")
async def test_it_answers_as_the_oracle_does(server: AsyncQdrantClient) -> None:
    oracle = AsyncQdrantClient(":memory:")
    points = await fill(server)
    await fill(oracle)
    ids = [p.id for p in points]
    alive = [p.id for p in points[60:] if years(p) != 13]
    rng = random.Random(1)
    kinds: list[dict[str, Any]] = [
        {"limit": 10, "with_payload": False},
        {"limit": 7, "offset": 5, "with_vectors": True},
        {"limit": 400, "score_threshold": 0.1, "search_params": q.SearchParams(exact=True)},
        {"limit": 5, "with_payload": ["city", "profile.level"], "search_params": q.SearchParams(hnsw_ef=64)},
        {"limit": 5, "with_payload": q.PayloadSelectorExclude(exclude=["city"])},
    ]
    for number, condition in enumerate(filters(ids)):
        for query in (vector(rng), alive[number]):
            kind = kinds[number % len(kinds)]
            ours = await server.query_points(NAME, query=query, query_filter=condition, **kind)
            theirs = await oracle.query_points(NAME, query=query, query_filter=condition, **kind)
            same_hits(ours.points, theirs.points)

        count = (await oracle.count(NAME, count_filter=condition)).count
        assert (await server.count(NAME, count_filter=condition)).count == count
        whole, following = await server.scroll(NAME, condition, limit=1000, with_vectors=True)
        expected, _ = await oracle.scroll(NAME, condition, limit=1000, with_vectors=True)
        assert following is None
        assert len(whole) == count
        same_records(by_id(whole), by_id(expected))

    wanted = [*ids[25:55], 999_999, str(uuid.UUID(int=5))]
    ours_r = await server.retrieve(NAME, wanted, with_vectors=True)
    theirs_r = await oracle.retrieve(NAME, wanted, with_vectors=True)
    same_records(by_id(ours_r), by_id(theirs_r))
    requests = [
        q.QueryRequest(query=vector(rng), filter=c, limit=9, with_payload=bool(i % 2))
        for i, c in enumerate(filters(ids))
    ]
    ours_b = await server.query_batch_points(NAME, requests)
    for a, b in zip(ours_b, await oracle.query_batch_points(NAME, requests), strict=True):
        same_hits(a.points, b.points)


async def test_scrolling_by_pages_sees_each_point_once(server: AsyncQdrantClient) -> None:
    await fill(server)
    seen: list[Any] = []
    offset: Any = None
    while True:
        page, offset = await server.scroll(NAME, limit=37, offset=offset, with_payload=False)
        seen += [r.id for r in page]
        if offset is None:
            break
    assert len(seen) == len(set(seen)) == (await server.count(NAME)).count


async def test_the_first_by_a_number_are_found(server: AsyncQdrantClient) -> None:
    await fill(server)
    every, _ = await server.scroll(NAME, limit=1000, with_payload=["salary"])
    salaries = sorted((r.payload["salary"] for r in every if r.payload and "salary" in r.payload), reverse=True)
    order = q.OrderBy(key="salary", direction=q.Direction.DESC)
    found, _ = await server.scroll(NAME, limit=20, order_by=order, with_payload=["salary"])
    assert [r.payload["salary"] for r in found if r.payload] == salaries[:20]


async def test_collections_are_made_described_and_removed(server: AsyncQdrantClient) -> None:
    assert not await server.collection_exists(NAME)
    await fill(server)
    assert await server.collection_exists(NAME)
    assert [c.name for c in (await server.get_collections()).collections] == [NAME]
    info = await server.get_collection(NAME)
    assert info.status == q.CollectionStatus.GREEN
    assert info.points_count == (await server.count(NAME)).count
    assert info.config.params.vectors == q.VectorParams(size=SIZE, distance=q.Distance.COSINE)
    assert {k: v.data_type for k, v in info.payload_schema.items()} == {
        "city": "keyword",
        "years": "integer",
        "salary": "float",
        "open": "bool",
    }
    with pytest.raises(UnexpectedResponse) as refused:
        await server.create_collection(NAME, vectors_config=q.VectorParams(size=4, distance=q.Distance.COSINE))
    assert refused.value.status_code == 409
    assert await server.delete_collection(NAME)
    assert not await server.delete_collection(NAME)
    assert not await server.collection_exists(NAME)


async def test_an_alias_moves_in_one_step(server: AsyncQdrantClient) -> None:
    config = q.VectorParams(size=2, distance=q.Distance.COSINE)
    for number, name in enumerate(("old", "new")):
        await server.create_collection(name, vectors_config=config)
        await server.upsert(name, [q.PointStruct(id=i, vector=[1.0, 0.0]) for i in range(number + 1)])

    def point_to(name: str) -> q.CreateAliasOperation:
        return q.CreateAliasOperation(create_alias=q.CreateAlias(collection_name=name, alias_name="live"))

    await server.update_collection_aliases([point_to("old")])
    assert (await server.count("live")).count == 1
    drop = q.DeleteAliasOperation(delete_alias=q.DeleteAlias(alias_name="live"))
    await server.update_collection_aliases([drop, point_to("new")])
    assert (await server.count("live")).count == 2
    with pytest.raises(UnexpectedResponse):
        await server.update_collection_aliases([drop, point_to("missing")])
    assert [(a.alias_name, a.collection_name) for a in (await server.get_aliases()).aliases] == [("live", "new")]
    await server.delete_collection("new")
    assert not await server.collection_exists("live")


async def test_mistakes_are_answered_with_qdrants_codes(server: AsyncQdrantClient, shared: Process) -> None:
    await fill(server)
    good = vector(random.Random(2))
    before = await server.count(NAME)
    mistakes: list[tuple[int, Any]] = [
        (400, server.upsert(NAME, [q.PointStruct(id=7001, vector=good), q.PointStruct(id=7002, vector=[1.0] * 3)])),
        (400, server.query_points(NAME, query=[1.0] * 3)),
        (400, server.query_batch_points(NAME, [q.QueryRequest(query=good), q.QueryRequest(query=[1.0])])),
        (400, server.upsert(NAME, [q.PointStruct(id="no uuid", vector=good)])),
        (400, server.count(NAME, q.Filter(must=[q.FieldCondition(key="city", match=q.MatchText(text="上"))]))),
        (400, server.create_collection("dot", vectors_config=q.VectorParams(size=4, distance=q.Distance.DOT))),
        (400, server.create_payload_index(NAME, "x", field_schema=q.PayloadSchemaType.GEO)),
        (404, server.query_points(NAME, query=999_999)),
        (404, server.count("missing")),
        (404, server.upsert("missing", [q.PointStruct(id=1, vector=good)])),
        (404, server.get_collection("missing")),
    ]
    for status, call in mistakes:
        with pytest.raises(UnexpectedResponse) as refused:
            await call
        assert refused.value.status_code == status, refused.value
        assert b'"error"' in refused.value.content
    assert await server.count(NAME) == before

    def put(body: bytes) -> int:
        json_type = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{shared.url}/collections/{NAME}/points", body, json_type, method="PUT")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    assert await asyncio.to_thread(put, b"{half") == 400
    assert await asyncio.to_thread(put, b'{"points": [{"id": 1, "vector": [NaN]}]}') == 400
    assert await asyncio.to_thread(put, b"[]") == 400
    assert await asyncio.to_thread(put, b" " * (64 * 1024 * 1024 + 1)) == 413


async def test_what_was_acknowledged_is_there_after_a_kill(own: Callable[..., Process]) -> None:
    process = own()
    client = process.client()
    await client.create_collection(NAME, vectors_config=q.VectorParams(size=SIZE, distance=q.Distance.COSINE))
    await client.create_payload_index(NAME, "city", field_schema=q.PayloadSchemaType.KEYWORD)
    acknowledged: list[int] = []
    enough = asyncio.Event()

    async def write(worker: int) -> None:
        rng = random.Random(worker)
        first = worker * 1_000_000
        while True:
            ids = list(range(first, first + 50))
            await client.upsert(NAME, [q.PointStruct(id=i, vector=vector(rng), payload={"n": i}) for i in ids])
            acknowledged.extend(ids)
            if len(acknowledged) >= 1_000:
                enough.set()
            first += 50

    writers = [asyncio.create_task(write(w)) for w in range(3)]
    await asyncio.wait_for(enough.wait(), 20)
    process.kill()
    ended = await asyncio.gather(*writers, return_exceptions=True)
    assert all(isinstance(e, Exception) for e in ended)
    process.start()
    found, _ = await client.scroll(NAME, limit=1_000_000)
    payloads = {r.id: r.payload for r in found}
    assert all(payloads.get(i) == {"n": i} for i in acknowledged)
    assert "city" in (await client.get_collection(NAME)).payload_schema
    await client.close()


async def test_a_stop_and_start_keeps_everything(own: Callable[..., Process]) -> None:
    process = own()
    client = process.client()
    await fill(client)
    await client.update_collection_aliases(
        [q.CreateAliasOperation(create_alias=q.CreateAlias(collection_name=NAME, alias_name="live"))]
    )
    await client.upsert(NAME, [q.PointStruct(id=5_000, vector=[1.0] * SIZE)], wait=False)
    before = await client.scroll(NAME, limit=1000, with_vectors=True)
    assert process.stop() == 0
    process.start()
    assert await client.scroll("live", limit=1000, with_vectors=True) == before
    await client.close()


async def test_a_rebuild_beside_the_writers_loses_nothing(own: Callable[..., Process], tmp_path: Path) -> None:
    process = own("--optimize-after", "400")
    client = process.client()
    await client.create_collection(
        NAME,
        vectors_config=q.VectorParams(size=SIZE, distance=q.Distance.COSINE),
        optimizers_config=q.OptimizersConfigDiff(indexing_threshold=10),
        hnsw_config=q.HnswConfigDiff(full_scan_threshold=10),
    )
    rng = random.Random(3)
    written, deleted = 0, 0
    deadline = time.monotonic() + 15
    while not (await client.get_collection(NAME)).indexed_vectors_count:
        assert time.monotonic() < deadline, "no rebuild"
        ids = range(written, written + 20)
        await client.upsert(NAME, [q.PointStruct(id=i, vector=vector(rng), payload={"n": i}) for i in ids])
        await client.delete(NAME, [written])
        written, deleted = written + 20, deleted + 1
        await asyncio.sleep(0.01)
    expected = set(range(written)) - set(range(0, written, 20))

    async def ids_now() -> set[Any]:
        return {r.id for r in (await client.scroll(NAME, limit=100_000))[0]}

    assert await ids_now() == expected
    process.kill()
    process.start()
    assert await ids_now() == expected
    assert len(list((tmp_path / "collections" / NAME).glob("shard-*"))) == 1
    await client.close()
