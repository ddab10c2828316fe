"""Relations are typed, validated and walked in both directions."""

from datetime import date

import pytest
from pydantic import ValidationError

from schemas.relations import Node, Relation, neighbours

TALENT, COMPANY, SKILL = (
    Node(kind="talent", id="t-1"),
    Node(kind="company", id="c-1"),
    Node(kind="skill", id="数据分析"),
)
WORKED = Relation(type="worked_at", source=TALENT, target=COMPANY, since=date(2020, 1, 1))
KNOWS = Relation(type="has_skill", source=TALENT, target=SKILL)


def test_relations_are_walked_from_either_end() -> None:
    assert list(neighbours([WORKED, KNOWS], TALENT)) == [("worked_at", COMPANY), ("has_skill", SKILL)]
    assert list(neighbours([WORKED, KNOWS], COMPANY)) == [("worked_at", TALENT)]


def test_ends_must_fit_the_type() -> None:
    with pytest.raises(ValidationError, match="worked_at goes talent -> company"):
        Relation(type="worked_at", source=COMPANY, target=TALENT)


def test_a_period_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValidationError, match="until lies before since"):
        Relation(type="worked_at", source=TALENT, target=COMPANY, since=date(2021, 1, 1), until=date(2020, 1, 1))
