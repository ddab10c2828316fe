"""Search, its index and its backup: on the embedded server, or on the Qdrant at LOOMA_TEST_QDRANT_URL."""

import asyncio
import os
import random
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from qdrant_client import AsyncQdrantClient
from qdrant_client import models as q
from qdrant_client.http.exceptions import UnexpectedResponse

from ops.backup import BackupError
from ops.backup.index import backup, restore
from ops.benchmarks.search import own_server
from processors.search.bm25 import SparseVector, document_vector, query_vector
from processors.search.criteria import Criteria
from schemas.settings import QdrantSettings
from sinks import vector_index
from sinks.qdrant import Point, VectorStore, connect, point_id
from sinks.resumes import ResumeStore
from streams.search.store import MAX_RESUMES, RRF_K, Query, SearchStore, fusion, prefetches

pytestmark = pytest.mark.slow

SIZE = 16
COUNT = 120
WORDS = ["python", "kafka", "会计", "护士", "数据分析", "figma", "sales", "机械"]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    given = os.environ.get("LOOMA_TEST_QDRANT_URL")
    if given:
        yield given
        return
    pytest.importorskip("qdrant_edge")
    with asyncio.Runner() as runner:
        server = own_server()
        yield runner.run(server.__aenter__())[0]
        runner.run(server.__aexit__(None, None, None))


@pytest.fixture
async def client(url: str) -> AsyncIterator[AsyncQdrantClient]:
    client = connect(QdrantSettings(url=url, timeout_seconds=20))
    yield client
    await client.close()


@pytest.fixture
async def suffix(client: AsyncQdrantClient) -> AsyncIterator[str]:
    suffix = f"-{uuid.uuid4().hex[:8]}"
    yield suffix
    for found in (await client.get_collections()).collections:
        if suffix in found.name:
            await client.delete_collection(found.name)


def unit(rng: random.Random) -> list[float]:
    vector = [rng.gauss(0, 1) for _ in range(SIZE)]
    norm = sum(x * x for x in vector) ** 0.5
    return [x / norm for x in vector]


def people() -> list[Point]:
    rng = random.Random(5)
    found = []
    for number in range(COUNT):
        text = " ".join(rng.choices(WORDS, k=rng.randint(1, 12)))
        low = rng.choice([None, *range(5_000, 40_000, 5_000)])
        payload = {
            "id": f"t-{number}",
            "model": "m1" if number % 10 else "m2",
            "status": rng.choice(["active", "passive", "hired"]),
            "locations": rng.sample(["shanghai", "beijing", "berlin"], rng.randint(0, 2)),
            "skills": rng.sample(["python", "kafka", "sql"], rng.randint(0, 3)),
            "language": rng.choice(["zh", "en"]),
            "seniority": rng.choice([None, "senior"]),
            "education_rank": rng.choice([None, 1, 2, 3, 4]),
            "years": rng.choice([None, 0, 1.5, 3, 7, 12]),
            "years_max": None,
            "salary_min": low,
            "salary_max": rng.choice([None, low + 10_000]) if low else None,
            "updated": rng.choice([None, 1_700_000_000, 1_800_000_000]),
            "text": text,
        }
        words = document_vector(text)
        values = [value * (1 + number / 1000) for value in words.values]  # no two score alike
        found.append(Point(f"t-{number}", payload, unit(rng), SparseVector(words.indices, values)))
    return found


@pytest.fixture(scope="module")
def filled(url: str) -> Iterator[str]:
    """The suffix of collections with everybody in, which no test changes."""
    suffix = f"-{uuid.uuid4().hex[:8]}"

    async def fill() -> None:
        client = connect(QdrantSettings(url=url, timeout_seconds=20))
        vectors = VectorStore(client, suffix)
        await vectors.prepare(SIZE)
        await vectors.upsert("talent", people())
        await client.close()

    async def drop() -> None:
        client = connect(QdrantSettings(url=url, timeout_seconds=20))
        await VectorStore(client, suffix).drop()
        await client.close()

    asyncio.run(fill())
    yield suffix
    asyncio.run(drop())


