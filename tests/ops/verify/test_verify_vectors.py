"""What the calendar changes of a stored vector's payload is no difference; anything else is."""

import copy
from datetime import date
from typing import Any

import pytest

from ops.verify.vectors import _differing, _only_grown
from schemas.records import SourceRecord
from streams.vectors import payload_of

SKILLS = [{"name": "Java", "last_used": "2016-06-01"}, {"name": "Kafka", "last_used": "2025-12-01"}, {"name": "SQL"}]
AT_WORK = [{"company": "甲公司", "title": "工程师", "start": "2020-01-01"}]
STORED = date(2026, 1, 1)


def differs(fields: dict[str, Any], today: date = date(2027, 3, 1), **changes: Any) -> bool:
    """Whether what was stored on one day is reported on another."""
    record = SourceRecord("talent", "t-1", 1, False, fields, {})
    stored, wanted = (payload_of("talent", record, "", "m", today=day).to_dict() for day in (STORED, today))
    stored = copy.deepcopy(stored) | changes
    names = _differing(wanted, stored)
    return bool(names) and not _only_grown(record, names, wanted, stored)


@pytest.mark.parametrize("more", [{}, {"years_experience": 6}, {"employments": AT_WORK}])
def test_skills_that_are_no_longer_used_and_present_positions_grow_older(more: dict[str, Any]) -> None:
    assert not differs({"skills": SKILLS, **more})


@pytest.mark.parametrize(
    "facts",
    [None, [], [["Java", None, None, True, 1]] * 2, [["Java", None, None, True]] * 3, [None] * 3,
     [["Java", 4, None, True, 1], ["Kafka", None, None, True, 0], ["SQL", None, None, True, None]],
     [["Java", None, None, True, 1], ["Kafka", None, None, True, 99], ["SQL", None, None, True, None]],
     [["Java", None, None, True, "1"], ["Kafka", None, None, True, 0], ["SQL", None, None, True, None]],
     [["Java", None, None, True, None], ["Kafka", None, None, True, 0], ["SQL", None, None, True, None]]],
)  # fmt: skip
def test_other_changes_of_skills_are_differences(facts: Any) -> None:
    assert differs({"skills": SKILLS}, skill_facts=facts)


def test_what_was_stored_later_than_today_is_a_difference() -> None:
    assert differs({"skills": SKILLS}, today=date(2025, 6, 1))
    assert differs({"skills": SKILLS}, years=3.0)
