"""Marks of a resume: what was understood stands where the text says it, whatever the text."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.documents import Block, Box, Document, Line, Page
from connectors.resumes.profile import profile_of
from ops.console.marking import Mark, marks_of, pieces
from schemas.resume import Span

# From the RenderCV project's examples (MIT), as a text.
OTHERS = """John Doe
john.doe@email.com | San Francisco, CA

Experience
Nexus AI, Co-Founder & CTO
June 2023 – present
Built foundation model infrastructure with Python and PyTorch

Education
Princeton University, PhD in Computer Science
Sept 2018 – May 2023
"""


def spans() -> st.SearchStrategy[list[Span]]:
    return st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda ends: Span(*sorted(ends))), max_size=3)


def mark(number: int, at: list[Span]) -> Mark:
    return Mark(number, "work", 1, "title", "x", 1.0, "work", tuple(at), ())


@settings(max_examples=30)
@given(st.text(max_size=50), st.lists(spans(), max_size=5))
def test_pieces_are_the_text_and_each_lies_in_its_mark(text: str, found: list[list[Span]]) -> None:
    marks = [mark(number, at) for number, at in enumerate(found)]
    cut = pieces(text, marks)
    assert "".join(piece.text for piece in cut) == text
    at = 0
    for piece in cut:
        end = at + len(piece.text)
        covering = [m for m in marks if any(s.start <= at and end <= s.end for s in m.spans)]
        assert (piece.mark in covering) if piece.mark else not covering
        at = end


def test_each_mark_says_what_stands_there() -> None:
    document = Document(format="text", text=OTHERS)
    marks = marks_of(profile_of(document, date(2026, 1, 5)), document)
    found = {(m.section, m.field): OTHERS[m.spans[0].start : m.spans[0].end] for m in reversed(marks)}
    assert found["emails", "emails"] == "john.doe@email.com"
    assert "Princeton University" in found["education", "school"]
    assert len({m.number for m in marks}) == len(marks)
    assert {m.kind for m in marks} >= {"person", "education"}


def test_a_value_without_a_place_of_its_own_is_found_on_the_page() -> None:
    text = "Python"
    line = Line(start=0, end=6, box=Box(10, 20, 70, 32), edges=tuple(10.0 + 10 * n for n in range(7)))
    block = Block(start=0, end=6, page=1, box=line.box, lines=(line,))
    document = Document(format="pdf", text=text, pages=(Page(number=1, width=100, height=100),), blocks=(block,))
    marks = marks_of(profile_of(document, date(2026, 1, 5)), document)
    places = [tuple(place) for each in marks if each.section == "skills" for place in each.places]
    assert places in ([], [(1, 10.0, 20.0, 70.0, 32.0)])
