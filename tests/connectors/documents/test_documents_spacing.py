"""Gaps between characters that are no spaces, and gaps that divide columns."""

from collections.abc import Sequence

import pytest

from connectors.documents.layout import Segment, lay_out
from connectors.documents.model import Box
from connectors.documents.pdf import _Glyph, _segment

SIZE = 10.0


def run(text: str, *, tracking: float = 0.0, word: float = 3.0) -> list[_Glyph]:
    """Return characters of 5 points each; PDFium guesses a space wherever a gap is wider than a point."""
    glyphs: list[_Glyph] = []
    at = 0.0
    for before, character in zip(" " + text, text, strict=False):
        if character == " ":
            at += word
            continue
        gap = tracking + (word if before == " " else 0.0)
        glyphs.append(_Glyph(character, Box(at, 0.0, at + 5, SIZE), "guessed" if glyphs and gap > 1 else ""))
        at += 5 + tracking
    return glyphs


@pytest.mark.parametrize("text", ["EXPERIENCE", "APR 2022 · LEEDS, UK", "CURRICULUM VITAE"])
@pytest.mark.parametrize("tracking", [0.0, 0.8, 1.5, 3.5])
def test_letters_that_are_spaced_out_are_words(text: str, tracking: float) -> None:
    assert _segment(run(text, tracking=tracking, word=3.0 + tracking), 0).text == text


def test_a_ligature_is_part_of_its_word() -> None:
    glyphs = [glyph._replace(space="guessed") if glyph.text == "f" else glyph for glyph in run("She ffield", word=0.2)]
    assert _segment(glyphs, 0).text == "Sheffield"


def test_a_space_that_the_file_has_stays() -> None:
    glyphs = [glyph._replace(space="drawn") if n == 2 else glyph for n, glyph in enumerate(run("JKLM"))]
    assert _segment(glyphs, 0).text == "JK LM"


def segment(text: str, left: float, top: float, order: int, *, right: float | None = None) -> Segment:
    left = right - 5 * len(text) if right is not None else left
    edges = [left + 5 * n for n in range(len(text) + 1)]
    return Segment(text, Box(left, top, edges[-1], top + SIZE), edges, order)


def shown(segments: Sequence[Segment], rules: Sequence[Box] = ()) -> list[str]:
    return [line.text for _, lines in lay_out(segments, rules) for line in lines]


def test_what_is_set_against_the_margin_belongs_to_the_lines_beside_it() -> None:
    drawn = ["Lead Nurse", "Tidewater Ltd", "Leeds", "Jan 2019 – now"]  # one column, then the other
    placed = [(0, 0), (0, 12), (None, 0), (None, 12)]
    segments = [
        segment(text, left or 0, top, n, right=500 if left is None else None)
        for n, (text, (left, top)) in enumerate(zip(drawn, placed, strict=True))
    ]
    body = [segment("Cared for forty patients on a busy ward in the north", 0, 40, 4)]
    assert shown([*segments, *body])[:2] == ["Lead Nurse\tLeeds", "Tidewater Ltd\tJan 2019 – now"]


def test_a_narrow_gap_before_a_column_divides() -> None:
    lines = ["Lead Nurse", "Apr 2021 – Present", "Ran a ward of forty beds", "Staff Nurse", "Feb 2018 – Mar 2021"]
    heading = Segment("Work Tidewater", Box(-26, 0, 45, SIZE), [-26, -21, -16, -11, -6, *range(0, 50, 5)], 0)
    segments = [heading, *(segment(text, 0, 14.0 * (n + 1), n + 1) for n, text in enumerate(lines))]
    assert shown(segments)[0] == "Work\tTidewater"


def test_a_word_is_not_cut_where_its_cell_is_too_narrow() -> None:
    rules = [Box(0, y, 200, y + 0.5) for y in (0, 20, 40)] + [Box(x, 0, x + 0.5, 40) for x in (0, 60, 200)]
    segments = [
        segment("Jul 2020 - Present", 2, 5, 0),
        segment("Lead Nurse", 110, 5, 1),
        segment("2018 - 2020", 2, 25, 2),
        segment("Staff Nurse", 110, 25, 3),
    ]
    assert "Jul 2020 - Present" in " ".join(shown(segments, rules))
