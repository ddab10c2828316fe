"""Hits for people: two lines each at any width, the id whole, no part cut in the middle but the first."""

from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from ops.cli.context import _Console
from ops.cli.hits import Hit
from ops.cli.results import match_hit
from processors.matching.features.feature import NOT_ASKED
from schemas.messages import Match

PARTS = st.lists(st.text("后端开发工程师 Java·k8s", min_size=1, max_size=30).filter(str.strip), max_size=6)


def shown(hit: Hit, width: int) -> list[str]:
    out = StringIO()
    _Console(file=out, width=width, markup=False, emoji=False).print(hit)
    return out.getvalue().split("\n")[:-1]


@given(PARTS, st.text("高级后端 engineer", max_size=40), st.sampled_from(["zh", "en"]), st.integers(40, 120))
def test_two_lines_that_fit(said: list[str], title: str, language: str, width: int) -> None:
    lines = shown(Hit("partial", title, "talent-00000123", said, language), width)  # type: ignore[arg-type]
    assert len(lines) == 2
    assert all(cell_len(line) <= width for line in lines)
    assert lines[0].endswith("talent-00000123")


def test_what_has_no_room_is_left_out_whole_and_what_follows_is_tried() -> None:
    first, second = shown(Hit("strong", "后端", "T-1", ["技能 Java", "x" * 60, "上海"], "zh"), 40)
    assert first == "高度匹配  后端 · T-1"
    assert second == "  技能 Java · 上海"
    assert shown(Hit("near", "t", "T-1", ["一" * 60], "zh"), 20)[1] == "  " + "一" * 8 + "…"


def test_an_id_is_longer_than_the_line() -> None:
    assert "T" * 50 in shown(Hit("strong", "后端", "T" * 50, [Text("x")], "en"), 40)[0]


def test_a_match_says_why_and_what_is_against_it() -> None:
    features = [
        ("semantic", 0.95, 0.3, "Background closely matches"),
        ("title", 1.0, 0.2, "Titles agree"),
        ("skills", 0.8, 0.1, "Has all 2 required skills: Go, SQL; has 1 of 3 others"),
        ("location", 0.0, 0.2, "Talent in London, job in Berlin"),
        ("languages", NOT_ASKED, 0.2, "The job asks for no language"),
    ]
    parts = [
        {"name": n, "score": s, "weight": w, "contribution": round(s * w, 6), "reason": r} for n, s, w, r in features
    ]
    match = Match.model_validate(
        {
            "talent_id": "t", "job_id": "J-1", "talent_revision": 1, "job_revision": 1, "status": "active",
            "score": 0.8, "language": "en", "features": parts, "model": "m",
        }
    )  # fmt: skip
    assert shown(match_hit(match, "J-1", "Engineer"), 120) == [
        "strong   Engineer · J-1",
        "  Has all 2 required skills: Go, SQL · but: Talent in London, job in Berlin · Background closely matches",
    ]