@pytest.fixture
def store(client: AsyncQdrantClient, filled: str) -> SearchStore:
    return SearchStore(client, filled)


def asked(text: str, seed: int = 1) -> Query:
    return Query(unit(random.Random(seed)), query_vector(text), "m1")


async def everything(store: SearchStore, query: Query, criteria: Criteria, mode: Any) -> list[str]:
    return [hit.id for hit in (await store.search("talent", query, criteria, mode=mode, limit=COUNT)).hits]


async def test_keyword_finds_who_has_the_words_and_semantic_the_nearest(store: SearchStore) -> None:
    pool = {p.id: p for p in people() if p.payload["model"] == "m1"}
    query = asked("会计 kafka")
    found = await everything(store, query, Criteria(), "keyword")
    assert set(found) == {i for i, p in pool.items() if "会计" in p.payload["text"] or "kafka" in p.payload["text"]}
    nearest = sorted(pool, key=lambda i: -sum(a * b for a, b in zip(pool[i].vector, query.dense, strict=True)))
    assert await everything(store, query, Criteria(), "semantic") == nearest
    assert await everything(store, asked("of the"), Criteria(), "keyword") == []
    assert await everything(store, asked("of the"), Criteria(), "hybrid") == nearest


async def test_hybrid_fuses_the_ranks(store: SearchStore) -> None:
    query = asked("python 护士")
    ways = [await everything(store, query, Criteria(), mode) for mode in ("semantic", "keyword")]
    page = await store.search("talent", query, Criteria(), limit=COUNT)
    scores = {i: sum(1 / (RRF_K + way.index(i)) for way in ways if i in way) for i in ways[0]}  # places from 0
    assert [h.score for h in page.hits] == pytest.approx(sorted(scores.values(), reverse=True), abs=1e-5)
    assert [scores[h.id] for h in page.hits] == pytest.approx([h.score for h in page.hits], abs=1e-5)


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "keyword"])
async def test_pages_continue_each_other(store: SearchStore, mode: Any) -> None:
    query = asked("数据分析 sales")
    whole = await store.search("talent", query, Criteria(), mode=mode, limit=30)
    parts = [await store.search("talent", query, Criteria(), mode=mode, limit=10, offset=o) for o in (0, 10, 20)]
    assert [h.score for h in whole.hits] == [h.score for part in parts for h in part.hits]
    assert len({h.id for part in parts for h in part.hits}) == 30
    with pytest.raises(ValueError):
        await store.search("talent", query, Criteria(), limit=10, offset=9_995)


def overlap(low: Any, high: Any, wanted: tuple[float | None, float | None]) -> bool:
    if wanted == (None, None):
        return True
    if low is None and high is None:
        return False
    return (wanted[0] is None or high is None or high >= wanted[0]) and (
        wanted[1] is None or low is None or low <= wanted[1]
    )


def admitted(c: Criteria, p: dict[str, Any]) -> bool:
    years = p["years"]
    return (
        (not c.places or bool(set(c.places) & set(p["locations"])))
        and (not c.statuses or p["status"] in c.statuses)
        and (c.language is None or p["language"] == c.language)
        and (c.education_rank is None or (p["education_rank"] or 0) >= c.education_rank)
        and (c.years == (None, None) or (years is not None and overlap(years, years, c.years)))
        and overlap(p["salary_min"], p["salary_max"], c.salary)
        and (c.updated_since is None or (p["updated"] or 0) >= c.updated_since.timestamp())
    )


