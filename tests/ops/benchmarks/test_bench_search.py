"""The search benchmark and the relevance set, small."""

import asyncio
from itertools import pairwise

import numpy as np
import pytest

from ops.benchmarks.search import Exact, bench_search
from ops.benchmarks.vectors import CITIES, Chunk, VectorSource, neighbour_pairs, texts
from ops.evaluation.search import METHODS, draw_documents, evaluate, grade, ndcg
from processors.embedding.texts import text_hash


class Hashing:
    """An embedding that knows characters and nothing else."""

    version = "hashing@0"
    dimensions = 48

    def embed(self, texts):
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for a, b in pairwise(text):
                row[int(text_hash(a + b)[:8], 16) % self.dimensions] += 1
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.divide(rows, norms, out=rows, where=norms > 0)


@pytest.fixture(scope="module")
def source() -> VectorSource:
    return VectorSource(Hashing(), records=120, queries=10)


def test_the_base_has_different_texts_of_both_sides() -> None:
    found = texts(100, seed=3)
    assert 80 < len(set(found)) == len(found) <= 100
    assert all(found)
    assert found == texts(100, seed=3)


def test_vectors_are_normal_reproducible_and_bounded_in_number(source: VectorSource) -> None:
    chunks = list(source.chunks(2500, size=1000))
    assert [(c.start, len(c.vectors)) for c in chunks] == [(0, 1000), (1000, 1000), (2000, 500)]
    for chunk, again in zip(chunks, source.chunks(2500, size=1000), strict=True):
        assert np.array_equal(chunk.vectors, again.vectors)
        assert np.linalg.norm(chunk.vectors, axis=1) == pytest.approx(1, abs=1e-5)
        assert chunk.cities.max() < len(CITIES)


def test_neighbours_are_near_and_not_the_same(source: VectorSource) -> None:
    base = Hashing().embed(texts(100, seed=3))
    pairs = neighbour_pairs(base)
    assert len(pairs) == len(base) * 10
    near = np.einsum("ij,ij->i", base[pairs[:, 0]], base[pairs[:, 1]])
    assert near.max() <= 0.9991
    assert near.mean() > (base @ base.T).mean()


def test_the_exact_search_sees_every_chunk() -> None:
    rng = np.random.default_rng(1)
    data = rng.normal(size=(300, 8)).astype(np.float32)
    queries = rng.normal(size=(5, 8)).astype(np.float32)
    exact, some = Exact(queries), Exact(queries)
    for start in range(0, 300, 100):
        part = data[start : start + 100]
        chunk = Chunk(start, part, np.zeros(100, np.int64), np.zeros(100, np.int64), np.zeros(100, np.int64))
        exact.see(chunk)
        some.see(chunk, np.arange(100) < 2)
    truth = np.argsort(-(queries @ data.T), axis=1)[:, :10]
    assert [set(row) for row in exact.ids.tolist()] == [set(row) for row in truth.tolist()]
    assert exact.recall(truth.tolist()) == 1
    assert exact.recall([row[:5] for row in truth.tolist()]) == 0.5
    assert {i % 100 for i in some.ids.ravel().tolist() if i >= 0} == {0, 1}
    assert some.recall([[0, 1, 100, 101, 200, 201]] * 5) == 1


@pytest.mark.slow
def test_the_benchmark_reports_what_it_promises(source: VectorSource, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("qdrant_edge")
    monkeypatch.setattr("ops.benchmarks.search.TIMED", 10)
    said: list[str] = []
    figures = asyncio.run(bench_search(1000, source, said.append, words=True))
    assert figures["vectors"] == 1000
    assert figures["recall_at_10"] > 0.95
    assert figures["recall_at_10_filtered"] > 0.95
    assert figures["latency_ms"].keys() >= {"p50", "p99", "filtered", "keyword", "hybrid"}
    assert figures["resident_mb"] > 20
    assert figures["load_per_s"] > 0
    assert figures["index_s"] > 0
    assert set(figures["queries_per_s"]) == {"1", "4", "16"}
    assert any("searching" in text for text in said)


def test_grades_follow_from_what_a_record_is() -> None:
    pool = draw_documents(200, seed=11)
    nurse = next(d for d in pool if d.role == "重症护士")
    assert grade({"roles": ["重症护士"], "skills": []}, nurse) == 2
    assert grade({"roles": ["重症护士"], "skills": ["Java"]}, nurse) == 1
    assert grade({"roles": ["会计"], "skills": sorted(nurse.skills)[:1]}, nurse) == 1
    assert grade({"roles": [], "skills": sorted(nurse.skills)[:1]}, nurse) == 2
    assert grade({"roles": ["会计"], "skills": []}, nurse) == 0
    assert ndcg([2, 1], [1, 2, 0]) == 1
    assert ndcg([0], [0]) == 0


@pytest.mark.slow
def test_every_method_is_measured_and_words_beat_chance() -> None:
    figures = evaluate(Hashing(), documents=80)
    assert set(METHODS) < set(figures)
    for name in METHODS:
        low, high = figures[name]["interval"]
        assert 0 <= low <= figures[name]["ndcg10"] <= high <= 1
    assert figures["keyword"]["ndcg10"] > 0.5
