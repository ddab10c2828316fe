"""A refusal says where and by which rule; of what a stranger wrote it repeats nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.entities import Talent
from schemas.errors import MAX_DETAIL, BadMessageError
from schemas.feedback import MatchFeedback
from schemas.messages import Match
from schemas.problems import names, refusal


def refused(data: Any, model: Any = Talent) -> BadMessageError:
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(data if isinstance(data, bytes) else json.dumps(data).encode())
    return refusal(model, caught.value)


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        ({"titel": "x"}, "data: unknown field, perhaps title"),
        ({"Skills": []}, "data: unknown field, perhaps skills"),
        ({"13800138000": 1}, "data: unknown field"),
        ({"skills": [{"name": "a", "yeers": 1}]}, "skills.0: unknown field, perhaps years"),
        (
            {"skills": [{"name": "a"}, {"name": "b", "level": "god"}]},
            "skills.1.level is one of beginner, intermediate, advanced, expert",
        ),
        ([], "data: model_type"),
        ({"salary_expected": {"period": "shift"}}, "salary_expected.period is one of hour, day, week, month, year"),
        ({"salary_expected": {"minimum": -1}}, "salary_expected.minimum is at least 0"),
        ({"salary_expected": {"currency": "€"}}, "salary_expected.currency is of the form ^[A-Z]{3}$"),
        ({"name": ""}, "name has at least 1 characters"),
        ({"phones": ["1"] * 21}, "phones has at most 20 values"),
        ({"employments": [{"start": "2019-03-01"}]}, "employments.0: company_or_title_missing"),
    ],
)
def test_the_place_and_the_rule_are_named(data: Any, detail: str) -> None:
    error = refused(data)
    assert (error.code, error.detail) == ("invalid_data", detail)


def test_a_part_that_is_no_model_of_its_own_is_told_alike() -> None:
    known = {"talent_id": "t", "job_id": "j", "talent_revision": 1, "job_revision": 1, "status": "active", "score": 1}
    known |= {"language": "en", "model": "m"}
    feature = {"name": "skills", "score": 2, "weight": 1, "contribution": 1, "raeson": "", "13800138000": 1}
    assert refused({**known, "features": [feature]}, Match).detail.split("; ") == [
        "features.0.score is at most 1",
        "features.0.reason: missing",
        "features.0: unknown field, perhaps reason",
        "features.0: unknown field",
    ]


def test_many_problems_are_counted() -> None:
    error = refused({f"secret-{n}": n for n in range(40)})
    assert error.detail == "; ".join(["data: unknown field"] * 5) + "; and 35 more"


def test_what_is_no_json_is_said_to_be_none() -> None:
    assert refused(b'{"name": tru').code == "invalid_json"


@given(st.dictionaries(st.text(min_size=1), st.integers() | st.text() | st.lists(st.text()), min_size=1))
def test_no_name_and_no_value_of_the_data_is_repeated(data: dict[str, Any]) -> None:
    if unknown := {n: v for n, v in data.items() if n not in names(MatchFeedback)}:
        error = refused(unknown, MatchFeedback)
        told = error.detail
        for ours in (
            *sorted(names(MatchFeedback), key=len, reverse=True),
            "unknown field",
            "missing",
            "perhaps",
            "data",
        ):
            told = told.replace(ours, "")
        assert set(told) <= set(":;, and more0123456789")


def test_a_detail_is_bounded_and_fits_a_header() -> None:
    error = BadMessageError("invalid_data", "长" * 10_000)
    assert error.detail == "长" * MAX_DETAIL
    assert len(error.detail.encode()) < 4096
