"""Ways in which people write certificates, studies and positions, and what a reader takes from each.

A case in `data/kinds` is a name, a text (`\\t` between cells), and below `---` what it says: `C` a certificate, `E` a
study (school, degree, field, start, end), `W` a position (employer, title, start, end); `-` is nothing. In `whole` a
study's degree is its level, `N` is the name, `L` a language's code, and what has no line is not asked for.
"""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from processors.resume.parse import parse_resume
from schemas.resume import Found

_CASES = Path(__file__).parent / "data" / "kinds"


def _cases(name: str) -> list[Any]:
    cases = []
    for block in re.split("^=== ", (_CASES / f"{name}.txt").read_text("utf-8"), flags=re.MULTILINE)[1:]:
        title, _, rest = block.partition("\n")
        text, _, said = rest.partition("\n---\n")
        cases.append(pytest.param(text.replace("\\t", "\t"), said.strip().split("\n"), id=title))
    return cases


def _value(found: Found[Any] | None) -> str:
    return "" if found is None else _plain(found.value)


def _plain(text: str) -> str:
    return re.sub(r"[\s\W_]+", "", text.casefold())


def _said(rows: list[str], kind: str) -> list[list[str]]:
    told = [row[2:] for row in rows if row.startswith(f"{kind} ") and row[2:].strip() != "none"]
    return [[_plain(value) for value in row.split(" | ")] for row in told]


@pytest.mark.parametrize(("text", "said"), _cases("certificates"))
def test_certificates_stand_apart_from_who_gave_them_and_when(text: str, said: list[str]) -> None:
    assert [[_value(c.name)] for c in parse_resume(text).certificates] == _said(said, "C")


@pytest.mark.parametrize(("text", "said"), _cases("education"))
def test_studies_have_school_degree_field_and_time_in_any_order(text: str, said: list[str]) -> None:
    studies = parse_resume(text).education
    read = [[_value(getattr(s, name)) for name in ("school", "degree", "field", "start", "end")] for s in studies]
    assert read == [(row + [""] * 5)[:5] for row in _said(said, "E")]


@pytest.mark.parametrize(("text", "said"), _cases("positions"))
def test_positions_have_employer_title_start_and_end(text: str, said: list[str]) -> None:
    profile = parse_resume(text, today=date(2026, 11, 29))
    read = [
        [_value(p.employer), _value(p.title), _value(p.start), "now" if p.current else _value(p.end)]
        for p in profile.work
    ]
    assert read == _said(said, "W")


@pytest.mark.parametrize(("text", "said"), _cases("whole"))
def test_whole_resumes_in_the_forms_and_languages_of_many_countries(text: str, said: list[str]) -> None:
    profile = parse_resume(text, today=date(2026, 11, 29))
    positions = [
        [_value(p.employer), _value(p.title), _value(p.start), "now" if p.current else _value(p.end)]
        for p in profile.work
    ]
    studies = [
        [_value(s.school), _plain(s.level or ""), _value(s.field), _value(s.start), _value(s.end)]
        for s in profile.education
    ]
    told = {kind: rows for kind in "WECN" if (rows := _said(said, kind))}
    read = {
        "W": positions,
        "E": studies,
        "C": [[_value(c.name)] for c in profile.certificates],
        "N": [[_plain(profile.name.value.full) if profile.name else ""]],
    }
    assert {kind: read[kind] for kind in told} == told
    assert {code for (code,) in _said(said, "L")} <= {spoken.code for spoken in profile.languages}
