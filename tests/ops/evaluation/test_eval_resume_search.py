"""The evaluation of resume search: who is relevant, and that a resume stands where its best part does."""

from typing import Any

import numpy as np
import pytest

from ops.evaluation.resume_search import Resume, Shelf, _profession, grade


def resume(text: str, profession: str) -> Resume:
    return Resume({"resume_text": text}, profession)


@pytest.mark.parametrize(
    ("found", "wanted", "expected"),
    [
        (resume("built a\nchurn model", "data"), ["data"], 2),
        (resume("reports", "data"), ["data"], 1),
        (resume("churn model", "sales"), ["data"], 1),
        (resume("churn model", "sales"), [], 2),
        (resume("reports", "sales"), ["data"], 0),
    ],
)
def test_who_is_of_the_profession_and_says_it_is_most_relevant(found: Resume, wanted: list[str], expected: int) -> None:
    query: dict[str, Any] = {"professions": wanted, "marks": ["a churn model", "churn model"]}
    assert grade(query, found) == expected


def test_a_profession_is_told_by_titles_with_their_rank() -> None:
    assert _profession(["Senior Registered Nurse"]) == "nursing"
    assert _profession(["高级产品经理", "产品助理"]) == "product"
    assert _profession([]) == ""


def test_a_resume_stands_where_its_best_part_does() -> None:
    near, far, middle = np.eye(3, dtype=np.float32)[[0]], np.eye(3, dtype=np.float32)[[1]], np.array([[0.6, 0, 0.8]])
    shelf = Shelf([["会计", "kafka"], ["python"]], [np.concatenate([far, near]), middle])
    answers = shelf.answers("python", near[0])
    assert (answers["semantic"], answers["keyword"]) == ([0, 1], [1])
    assert answers["hybrid"][0] == 1
