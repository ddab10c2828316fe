"""The glossary has every term in both languages, and the names it gives are those of the code."""

import re
from pathlib import Path

import click
import pytest

from ops.cli import main

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "processors", "sinks", "streams", "connectors", "ops")
HAN = re.compile(r"[\u4e00-\u9fff]")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| term |")
]
NAMES = sorted({name for row in ROWS for cell in row for name in re.findall(r"`([^`]+)`", cell)})
SOURCE = "\n".join(
    f"{file.name}\n{file.read_text('utf-8')}"
    for package in PACKAGES
    for ending in ("py", "toml")
    for file in ROOT.glob(f"{package}/**/*.{ending}")
)


def is_in_code(name: str) -> bool:
    """Whether the code has a name: a command, or a word of the source."""
    if name.startswith("looma "):
        found: click.Command | None = main
        with click.Context(main) as context:
            for word in name.split()[1:]:
                found = found.get_command(context, word) if isinstance(found, click.Group) else None
        return found is not None
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", SOURCE) is not None


def test_there_are_terms() -> None:
    assert len(ROWS) >= 40
    assert len(NAMES) >= 40


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_term_is_there_in_both_languages(row: list[str]) -> None:
    term, chinese, meaning, chinese_meaning = row
    assert not HAN.search(term + meaning)
    assert HAN.search(chinese)
    assert HAN.search(chinese_meaning)
    assert meaning.endswith(".")
    assert chinese_meaning.endswith("。")
    named, named_in_chinese = (set(re.findall(r"`([^`]+)`", text)) for text in (meaning, chinese_meaning))
    assert named == named_in_chinese, "both languages give the same names"


@pytest.mark.parametrize("column", [0, 1])
def test_no_word_stands_for_two_things(column: int) -> None:
    words = [row[column] for row in ROWS]
    assert sorted(set(words)) == sorted(words)


@pytest.mark.parametrize("name", NAMES)
def test_names_are_those_of_the_code(name: str) -> None:
    assert is_in_code(name)


@pytest.mark.parametrize("name", ["golden_person", "match-answers", "looma dlq mend", "looma sync verify all", "appli"])
def test_a_name_that_the_code_has_not_is_found(name: str) -> None:
    assert not is_in_code(name)
