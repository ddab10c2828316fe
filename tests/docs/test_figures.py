"""What a page repeats of another place is what stands there."""

import re
from pathlib import Path

import pytest

from schemas.entities import CATALOGUE

DOCS = Path(__file__).parents[2] / "docs"
HEADLINES = re.findall(
    r"^\| .+ \| (.+) \| \[.+\]\((benchmarks/[\w-]+\.md).*\) \|$", (DOCS / "README.md").read_text("utf-8"), re.MULTILINE
)


def numbers(text: str) -> set[str]:
    """Return the numbers of a text, as they are written."""
    return set(re.findall(r"(?<![\w.,])\d[\d,.]*\d|(?<![\w.,])\d(?![\w.,])", text))


@pytest.mark.parametrize(("said", "page"), HEADLINES, ids=[page for _, page in HEADLINES])
def test_a_headline_has_the_figures_of_its_page(said: str, page: str) -> None:
    assert numbers(said)
    assert numbers(said) <= numbers((DOCS / page).read_text("utf-8"))


def test_there_are_headlines() -> None:
    assert len(HEADLINES) >= 8


def test_a_figure_that_its_page_has_not_is_found() -> None:
    assert numbers("0.997 of 1,000 in 7 ms") - numbers("0.99 of 1,000 in 7.0 ms") == {"0.997", "7"}


def test_the_guide_to_events_has_the_versions_of_today() -> None:
    table = (DOCS / "guides" / "events.md").read_text("utf-8").partition("## Versions")[2].partition("## ")[0]
    versions: dict[str, int] = {}
    for kind, version in re.findall(r"^\| (\w*) ?\| (\d+) \|", table, re.MULTILINE):
        versions[kind or [*versions][-1]] = int(version)
    assert versions == {spec.name: spec.version for spec in CATALOGUE}
