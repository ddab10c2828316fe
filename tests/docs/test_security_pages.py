"""What the pages on security rest on is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATES = {"met", "partly", "yours", "not", "none"}


@pytest.mark.parametrize("page", ["asvs.md", "threats.md"])
def test_each_test_that_a_page_names_exists(page: str) -> None:
    named = set(re.findall(r"`(tests/[\w/.]+)`", (ROOT / "docs" / "guides" / page).read_text("utf-8")))
    assert len(named) > 10
    assert not {path for path in named if not (ROOT / path).exists()}


def test_each_requirement_has_a_state_and_what_is_met_says_how() -> None:
    rows = re.findall(
        r"^\| ([\d.–]+) \| (.+?) \| (.+?) \| (.*?) \| ?(.*?) ?\|$", (ROOT / "docs/guides/asvs.md").read_text(), re.M
    )
    assert len(rows) > 50
    assert len({number for number, *_ in rows}) == len(rows)
    for number, _, state, how, _ in rows:
        assert state in STATES, number
        assert how or state != "partly", number
