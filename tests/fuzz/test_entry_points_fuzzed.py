"""Whatever becomes of a real text on its way, what reads texts answers: resumes, pages, ads, searches, ranges."""

from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.documents.errors import DocumentError
from connectors.documents.html import read_html
from connectors.documents.model import Limits
from ops.evaluation.ads import ads, phrases
from processors.reading.ad import ad_fields
from processors.resume.parse import parse_resume
from processors.search.criteria import parse_range
from processors.search.exclusions import parted
from processors.search.terms import terms, unwanted
from processors.skills import read_job_ad
from tests.support.import_guide import samples

KINDS = Path(__file__).parents[1] / "processors" / "resume" / "data" / "kinds"
RESUMES = [
    text for path in sorted(KINDS.glob("*.txt")) for text in path.read_text("utf-8").split("\n=== ") if text.strip()
]
ADS = [ad["text"] for ad in ads()]
SEARCHES = [phrase["query"] for phrase in phrases()]
PAGES = [
    "<html><style>.row{display:flex} .g{display:grid;grid-template-columns:1fr 2fr}</style><div class='row'>"
    "<h3>Nurse</h3><span>2019 – now</span></div><dl class='g'><dt>Tamil</dt><dd>native</dd></dl><a href='#x'>#</a></html>",
    *(sample.text for sample in samples("import.md")),
]
STRANGE = ["\x00", "\t\t", "\u202e", "\ufeff", "İ", "ﬃ", "\u2028", "9" * 400, "(" * 60, "<div>" * 40, "2019-", '"', " NOT ", " -", "/*", "}"]  # fmt: skip


@st.composite
def spoilt(draw: st.DrawFn, texts: list[str]) -> str:
    """Return a real text cut, doubled, mixed with another one and with what breaks readers."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(1, 6))):
        at, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        end = min(end, at + 2000)
        match draw(st.sampled_from(["cut", "double", "mix", "strange", "squeeze"])):
            case "cut":
                text = text[:at] + text[end:]
            case "double":
                text = text[:end] + text[at:]
            case "mix":
                text = text[:at] + draw(st.sampled_from(texts))[:2000] + text[at:]
            case "strange":
                text = text[:at] + draw(st.sampled_from(STRANGE)) + text[at:]
            case "squeeze":
                text = text[:at] + " ".join(text[at:end].split()) + text[end:]
    return text[:8000]


def read_page(text: str) -> Any:
    try:
        return read_html(text.encode("utf-8", "ignore"), Limits()).text.encode()
    except DocumentError:
        return None


def read_search(text: str) -> Any:
    wanted, not_wanted = parted(text)
    assert len(wanted) == len(text)
    assert not_wanted == "" or all(" " in (a, b) for a, b in zip(wanted, not_wanted, strict=True))
    return terms(text), unwanted(text)


def read_range(text: str) -> Any:
    try:
        return parse_range(text[:40])
    except ValueError:
        return None


READERS: list[tuple[Callable[[str], Any], list[str], int]] = [
    (parse_resume, [*RESUMES, *ADS[:10]], 25),
    (read_page, PAGES, 25),
    (lambda text: ad_fields(text[:80], text), ADS, 20),
    (read_job_ad, ADS, 15),
    (read_search, SEARCHES, 30),
    (read_range, ["3-8", "20k-30k", "2万-3万", *SEARCHES], 30),
]


@pytest.mark.parametrize(
    ("read", "texts", "examples"), READERS, ids=["resume", "page", "ad", "skills", "search", "range"]
)
def test_a_spoilt_text_is_answered(read: Callable[[str], Any], texts: list[str], examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(spoilt(texts))
    def answered(text: str) -> None:
        read(text)

    answered()


def test_there_are_real_texts() -> None:
    assert len(RESUMES) > 100
    assert all(map(str.strip, chain(RESUMES, ADS, SEARCHES, PAGES)))
