"""Dates of birth and addresses as people write them down."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.resolution.blocking import blocking_keys
from processors.resolution.compare import compare
from processors.resolution.facts import facts
from processors.resolution.homes import birth_level, home, home_level

dates = st.dates().filter(lambda d: d.year >= 1900).map(lambda d: d.isoformat())
partial = st.builds(lambda d, n: d[:n], dates, st.sampled_from((4, 7, 10)))


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("1990-05-17", "1990-05-17", "same"),
        ("1990-05-17", "1990-05", "same_month"),
        ("1990-05", "1990-05", "same_month"),
        ("1990", "1990-05-17", "same_year"),
        ("1990-03-07", "1990-07-03", "slip"),
        ("1990-05-17", "1990-05-71", "slip"),
        ("1990-05-17", "1980-05-17", "slip"),
        ("1990-05-17", "1990-05-30", "part"),
        ("1990-05-17", "1990-11-17", "part"),
        ("1990-05-17", "1974-05-17", "part"),
        ("1990-05-17", "1990-12-03", "other_day"),
        ("1990-05-17", "1988-12-03", "different"),
        ("1990-05-17", "1961-12-03", "generation"),
        ("1990", "1961-12-03", "generation"),
    ],
)
def test_dates_of_birth(left, right, level):
    assert birth_level(left, right) == level


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        (("12 Harbour Road", "PE1 1QX"), ("12, HARBOUR ROAD", "pe11qx"), "same"),
        (("文三路138号", "310012"), ("文三路 138 号", "310012"), "same"),
        (("12 Harbour Road", "PE1 1QX"), ("12 Harbuor Raod", ""), "near"),
        (("12 Harbour Road Mill Cottage", ""), ("12 Harbour Road", ""), "same"),
        (("12 Harbour Road", "PE1 1QX"), ("14 Harbour Road", "PE1 1QX"), "street"),
        (("12 Harbour Road", "4510"), ("3 Mill Lane", "4501"), "postal_code"),
        (("", "4510"), ("", "2600"), "different"),
        (("12 Harbour Road", ""), ("3 Mill Lane", ""), "different"),
        (("12 Harbour Road", ""), ("", "4510"), ""),
    ],
)
def test_addresses(left, right, level):
    one, other = home(*left), home(*right)
    assert one
    assert other
    assert home_level(one, other) == home_level(other, one) == level


@given(partial, partial, st.text(max_size=30), st.text(max_size=30), st.text(max_size=8))
@settings(max_examples=30)
def test_levels_are_symmetric_for_anything(birth, other, street, another, code):
    assert birth_level(birth, other) == birth_level(other, birth)
    assert birth_level(birth, birth).startswith("same")
    left, right = home(street, code), home(another, code)
    if left and right:
        assert home_level(left, right) == home_level(right, left)


def person(name="Molly Bell", **fields):
    return {"name": name, **fields}


SLIPS = [
    (
        person(birth_date="1990-05-17", postal_code="4510"),
        person("Bell Molly", birth_date="1990-05-17", postal_code="4510"),
    ),
    (
        person("Isabella Cooper", birth_date="1987-11-18", emails=["imoore@turner.info"]),
        person("Isabelal Coopr", birth_date="1987-11-18", emails=["imoore@turner.info"]),
    ),
    (
        person("Isabella Cooper", birth_date="1987-11-18", street_address="12 Harbour Road", postal_code="4510"),
        person("Isabella Cooper", birth_date="1987-11-08", street_address="12 Harbour Road"),
    ),
]


@pytest.mark.parametrize(("left", "right"), SLIPS)
def test_a_person_with_slips_is_found_and_is_the_same(left, right):
    assert blocking_keys("talent", left) & blocking_keys("talent", right)
    assert compare(facts("talent", left), facts("talent", right)).decision == "same"


HOME = {"birth_date": "1990-05-17", "street_address": "12 Harbour Road", "postal_code": "4510", "locations": ["Leeds"]}
APART = {
    "twins": (
        person("Molly Bell", emails=["molly.bell@example.com"], **HOME),
        person("Oscar Bell", emails=["oscar90@example.org"], **HOME),
    ),
    "twins with one phone": (
        person("Molly Bell", phones=["13812345678"], **HOME),
        person("Oscar Bell", phones=["13812345678"], **HOME),
    ),
    "Chinese twins": (person("张晓明", **HOME), person("张晓亮", **HOME)),
    "Chinese twins with one phone": (
        person("张晓明", phones=["13812345678"], **HOME),
        person("张晓亮", phones=["13812345678"], **HOME),
    ),
    "namesakes": (person(birth_date="1990-05-17"), person(birth_date="1961-12-03")),
    "mother and daughter of one name": (person(**HOME), person(**{**HOME, "birth_date": "1961-12-03"})),
    "strangers": (person("张伟", birth_date="1990-05-17"), person("李娜", birth_date="1990-05-17")),
}


@pytest.mark.parametrize("kin", APART)
def test_kin_and_namesakes_stay_apart(kin):
    left, right = APART[kin]
    assert compare(facts("talent", left), facts("talent", right)).decision != "same"
