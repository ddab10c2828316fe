"""A resume drawn in another way says the same: ligatures, hyphens, broken words, icons, letter-spacing, columns, pages."""

import io
from dataclasses import dataclass
from datetime import date
from functools import cache

from fontTools.ttLib import TTFont as Font
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from connectors.documents.formats import read
from connectors.documents.model import Limits
from connectors.resumes.profile import profile_of
from ops.evaluation.fonts import truetype
from ops.evaluation.layout_suite.paper import MAIL, PHONE, register

_FONT, _SIZE, _LEAD = "drawn", 10.0, 15.0
_TOP = A4[1] - 60
_HYPHENS = ("-", "\u2010", "\u2011", "\u00ad")
"""What is drawn for a hyphen: its own sign, the typographic one, one that does not break, a soft one."""


@dataclass(frozen=True)
class Way:
    """How a sheet is drawn."""

    hyphen: str
    ligatures: bool
    icons: bool
    spaced: bool
    broken: bool
    rail: bool
    pages: bool


_WAYS = st.builds(
    Way,
    hyphen=st.sampled_from(_HYPHENS),
    ligatures=st.booleans(),
    icons=st.booleans(),
    spaced=st.booleans(),
    broken=st.booleans(),
    rail=st.booleans(),
    pages=st.booleans(),
)
_EMPLOYERS = ["Saffron-Field Office Systems Ltd", "Oak-Bridge Offshore Ltd"]


class _Sheet:
    def __init__(self, way: Way) -> None:
        self._way = way
        self._buffer = io.BytesIO()
        self._canvas = Canvas(self._buffer, pagesize=A4)
        self._page = 0
        self.left, self._y = 60.0, _TOP

    def column(self, left: float) -> None:
        self.left, self._y = left, _TOP

    def line(self, text: str, *, right: str = "", spacing: float = 0.0, icon: str = "") -> None:
        shown = text.replace("-", self._way.hyphen)
        if self._way.ligatures and not spacing:
            shown = shown.replace("ffi", "ﬃ").replace("ff", "ﬀ").replace("fi", "ﬁ")
        drawn = self._canvas.beginText(self.left, self._y)
        if icon:
            drawn.setFont("layouts-icons", _SIZE)
            drawn.textOut(icon)
            drawn.setXPos(14)
        drawn.setFont(_FONT, _SIZE)
        drawn.setCharSpace(spacing)
        drawn.textOut(shown)
        self._canvas.drawText(drawn)
        if right:
            self._canvas.setFont(_FONT, _SIZE)
            self._canvas.drawRightString(535, self._y, right)
        self._y -= _LEAD

    def heading(self, text: str) -> None:
        self._y -= 8
        self.line(text.upper(), spacing=3.0 if self._way.spaced else 0.0)

    def turn(self) -> None:
        """Go on on a new page, with what stands above and below each."""
        self._furniture()
        self._canvas.showPage()
        self.left, self._y = 60.0, _TOP

    def finish(self) -> bytes:
        self._furniture()
        self._canvas.save()
        return self._buffer.getvalue()

    def _furniture(self) -> None:
        self._page += 1
        if self._way.pages:
            self._canvas.setFont(_FONT, 8)
            self._canvas.drawString(60, 30, "Effie Fjord, curriculum vitae")
            self._canvas.drawRightString(535, 30, f"Page {self._page} of 2")


@cache
def _font() -> None:
    register()  # the icons
    font = Font(io.BytesIO(truetype("ﬃﬀﬁ•–", "serif")))
    hyphen = font.getBestCmap()[ord("-")]
    for table in font["cmap"].tables:  # Noto has no signs of their own for the others
        if table.isUnicode():
            table.cmap |= {ord(c): hyphen for c in _HYPHENS}
    for record in font["name"].names:  # ReportLab takes fonts of one name for one
        record.string = _FONT
    buffer = io.BytesIO()
    font.save(buffer)
    pdfmetrics.registerFont(TTFont(_FONT, io.BytesIO(buffer.getvalue())))


def _drawn(way: Way) -> bytes:
    _font()
    sheet = _Sheet(way)
    if way.rail:
        _rail(sheet, way)
        sheet.column(220)
    sheet.line("Effie Fjord")
    if not way.rail:
        _contacts(sheet, way)
    sheet.heading("Work experience")
    for n, employer in enumerate(_EMPLOYERS):
        if n and way.pages and not way.rail:
            sheet.turn()
        sheet.line(employer, right=("Mar 2019 – Nov 2024", "Jan 2015 – Feb 2019")[n])
        sheet.line(("Chief Tariff Officer", "Staff Tariff Officer")[n])
        if way.broken:
            sheet.line("• Simplified the filing of certificates for the whole adminis-")
            sheet.line("tration of both offices.")
        else:
            sheet.line("• Simplified the filing of certificates for the whole")
            sheet.line("administration of both offices.")
    sheet.heading("Education")
    sheet.line("University of Cardiff", right="2011 – 2014")
    sheet.line("BSc Office Management")
    if not way.rail:
        sheet.heading("Skills")
        sheet.line("Excel, Kafka, Python")
    return sheet.finish()


def _contacts(sheet: _Sheet, way: Way) -> None:
    sheet.line("effie@fjord.example", icon=MAIL if way.icons else "")
    sheet.line("+44 7700 900123", icon=PHONE if way.icons else "")


def _rail(sheet: _Sheet, way: Way) -> None:
    sheet.heading("Contact")
    _contacts(sheet, way)
    sheet.heading("Skills")
    for skill in ("Excel", "Kafka", "Python"):
        sheet.line(skill)


@settings(max_examples=6, deadline=None)
@given(_WAYS)
def test_the_same_resume_drawn_in_another_way_says_the_same(way: Way) -> None:
    said = profile_of(read(_drawn(way), Limits(), None), date(2026, 11, 29))
    assert said.name
    assert said.name.value.full == "Effie Fjord"
    assert [e.value for e in said.emails] == ["effie@fjord.example"]
    assert [p.value for p in said.phones] == ["+447700900123"]
    read_positions = [
        (p.employer and p.employer.value, p.title and p.title.value, p.start and p.start.value, p.end and p.end.value)
        for p in said.work
    ]  # fmt: skip
    assert read_positions == [
        (_EMPLOYERS[0], "Chief Tariff Officer", "2019-03", "2024-11"),
        (_EMPLOYERS[1], "Staff Tariff Officer", "2015-01", "2019-02"),
    ]
    assert all("administration of both" in (p.description.value if p.description else "") for p in said.work)
    (study,) = said.education
    assert study.school
    assert study.field
    assert (study.school.value, study.field.value) == ("University of Cardiff", "Office Management")
    assert {"Excel", "Kafka", "Python"} <= {s.name for s in said.skills}