@pytest.mark.parametrize(
    "criteria",
    [
        Criteria(),
        Criteria(places=("shanghai",)),
        Criteria(places=("shanghai", "berlin"), statuses=("active", "passive")),
        Criteria(years=(3, None)),
        Criteria(years=(None, 3)),
        Criteria(years=(1, 7), language="zh"),
        Criteria(salary=(20_000, 30_000)),
        Criteria(salary=(None, 10_000)),
        Criteria(salary=(35_000, None), education_rank=3),
        Criteria(updated_since=datetime.fromtimestamp(1_750_000_000, UTC)),
    ],
)
async def test_criteria_admit_exactly_who_they_describe(store: SearchStore, criteria: Criteria) -> None:
    wanted = {p.id for p in people() if p.payload["model"] == "m1" and admitted(criteria, dict(p.payload))}
    page = await store.search("talent", asked("python"), criteria, mode="semantic", limit=COUNT)
    assert {h.id for h in page.hits} == wanted
    assert page.admitted == len(wanted)
    counted = dict(await store.facet("talent", "skill", criteria, "m1"))
    held = [s for p in people() if p.id in wanted for s in p.payload["skills"]]
    assert counted == {s: held.count(s) for s in set(held)}


async def jobs_found(
    client: AsyncQdrantClient, suffix: str, said: Sequence[dict[str, Any]]
) -> Callable[[Criteria], Awaitable[set[str]]]:
    """Store jobs that say this; return what finds them by criteria."""
    jobs = [
        Point(f"j-{i}", {"id": f"j-{i}", "model": "m1", **p}, unit(random.Random(i)), document_vector("kafka"))
        for i, p in enumerate(said)
    ]
    store = SearchStore(client, suffix)
    await VectorStore(client, suffix).prepare(SIZE)
    await VectorStore(client, suffix).upsert("job", jobs)

    async def found(criteria: Criteria) -> set[str]:
        return {h.id for h in (await store.search("job", asked("kafka"), criteria)).hits}

    return found


async def test_a_job_s_demands_are_ranges_and_its_degree_the_most_wanted(
    client: AsyncQdrantClient, suffix: str
) -> None:
    said = ({"years": 3, "years_max": 5, "education_rank": 3}, {"years": 5, "years_max": None}, {"years_max": 2})
    found = await jobs_found(client, suffix, said)

    assert await found(Criteria(years=(4, 4))) == {"j-0"}
    assert await found(Criteria(years=(10, None))) == {"j-1"}
    assert await found(Criteria(years=(None, 2))) == {"j-2"}
    assert await found(Criteria(education_rank=4)) == {"j-0"}
    assert await found(Criteria(education_rank=2)) == set()


async def test_the_place_and_the_form_of_work_are_those_that_jobs_name(client: AsyncQdrantClient, suffix: str) -> None:
    said = (
        {"remote": True, "terms": {"employment": ["part_time", "permanent"]}},
        {"remote": False, "terms": {"employment": ["full_time"]}},
        {"remote": None},
    )
    found = await jobs_found(client, suffix, said)

    assert await found(Criteria(remote=True)) == {"j-0"}
    assert await found(Criteria(employment=("part_time",))) == {"j-0"}
    assert await found(Criteria(employment=("full_time",))) == {"j-1", "j-2"}


async def test_more_like_this_is_nearest_to_it_without_it(store: SearchStore) -> None:
    query = await store.like("talent", "t-3")
    assert query is not None
    assert query.words == SparseVector(*query.words)
    assert query.model == "m1"
    page = await store.search("talent", query, Criteria(), exclude=["t-3"], limit=COUNT)
    assert "t-3" not in {h.id for h in page.hits}
    assert await store.like("talent", "nobody") is None


async def test_matching_still_finds_the_nearest(client: AsyncQdrantClient, filled: str) -> None:
    vectors = VectorStore(client, filled)
    own = (await vectors.get("talent", ["t-7"]))["t-7"]
    assert own.words is not None
    assert own.words.indices == people()[7].words.indices  # type: ignore[union-attr]
    everybody = ["active", "passive", "hired"]
    (hits,) = await vectors.nearest("talent", [own.vector], model="m1", statuses=everybody, limit=3)
    assert hits[0].point.id == "t-7"
    assert hits[0].similarity == pytest.approx(1, abs=1e-5)
    for hit in hits:
        (back,) = await vectors.nearest("talent", [hit.point.vector], model="m1", statuses=everybody, limit=COUNT)
        assert {h.point.id: h.similarity for h in back}["t-7"] == hit.similarity, "the same from either end, to the bit"


