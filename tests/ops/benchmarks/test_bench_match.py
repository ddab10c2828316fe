"""The matching benchmark, small: it takes the stage's own path."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ops.benchmarks import match as bench_match
from ops.benchmarks import match_log as bench_match_log
from ops.benchmarks import match_set
from ops.benchmarks.match_set import MatchSetError
from ops.benchmarks.vectors import VectorSource
from processors.matching.ranking import Limits
from tests.ops.benchmarks.test_bench_search import Hashing

pytestmark = pytest.mark.slow


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> VectorSource:
    for name, value in (("ASKING", 10), ("TIMED", 20)):
        monkeypatch.setattr(bench_match, name, value)
    monkeypatch.setattr(match_set, "DIFFERENT", 20)
    return VectorSource(Hashing(), records=60, queries=10)


@pytest.mark.long
def test_matching_is_timed_on_the_path_of_the_stage(source: VectorSource, tmp_path: Path) -> None:
    said: list[tuple[str, int, int]] = []

    def run(side: Any, count: int) -> dict[str, Any]:
        limits = Limits(threshold=0)
        return asyncio.run(
            bench_match.bench_match(side, count, source, Hashing(), lambda *s: said.append(s), limits, tmp_path)
        )

    figures = run("talent", 300)
    assert (figures["talents"], figures["candidates"], figures["turns"]) == (300, 30, 20)
    for part in (figures["nothing_kept"], figures["kept"]):
        assert 5 < part["explained"] <= 10
        assert part["latency_ms"]["p99"] >= part["latency_ms"]["p50"] >= part["ranking_ms"]["p50"] > 0
    assert {what for what, *_ in said} == {"vectors", "payloads", "index", "matching", "matching, kept"}
    assert ("vectors", 300, 300) in said
    said.clear()
    run("talent", 300)
    assert {what for what, *_ in said} == {"matching", "matching, kept"}, "what was built is taken again"
    mark = tmp_path / "talents-300" / "built.json"
    mark.write_text("{}")
    with pytest.raises(MatchSetError, match="not"):
        run("talent", 300)
    mark.unlink()
    with pytest.raises(MatchSetError, match="neither"):
        run("talent", 300)


def test_a_log_is_in_order_and_has_the_touches_asked_for() -> None:
    for touches in (1, 10):
        log = bench_match_log.draw(touches, 2000)
        assert len(log) == 2000
        assert [e.time for e in log] == sorted(e.time for e in log)
        assert log[-1].time / 2000 == pytest.approx(1 / bench_match_log.PER_SECOND, rel=0.25)
    assert len({(e.side, e.number) for e in log}) < 400


def test_what_is_touched_again_is_served_from_what_is_kept(
    monkeypatch: pytest.MonkeyPatch, source: VectorSource
) -> None:
    for name, value in (("TALENTS", 100), ("JOBS", 50), ("EVENTS", 100), ("CHANGING", 0.0), ("WARM_SECONDS", 10.0)):
        monkeypatch.setattr(bench_match_log, name, value)
    monkeypatch.setattr(bench_match_log, "TOUCHES", (1, 20))
    once, often = bench_match_log.bench_log(source, Hashing(), lambda *_: None, Limits(threshold=0))
    assert 1 >= often["scores"] > once["scores"] > 0
    assert often["points"] > 0
    monkeypatch.setattr(bench_match_log, "CHANGING", 1.0)
    _, changed = bench_match_log.bench_log(source, Hashing(), lambda *_: None, Limits(threshold=0))
    assert changed["scores"] < often["scores"]
