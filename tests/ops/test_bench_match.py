"""The matching benchmark, small: it takes the stage's own path."""

import asyncio

import pytest

from ops import bench_match
from ops.bench_vectors import VectorSource
from streams.matching import MatchLimits
from tests.ops.test_bench_search import Hashing


def test_matching_is_timed_on_the_path_of_the_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("TALENTS", 10), ("JOBS", 20), ("TIMED", 20)):
        monkeypatch.setattr(bench_match, name, value)
    source, said = VectorSource(Hashing(), records=60, queries=10), []
    figures = asyncio.run(bench_match.bench_match(300, source, Hashing(), said.append, MatchLimits(threshold=0)))
    assert (figures["jobs"], figures["candidates"], figures["talents"]) == (300, 30, 20)
    assert 5 < figures["explained"] <= 10
    assert figures["latency_ms"]["p99"] >= figures["latency_ms"]["p50"] >= figures["ranking_ms"]["p50"] > 0
    assert said[-1] == "matching"