def resumes() -> dict[str, list[Point]]:
    """Everybody's resume: parts of the same facts, with vectors and words of their own."""
    rng = random.Random(9)
    found = {}
    for person in people():
        texts = [" ".join(rng.choices(WORDS, k=rng.randint(1, 4))) for _ in range(rng.randint(1, 9))]
        found[person.id] = [
            Point(person.id, {**person.payload, "text": text}, unit(rng), weighed(text, 1 + rng.random()))
            for text in texts
        ]
    return found


def weighed(text: str, factor: float) -> SparseVector:
    words = document_vector(text)
    return SparseVector(words.indices, [value * factor for value in words.values])


@pytest.fixture
async def shelf(client: AsyncQdrantClient, suffix: str) -> ResumeStore:
    shelf = ResumeStore(client, suffix)
    await shelf.prepare(SIZE)
    await shelf.replace(resumes(), {})
    return shelf


def only(model: str) -> q.Filter:
    return q.Filter(must=[q.FieldCondition(key="model", match=q.MatchValue(value=model))])


def dots(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.usefixtures("shelf")
async def test_resumes_are_found_by_their_best_part(client: AsyncQdrantClient, suffix: str) -> None:
    store, query = SearchStore(client, suffix), asked("python 护士")
    pool = {i: parts for i, parts in resumes().items() if parts[0].payload["model"] == "m1"}
    best = {i: max(range(len(parts)), key=lambda n: dots(parts[n].vector, query.dense)) for i, parts in pool.items()}
    nearest = sorted(pool, key=lambda i: -dots(pool[i][best[i]].vector, query.dense))
    page = await store.search("resume", query, Criteria(), mode="semantic", limit=COUNT)
    assert [h.id for h in page.hits] == nearest
    assert [h.payload["part"] for h in page.hits] == [best[i] for i in nearest]
    assert page.admitted == len(pool), "resumes are counted, not parts"

    worded = await store.search("resume", query, Criteria(), mode="keyword", limit=COUNT)
    assert {h.id for h in worded.hits} == {
        i for i, parts in pool.items() if any(w in p.payload["text"] for p in parts for w in ("python", "护士"))
    }
    fused = await client.query_points(
        f"resumes{suffix}",
        fusion(),
        prefetch=prefetches(query.dense, q.SparseVector(**query.words._asdict()), only("m1"), 1000),
        limit=1000,
    )
    first: dict[str, Any] = {}
    for point in fused.points:
        first.setdefault((point.payload or {})["id"], point.payload)
    hybrid = await store.search("resume", query, Criteria(), limit=COUNT)
    assert {h.id: h.payload for h in hybrid.hits} == first
    for mode in ("semantic", "keyword"):
        whole = await store.search("resume", query, Criteria(), mode=mode, limit=30)
        pages = [await store.search("resume", query, Criteria(), mode=mode, limit=10, offset=o) for o in (0, 10, 20)]
        assert [h.id for h in whole.hits] == [h.id for part in pages for h in part.hits]
    with pytest.raises(ValueError):
        await store.search("resume", query, Criteria(), limit=10, offset=MAX_RESUMES)


@pytest.mark.usefixtures("shelf")
async def test_resumes_are_filtered_and_counted_by_the_facts(client: AsyncQdrantClient, suffix: str) -> None:
    store, criteria = SearchStore(client, suffix), Criteria(years=(3, None), statuses=("active",))
    wanted = {p.id for p in people() if p.payload["model"] == "m1" and admitted(criteria, dict(p.payload))}
    page = await store.search("resume", asked("python"), criteria, mode="semantic", limit=COUNT)
    assert {h.id for h in page.hits} == wanted
    held = [s for p in people() if p.id in wanted for s in p.payload["skills"]]
    assert dict(await store.facet("resume", "skill", criteria, "m1")) == {s: held.count(s) for s in set(held)}


async def test_a_replaced_resume_leaves_nothing_and_is_like_its_parts(
    client: AsyncQdrantClient, suffix: str, shelf: ResumeStore
) -> None:
    store = SearchStore(client, suffix)
    long = next(i for i, parts in resumes().items() if len(parts) == 9)
    twin = resumes()[long][:2]
    await shelf.replace({"twin": [Point("twin", {**p.payload, "id": "twin"}, p.vector, p.words) for p in twin]}, {})
    await shelf.replace({long: twin}, await shelf.get([long, "nobody"]))
    assert await shelf.count(long) == 2
    assert [p.payload["text"] for p in (await shelf.get([long]))[long]] == [p.payload["text"] for p in twin]
    query = await store.like("resume", long)
    assert query is not None
    similar = await store.search("resume", query, Criteria(), mode="semantic", limit=1, exclude=[long])
    assert [h.id for h in similar.hits] == ["twin"]
    sums = {i: sum(p.words.values[p.words.indices.index(i)] for p in twin if i in p.words.indices) for i in
            {i for p in twin for i in p.words.indices}}  # fmt: skip
    assert dict(zip(*query.words, strict=True)) == pytest.approx(sums, abs=1e-4)
    await shelf.delete(long)
    assert (await shelf.count(long), await store.like("resume", long)) == (0, None)


async def test_a_collection_of_an_earlier_version_gets_its_words(client: AsyncQdrantClient, suffix: str) -> None:
    name = f"talents{suffix}"
    await client.create_collection(name, vectors_config=q.VectorParams(size=SIZE, distance=q.Distance.COSINE))
    old = people()[:5]
    await client.upsert(name, [q.PointStruct(id=point_id(p.id), vector=p.vector, payload=dict(p.payload)) for p in old])
    vectors = VectorStore(client, suffix)
    await vectors.prepare(SIZE)
    await vectors.prepare(SIZE)
    assert (await vectors.get("talent", ["t-1"]))["t-1"].words is None
    await vectors.upsert("talent", people())
    query = asked(str(people()[1].payload["text"]))
    page = await SearchStore(client, suffix).search("talent", query, Criteria(), mode="keyword", limit=COUNT)
    assert "t-1" in {h.id for h in page.hits}
    assert set(vector_index.PAYLOAD_INDEXES) <= set((await client.get_collection(name)).payload_schema)


async def test_a_backup_restored_answers_alike(
    client: AsyncQdrantClient, store: SearchStore, filled: str, suffix: str, tmp_path: Path
) -> None:
    name, path, again = f"talents{filled}", tmp_path / "talents.parquet", f"talents{suffix}"
    seen: list[tuple[int, int]] = []
    assert await backup(client, name, path, lambda *p: seen.append(p)) == COUNT
    assert seen[-1] == (COUNT, COUNT)
    assert [p.name for p in tmp_path.iterdir()] == ["talents.parquet"]
    with pytest.raises(BackupError, match="has points"):
        await restore(client, path, None, lambda *p: None)
    assert await restore(client, path, again, lambda *p: None) == (again, COUNT)
    for mode in ("semantic", "keyword"):
        query = asked("python 会计")
        there = await SearchStore(client, suffix).search("talent", query, Criteria(), mode=mode, limit=50)
        here = await store.search("talent", query, Criteria(), mode=mode, limit=50)
        assert [(h.id, h.payload) for h in there.hits] == [(h.id, h.payload) for h in here.hits]
    (tmp_path / "no.parquet").write_bytes(b"no parquet")
    with pytest.raises(BackupError, match="no backup"):
        await restore(client, tmp_path / "no.parquet", None, lambda *p: None)


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect", "ignore:Local mode performs exact")
async def test_words_and_fusion_are_scored_as_the_oracle_does(client: AsyncQdrantClient, suffix: str) -> None:
    oracle = AsyncQdrantClient(":memory:")
    name = f"plain{suffix}"
    for each in (client, oracle):
        await each.create_collection(
            name,
            vectors_config=q.VectorParams(size=SIZE, distance=q.Distance.COSINE),
            sparse_vectors_config={"bm25": q.SparseVectorParams(modifier=q.Modifier.IDF)},
        )
        batch = q.Batch(
            ids=[point_id(p.id) for p in people()],
            vectors={
                "": [p.vector for p in people()],
                "bm25": [q.SparseVector(**p.words._asdict()) for p in people() if p.words],
            },
            payloads=[dict(p.payload) for p in people()],
        )
        await each.upsert(name, batch)
    words = q.SparseVector(**query_vector("护士 figma")._asdict())
    prefetch = [q.Prefetch(query=unit(random.Random(3)), limit=20), q.Prefetch(query=words, using="bm25", limit=20)]
    asks: list[dict[str, Any]] = [
        {"query": words, "using": "bm25", "limit": 40},
        {"query": q.FusionQuery(fusion=q.Fusion.RRF), "prefetch": prefetch, "limit": 40},
        {"query": q.FusionQuery(fusion=q.Fusion.DBSF), "prefetch": prefetch, "limit": 40},
        {"query": q.RrfQuery(rrf=q.Rrf(k=60)), "prefetch": prefetch, "limit": 40},
        {"query": point_id("t-4"), "using": "bm25", "limit": 10},
    ]
    for ask in asks:
        ours = (await client.query_points(name, **ask)).points
        theirs = (await oracle.query_points(name, **ask)).points
        assert [p.score for p in ours] == pytest.approx([p.score for p in theirs], abs=1e-4), ask
    stored: list[Any] = []
    for each in (client, oracle):
        (record,) = await each.retrieve(name, [point_id("t-4")], with_vectors=["bm25"])
        stored.append(record.vector)
    ours_v, theirs_v = (vector["bm25"] for vector in stored)
    assert ours_v.indices == theirs_v.indices
    assert ours_v.values == pytest.approx(theirs_v.values)


async def test_tuning_rebuilds_beside_and_keeps_answering(client: AsyncQdrantClient, suffix: str) -> None:
    name = f"talents{suffix}"
    vectors, store = VectorStore(client, suffix), SearchStore(client, suffix)
    await vectors.prepare(SIZE)
    await vectors.upsert("talent", people())
    before = await store.search("talent", asked("kafka"), Criteria(), mode="semantic")
    await client.update_collection(
        name, hnsw_config=q.HnswConfigDiff(m=8), quantization_config=q.Disabled.DISABLED,
        vectors_config={"": q.VectorParamsDiff(on_disk=False)},
    )  # fmt: skip
    green = 0
    while green < 2:
        await asyncio.sleep(0.2)
        green = green + 1 if (await client.get_collection(name)).status == q.CollectionStatus.GREEN else 0
        now = await store.search("talent", asked("kafka"), Criteria(), mode="semantic")
        assert [h.id for h in now.hits] == [h.id for h in before.hits]
    info = await client.get_collection(name)
    assert info.config.hnsw_config.m == 8
    assert info.config.quantization_config is None
    assert isinstance(info.config.params.vectors, q.VectorParams)
    assert info.config.params.vectors.on_disk is False


async def test_what_is_not_served_is_refused(client: AsyncQdrantClient, filled: str) -> None:
    name = f"talents{filled}"
    good = unit(random.Random(1))
    wrong: list[Any] = [
        client.query_points(name, query=good, using="nothing"),
        client.query_points(name, query=q.SparseVector(indices=[1, 1], values=[1.0, 1.0]), using="bm25"),
        client.upsert(name, [q.PointStruct(id=1, vector={"": good, "other": good})]),
        client.facet(name, "text"),
    ]
    for call in wrong:
        with pytest.raises(UnexpectedResponse) as refused:
            await call
        assert refused.value.status_code in (400, 422)
