"""The labelled queries of the search floor, and what is counted of their answers."""

import pytest

from ops.evaluation.search_floor import TUNING, Answer, figures, labelled_queries


def test_both_halves_have_queries_with_and_without_an_answer() -> None:
    rows = labelled_queries()
    assert len({row["query"] for row in rows}) == len(rows)
    for tuning in (True, False):
        half = [row for row in rows if (row["kind"] in TUNING) is tuning]
        able = [row for row in half if row["roles"] or row["skills"]]
        assert len(able) >= 40
        assert len(half) - len(able) >= 20


def answer(*, grades=(), hits=(), near=(), bare=()) -> Answer:
    return Answer("kind", "query", grades, hits, [0.5] * len(hits), near, bare)


def test_silence_is_right_where_nobody_answers() -> None:
    found = figures(
        [
            answer(grades=[0, 0], bare=[0]),  # rightly nothing
            answer(grades=[0, 0], near=[1]),  # something near, no hit
            answer(grades=[2, 0], bare=[0, 1]),  # wrongly nothing
            answer(grades=[2, 1], hits=[0], near=[1], bare=[0, 1]),
        ]
    )
    assert (found["answerable"], found["unanswerable"]) == (2, 2)
    assert found["no hit"] == {"precision": pytest.approx(2 / 3, abs=1e-4), "recall": 1.0}
    assert found["nothing at all"] == {"precision": 0.5, "recall": 0.5}
    assert found["kept as hits"] == pytest.approx((0 + 1 / 2) / 2)
    assert found["kept"] == pytest.approx((0 + 1) / 2)
    assert (found["probability"], found["relevant"]) == (0.5, 1.0)
    assert found["ndcg10"] < found["ndcg10 without a floor"]


def test_nothing_is_counted_of_nothing() -> None:
    assert figures([])["no hit"] == {"precision": None, "recall": None}
