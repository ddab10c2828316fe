"""Decisions are numbered, dated, and of one form; the index has each of them."""

import re
from datetime import date
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "decisions"
FILES = sorted(file for file in FOLDER.glob("*.md") if file.name != "README.md")


def head(file: Path) -> tuple[str, str, str, str]:
    """Return number, title, date and status."""
    found = re.match(
        r"# (\d+)\. (.+)\n\n(\d{4}-\d\d-\d\d) · (accepted|superseded by \[\d+\]\(\d{4}-[\w-]+\.md\))\n",
        file.read_text("utf-8"),
    )
    assert found, "the first lines are `# NUMBER. TITLE` and `DATE · accepted`"
    number, title, day, status = found.groups()
    return number, title, day, status


def test_numbers_have_no_gap() -> None:
    assert [int(head(file)[0]) for file in FILES] == list(range(1, len(FILES) + 1))
    assert len(FILES) >= 28


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_decision_has_its_form(file: Path) -> None:
    number, _, day, _ = head(file)
    assert file.name.startswith(f"{int(number):04}-")
    assert date.fromisoformat(day)
    parts = re.split(r"^## (.+)$", file.read_text("utf-8"), flags=re.MULTILINE)
    assert parts[1::2] == ["Context", "Decision", "Consequences"]
    assert all(part.strip() for part in parts[2::2])


def test_the_index_has_every_decision_in_order() -> None:
    rows = re.findall(r"^\| (\d+) \| \[(.+)\]\((.+\.md)\) \| (.+) \|$", (FOLDER / "README.md").read_text("utf-8"), re.M)
    assert rows == [(*head(file)[:2], file.name, head(file)[2]) for file in FILES]


def test_dates_do_not_go_back() -> None:
    days = [head(file)[2] for file in FILES]
    assert days == sorted(days)
