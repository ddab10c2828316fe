"""What a complete trace is."""

import pytest

from ops.local.demo import Summary, judge
from ops.runtime.traces import SpanRecord, missing_hops, percentiles, tree
from schemas import semconv


def span(name: str, outcome: str | None = None, span_id: str = "", parent: str = "", start: int = 0) -> SpanRecord:
    attributes = {semconv.OUTCOME: outcome} if outcome else {}
    return SpanRecord(
        "t", span_id or name, parent, name, "looma-worker", start, start + 1_000_000, attributes, (), False
    )


APPLIED = [
    span("process talent-events", "applied"),
    span("bulkWrite talents"),
    span("publish talent-records"),
    span("process talent-records", "applied"),
    span("upsert talents"),
    span("publish match-requests"),
    span("process match-requests", "applied"),
]


def test_a_trace_that_reached_every_sink_is_complete() -> None:
    assert missing_hops(APPLIED) == []


@pytest.mark.parametrize("lost", [s.name for s in APPLIED[1:]])
def test_every_hop_is_missed(lost: str) -> None:
    assert lost in missing_hops([s for s in APPLIED if s.name != lost])


def test_what_is_required_depends_on_the_outcome() -> None:
    assert missing_hops([]) == ["process events"]
    assert missing_hops([span("process talent-events", "unchanged")]) == []
    assert missing_hops([span("process job-events", "confirmed")]) == ["bulkWrite jobs"]
    assert missing_hops([span("process job-events", "dead_letter")]) == ["publish dead-letters"]
    assert missing_hops([span("process company-events", "applied"), span("publish company-records")]) == [
        "bulkWrite companies"
    ]
    said = span("process match-feedback", "applied")
    assert missing_hops([said]) == ["bulkWrite match_feedback"]
    assert missing_hops([said, span("bulkWrite match_feedback")]) == []
    assert missing_hops([span("process match-feedback", "dead_letter")]) == ["publish dead-letters"]
    superseded = [*APPLIED[:3], span("process talent-records", "superseded")]
    assert missing_hops(superseded) == []


def test_a_tree_orders_children_and_keeps_orphans() -> None:
    spans = [
        span("b", span_id="2", parent="1", start=2),
        span("a", span_id="1", start=1),
        span("c", parent="9", start=3),
    ]
    assert [(depth, s.name) for depth, s in tree(spans)] == [(0, "a"), (1, "b"), (0, "c")]


def test_percentiles_are_by_nearest_rank() -> None:
    assert percentiles([]) == {"p50": 0.0, "p99": 0.0}
    assert percentiles([float(n) for n in range(1, 101)]) == {"p50": 50.0, "p99": 99.0}


def test_a_run_is_judged_by_its_own_traces() -> None:
    summary = Summary()
    judge(summary, APPLIED, {"t", "u"})
    assert summary.published == 2
    assert summary.traces_complete == 0.5
    assert summary.changed == 1
    assert summary.incomplete == ["u: process events"]
