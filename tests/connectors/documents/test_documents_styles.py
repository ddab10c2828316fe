"""A page's own style sheet says what stands beside what."""

import pytest

from connectors.documents.html import read_html
from connectors.documents.model import Limits

SHEET = """
.row{display:flex;justify-content:space-between} .tags{ display : inline-flex; gap:4px }
.stack{display:flex;flex-direction:column} .facts{display:grid;grid-template-columns:120px 1fr}
.cards{display:grid;grid-template-columns:repeat(auto-fit, minmax(200px, 1fr))} .line{display:block}
@media print{.plain{display:flex}} .row .inner:hover{display:flex}
"""


def text(body: str) -> str:
    page = f"<html><head><style>{SHEET}</style></head><body>{body}</body></html>"
    return read_html(page.encode(), Limits()).text


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<div class='row'><h3>Nurse</h3><span>2019</span></div>", "Nurse\t2019"),
        ("<div class='row'><div>Mar 2019</div> – <div>Present</div></div>", "Mar 2019 – Present"),
        ("<p class='tags'><span>Java</span><span>Kafka</span></p>", "Java\tKafka"),
        ("<ul class='row'><li>Leeds</li><li>a@b.example</li></ul>", "Leeds\ta@b.example"),
        ("<div class='row'><div>2019</div><div><p>Nurse</p><p>Tidewater</p></div></div>", "2019\nNurse\nTidewater"),
        ("<div class='stack'><span>English</span><span>Native</span></div>", "English\nNative"),
        ("<div class='facts'><b>Tamil</b><i>native</i><b>Hindi</b><i>B1</i></div>", "Tamil\tnative\nHindi\tB1"),
        ("<div class='cards'><span>Go</span><span>Rust</span></div>", "Go\nRust"),
        ("<p><span class='line'>Nurse</span><span class='line'>Tidewater</span></p>", "Nurse\nTidewater"),
        ("<div style='display:flex'><span>Nurse</span><span>2019</span></div>", "Nurse\t2019"),
        # Of a device or a state, or none: as text.
        ("<p class='plain'><span>data</span><span>base</span></p>", "database"),
        ("<p class='inner'><b>Java</b><b>script</b></p>", "Javascript"),
        # Without a sheet of its own a page still divides what no reader would take for one word.
        ("<p><span>Pine Ltd</span><span>Leeds</span><span>2019 – 2022</span></p>", "Pine Ltd\tLeeds\t2019 – 2022"),
        ("<p><span>精通</span><span>Java</span></p>", "精通Java"),
        # What leads about in the page is no part of it.
        ("<nav><a href='/'>Home</a></nav><h3>Nurse <a href='#n'>#</a></h3><a href='#x'>Skip to content</a>", "Nurse"),
    ],
)
def test_what_stands_beside_what(body: str, expected: str) -> None:
    assert text(body) == expected


@pytest.mark.parametrize(
    "sheet", ["{" * 50_000, "}" * 50_000, ".a{" * 50_000, "a(" * 90_000, "/* " * 120_000, ".a{display:flex;" * 9_000]
)
def test_a_broken_sheet_costs_little(sheet: str) -> None:
    page = (
        f"<style>{sheet}</style><style>.g{{display:grid;grid-template-columns:{sheet}}}</style><p class='a'>Nurse</p>"
    )
    assert read_html(page.encode(), Limits()).text == "Nurse"
