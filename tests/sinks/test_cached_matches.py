"""Matching with what it keeps and without gives the same bytes, whatever happens to the other side's points.

On the embedded server, or on the Qdrant at LOOMA_TEST_QDRANT_URL.
"""

import asyncio
import os
import random
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from qdrant_client import AsyncQdrantClient
from qdrant_client import models as q

from ops.benchmarks.search import own_server
from processors.matching.filters import OPEN_STATUSES
from processors.matching.ranking import Limits, best_matches
from processors.matching.reading.record import job_profile, talent_profile
from schemas.settings import QdrantSettings
from sinks.qdrant import Hit, Point, VectorStore, connect, point_id
from streams.pair_scores import PairScores

pytestmark = pytest.mark.slow

SIZE = 8
TITLES = ("Data Engineer", "护士", "Welder")
SKILLS = ("Java", "Kafka", "护理", "Welding")
LIMITS = Limits(candidates=4, results=3, threshold=0)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    if given_url := os.environ.get("LOOMA_TEST_QDRANT_URL"):
        yield given_url
        return
    pytest.importorskip("qdrant_edge")
    with asyncio.Runner() as runner:
        server = own_server()
        yield runner.run(server.__aenter__())[0]
        runner.run(server.__aexit__(None, None, None))


def job(number: int, content: int, revision: int) -> Point:
    """Some contents differ in one thing alone; embedded again, a text has nearly the vector that it had."""
    rng = random.Random(content // 3)
    vector = [rng.gauss(0, 1) + 0.01 * (revision % 2) for _ in range(SIZE)]
    fields = {"title": rng.choice(TITLES), "skills": [{"name": n} for n in rng.sample(SKILLS, 2)]}
    fields |= {"locations": ["Beijing"]} if content % 3 == 1 else {"status": "closed"} if content % 3 == 2 else {}
    payload = job_profile(f"j{number}", revision, fields).to_payload()
    norm = sum(x * x for x in vector) ** 0.5
    stamps = {"model": "m", "text_hash": str(content // 3), "updated": revision}
    return Point(f"j{number}", payload | stamps, [x / norm for x in vector])


def talents() -> list[Point]:
    found = []
    for number, language in enumerate(("zh", "en")):
        fields = {"title": TITLES[number], "skills": [{"name": n} for n in SKILLS[:2]], "locations": ["北京"]}
        payload = talent_profile(f"t{number}", 1, {**fields, "language": language}).to_payload()
        found.append(Point(f"t{number}", payload | {"model": "m"}, [1.0] + [0.0] * (SIZE - 1)))
    return found


numbers, contents = st.integers(0, 5), st.integers(0, 8)
steps = st.one_of(
    st.tuples(st.just("put"), numbers, contents),
    st.tuples(st.just("touch"), numbers, st.just(0)),
    st.tuples(st.just("tamper"), numbers, contents),
    st.tuples(st.just("delete"), numbers, st.just(0)),
    st.tuples(st.just("drop"), st.just(0), st.just(0)),
)


async def results(store: VectorStore, scores: PairScores | None) -> list[str]:
    people = talents()
    found = await store.nearest(
        "job", [p.vector for p in people], model="m", statuses=OPEN_STATUSES["job"], limit=LIMITS.candidates
    )
    matches = []
    for person, near in zip(people, found, strict=True):
        matches += best_matches("talent", person.candidate, [h.near for h in near], LIMITS, (), scores)
        for partner, similarity in near:  # and as the job's own request tells it, in its language
            matches += best_matches("job", partner.candidate, [Hit(person, similarity).near], LIMITS, (), scores)
    return [scored.match().model_dump_json() for scored in matches]


async def play(url: str, history: list[tuple[str, int, int]]) -> tuple[int, int]:
    client = connect(QdrantSettings(url=url, timeout_seconds=20))
    suffix = f"-{uuid.uuid4().hex[:8]}"
    writer = VectorStore(client, suffix)  # another process
    kept, bare, scores = VectorStore(client, suffix), VectorStore(client, suffix, keep=0), PairScores(20, 5)
    state: dict[int, tuple[int, int]] = {}
    try:
        await create(client, suffix)
        for revision, (what, number, content) in enumerate(history, 1):
            if what == "touch" and number in state:
                content = state[number][0]
            if what in ("put", "touch"):
                state[number] = content, revision
                await writer.upsert("job", [job(number, content, revision)])
            elif what == "tamper":  # somebody writes past us: same revision, another value
                if number in state:
                    change, name = {"years": content}, point_id(f"j{number}")
                    await client.set_payload(writer.collections["job"], change, [name], wait=True)
            elif what == "delete":
                await writer.delete("job", [f"j{number}"])
                state.pop(number, None)
            else:
                await client.delete_collection(writer.collections["job"])
                await create(client, suffix)
                state.clear()
            assert await results(kept, scores) == await results(bare, None)
        before = kept.kept.misses, scores.scores.misses
        again = await results(kept, scores)
        assert again == await results(bare, None)
        assert (kept.kept.misses, scores.scores.misses) == before, "nothing changed, nothing was read or scored"
        return kept.kept.hits, scores.explanations.hits
    finally:
        await client.delete_collection(writer.collections["job"])
        await client.close()


async def create(client: AsyncQdrantClient, suffix: str) -> None:
    vectors = q.VectorParams(size=SIZE, distance=q.Distance.COSINE)  # without payload indexes, which take seconds
    await client.create_collection(VectorStore(client, suffix).collections["job"], vectors_config=vectors)


@settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example([("put", 0, 0), ("tamper", 0, 5)])
@example([("put", 0, 0), ("put", 0, 1), ("put", 0, 2), ("put", 0, 0)])
@example([("put", 0, 0), ("drop", 0, 0), ("put", 0, 1)])
@given(st.lists(steps, min_size=3, max_size=12))
@pytest.mark.slow
def test_results_are_the_same_to_the_byte_under_any_history(url: str, history: list[tuple[str, int, int]]) -> None:
    asyncio.run(play(url, history))


def test_a_touch_reads_the_point_again_and_scores_nothing(url: str) -> None:
    history = [("put", n, 3 * n) for n in range(2)] + [("touch", 1, 0)] * 4
    points, explanations = asyncio.run(play(url, history))
    assert points > 0
    assert explanations >= 2 * 2 * 2, "of two talents with two jobs, after each touch that gives the same vector"


def test_a_forgotten_person_leaves_what_is_kept(url: str) -> None:
    """Deleted by this process at once; by another one when she has not been asked for during the time kept."""

    async def run() -> None:
        client = connect(QdrantSettings(url=url, timeout_seconds=20))
        suffix = f"-{uuid.uuid4().hex[:8]}"
        kept, scores, now = VectorStore(client, suffix), PairScores(), [0.0]
        caches = (kept.kept, scores.scores, scores.explanations)
        for cache in caches:
            cache.clock = lambda: now[0]
        try:
            await create(client, suffix)
            await kept.upsert("job", [job(n, 0, 1) for n in range(2)])
            assert len(await results(kept, scores)) == 8
            await kept.delete("job", ["j0"])
            assert len(kept.kept) == 1
            await VectorStore(client, suffix).delete("job", ["j1"])
            assert await results(kept, scores) == []
            assert all(len(cache) for cache in caches)
            now[0] = 601
            for cache in caches:
                cache.expire()
            assert not any(len(cache) for cache in caches)
        finally:
            await client.delete_collection(kept.collections["job"])
            await client.close()

    asyncio.run(run())
