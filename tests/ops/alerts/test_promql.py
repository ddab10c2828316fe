"""PromQL as Prometheus has it: its own tests, as they are, as far as they ask for what rules need."""

from pathlib import Path

import pytest

from ops.alerts.history import EVERYTHING, History, labels_of
from ops.alerts.promql import QueryError, evaluate, parsed
from tests.support.promql_scripts import Asked, alike, questions

SCRIPTS = Path(__file__).parent / "prometheus"


def answered(asked: Asked) -> str | None:
    """Return what is wrong with our answer, None if nothing is. Raises QueryError for what is not supported."""
    tree = parsed(asked.query)
    expected = asked.answers()
    results = [evaluate(tree, asked.history, at) for at in asked.times]
    if isinstance(expected, list):
        (result,) = results
        return None if isinstance(result, float) and alike(result, expected[0]) else f"{result}, not {expected[0]}"
    vectors = [{frozenset(): r} if isinstance(r, float) else r for r in results]
    for labels in {*expected, *(labels for vector in vectors for labels in vector)}:
        got = [vector.get(labels) for vector in vectors]
        right = [*expected.get(labels, []), *[None] * len(got)][: len(got)]
        if not all(map(alike, got, right)):
            return f"{dict(labels)}: {got}, not {right}"
    return None


RIGHT = {
    "aggregators.test": 57,
    "collision.test": 1,
    "functions.test": 133,
    "histograms.test": 55,
    "operators.test": 133,
    "range_queries.test": 8,
    "selectors.test": 28,
    "staleness.test": 17,
}
"""How many questions of each script we answer; the others ask for what rules do not need, and are refused."""
BETTER = "avg_over_time(metric11[1m])"
"""Ours is the sum that the script itself calls correct, and that Prometheus does not reach."""


@pytest.mark.parametrize("script", sorted(path.name for path in SCRIPTS.glob("*.test")))
def test_prometheus_own_tests_pass_as_far_as_they_go(script: str) -> None:
    right, wrong = 0, []
    for asked in questions((SCRIPTS / script).read_text("utf-8")):
        if asked.is_to_fail or asked.query == BETTER or asked.is_of_native_histograms:
            continue
        try:
            reason = answered(asked)
        except QueryError as error:
            reason = str(error)
            if "is not supported" in reason or "is no PromQL" in reason:
                continue
        right += reason is None
        if reason:
            wrong.append(f"{asked.line}: {asked.query}: {reason}")
    assert not wrong, "\n".join(wrong)
    assert right == RIGHT[script]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("topk(3, x)", "topk is not supported"),
        ("quantile_over_time(0.9, x[5m])", r"quantile_over_time\(\) is not supported"),
        ("max_over_time(x[1h:5m])", "subquery"),
        ("x @ 100", "@ is not supported"),
        ("x{a=~'(?i)b(?i)'}", "regular expression"),
        ("sum by (", "no PromQL"),
        ("rate(x)", "no PromQL"),
    ],
)
def test_what_is_not_supported_is_refused_before_it_is_evaluated(query: str, why: str) -> None:
    with pytest.raises(QueryError, match=why):
        parsed(query)


def test_one_side_of_a_match_must_be_one() -> None:
    history = History()
    for series in ({"__name__": "x", "a": "1"}, {"__name__": "x", "a": "2"}, {"__name__": "y"}):
        history.add(labels_of(series), 0, 1)
    for query in ("y * on () x", "x * on () y", "x == on () y"):
        with pytest.raises(QueryError, match="several series match one"):
            evaluate(parsed(query), history, 0)
    assert len(evaluate(parsed("x * on () group_left () y"), history, 0)) == 2  # type: ignore[arg-type]


def test_what_is_too_old_goes_and_there_is_a_bound_to_series(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.alerts.history.MAX_SERIES", 3)
    history = History([(EVERYTHING, 60)])
    for number in range(5):
        history.add(labels_of({"__name__": "x", "n": str(number)}), 0, 1)
    assert len(evaluate(parsed("x"), history, 0)) == 3  # type: ignore[arg-type]
    history.prune(61)
    history.add(labels_of({"__name__": "x", "n": "9"}), 61, 1)
    assert evaluate(parsed("x offset -1m"), history, 1) == {labels_of({"__name__": "x", "n": "9"}): 1}
