"""What the pages on security rest on is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATES = {"met", "partly", "yours", "not", "none"}
OF_LEVELS_1_AND_2 = {
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5,
    "14.1": 2, "14.2": 4, "14.3": 3,
    "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3,
}  # fmt: skip
"""How many requirements each section of ASVS 5.0.0 has, in the chapters that the page goes through; they are the first ones."""


@pytest.mark.parametrize("page", ["asvs.md", "threats.md"])
def test_each_test_that_a_page_names_exists(page: str) -> None:
    named = set(re.findall(r"`(tests/[\w/.]+)`", (ROOT / "docs" / "guides" / page).read_text("utf-8")))
    assert len(named) > 10
    assert not {path for path in named if not (ROOT / path).exists()}


def test_each_requirement_has_a_state_and_what_is_met_says_how() -> None:
    lines = (ROOT / "docs" / "guides" / "asvs.md").read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| \d", line)]
    numbers = [each for number, *_ in rows for each in spread(number)]
    assert sorted(numbers) == sorted(
        f"{section}.{n}" for section, count in OF_LEVELS_1_AND_2.items() for n in range(1, count + 1)
    )
    for number, _, state, how, _ in rows:
        assert state in STATES, number
        assert how or state not in ("met", "partly"), number


def spread(number: str) -> list[str]:
    """Return the requirements that a row is about: `6.5.1–5` are five."""
    section, _, own = number.rpartition(".")
    first, _, last = own.partition("–")
    return [f"{section}.{n}" for n in range(int(first), int(last or first) + 1)]
