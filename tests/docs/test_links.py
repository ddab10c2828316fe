"""Every link in the pages leads somewhere, and so does every page that the code names."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
PACKAGES = ("schemas", "processors", "sinks", "streams", "connectors", "ops", "compose", "examples", "tests")
SOURCES = [
    *PAGES,
    *(ROOT / name for name in ("Makefile", "pyproject.toml")),
    *(
        file
        for package in PACKAGES
        for file in ROOT.glob(f"{package}/**/*")
        if file.suffix in {".py", ".toml", ".yaml", ".yml"} and file != Path(__file__)
    ),
]


def links(text: str) -> list[str]:
    """The relative targets of a page's links; `[text](target)` in a code sample is no link."""
    found = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def anchors(text: str) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(
        r"^#+ +(.+?) *$", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead(page: Path, text: str) -> list[str]:
    """The targets that lead nowhere."""
    lost = []
    for target in links(text):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file.read_text("utf-8") if path else text)):
            lost.append(target)
    return lost


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert not dead(page, page.read_text("utf-8"))


def test_every_page_is_reached_by_links() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page not in PAGES:
            continue
        reached.add(page)
        waiting += [(page.parent / target.partition("#")[0]).resolve() for target in links(page.read_text("utf-8"))]
    assert not set(PAGES) - reached


def test_the_pages_that_code_names_exist() -> None:
    named = {
        (file.relative_to(ROOT).as_posix(), path)
        for file in SOURCES
        for path in re.findall(r"(?<![\w./-])docs/[\w./-]*\w", file.read_text("utf-8"))
    }
    assert len(named) > 20
    assert not {(file, path) for file, path in named if not (ROOT / path).exists()}


@given(st.from_regex(r"[a-z]{8,}\.md", fullmatch=True), st.sampled_from(["", "#x", "#the-end"]))
def test_a_dead_link_is_found(name: str, anchor: str) -> None:
    assert dead(ROOT / "README.md", f"see [this]({name}{anchor}) and [that](LICENSE)") == [f"{name}{anchor}"]


@pytest.mark.parametrize(
    ("target", "lost"), [("#the-end", False), ("#the-start", True), ("https://example.org/#x", False)]
)
def test_anchors_are_looked_up(target: str, lost: bool) -> None:
    assert (
        bool(dead(ROOT / "README.md", f"# The end\n[here]({target})\n```\n# The start\n[no](nowhere.md)\n```\n"))
        is lost
    )
