"""Hyphens that break words at a line's end, and what is printed on every page."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.documents.furniture import without_furniture
from connectors.documents.layout import BREAK, Segment, lay_out
from connectors.documents.model import Box

EM, HEIGHT = 10.0, 800.0


def segment(text: str, x: float, y: float, order: int = 0) -> Segment:
    edges = [x + n * EM / 2 for n in range(len(text) + 1)]
    return Segment(text, Box(x, y, edges[-1], y + EM), edges, order)


def text_of(*lines: str) -> str:
    blocks = lay_out([segment(line, 40, 100 + 12 * n, n) for n, line in enumerate(lines)])
    return "\n".join("".join(p.text + p.joins for p in placed[:-1]) + placed[-1].text for _, placed in blocks)


def test_a_broken_word_is_whole() -> None:
    assert text_of(f"Kuber{BREAK}", "netes, Prome-", "theus") == "Kubernetes, Prometheus"


def test_a_hyphen_of_the_word_stays() -> None:
    assert text_of(f"cross{BREAK}", "functional and end-to-", "end") == "cross-functional and end-to-end"
    assert text_of(f"Jean{BREAK}", "Pierre") == "Jean-Pierre"


def test_other_hyphens_are_no_broken_words() -> None:
    assert text_of("Mar 2019 -", "present") == "Mar 2019 - present", "a time that a narrow column has divided"
    assert text_of("2019-", "2020") == "2019- 2020"


def test_every_character_keeps_its_place() -> None:
    for _, placed in lay_out([segment(f"Kuber{BREAK}", 40, 100, 0), segment("netes", 40, 112, 1)]):
        assert all(len(line.edges) == len(line.text) + 1 for line in placed)


def page(number: int, *body: str) -> list[Segment]:
    head, foot = segment("Ida Marlowe", 40, 20), segment(f"Page {number} of 3", 250, 780)
    return [head, *(segment(line, 40, 200 + 15 * n) for n, line in enumerate(body)), foot]


def said(pages: list[list[Segment]]) -> list[list[str]]:
    return [[s.text for s in kept] for kept in without_furniture([(p, HEIGHT) for p in pages])]


def test_headers_stay_once_on_the_first_page_and_footers_on_the_last() -> None:
    assert said([page(1, "Buyer"), page(2, "Clerk"), page(3, "Porter")]) == [
        ["Ida Marlowe", "Buyer"], ["Clerk"], ["Porter", "Page 3 of 3"],
    ]  # fmt: skip


def test_what_is_told_in_the_margin_stays() -> None:
    pages = [[segment("2018 - 2019", 40, 780)], [segment("2020 - 2021", 40, 780)], [segment("2021 - 2022", 40, 780)]]
    assert said(pages) == [["2018 - 2019"], ["2020 - 2021"], ["2021 - 2022"]]
    assert said([[segment("SAP", 40, 20)], [segment("SAP", 40, 20)]]) == [["SAP"], ["SAP"]]
    assert said([[segment("Fenwick Ltd", 40, 400)], [segment("Fenwick Ltd", 40, 400)]]) == [["Fenwick Ltd"]] * 2


@given(st.lists(st.lists(st.text(st.sampled_from("ab 12"), max_size=6), max_size=5), max_size=4))
def test_nothing_is_lost_altogether(texts: list[list[str]]) -> None:
    pages = [[segment(text, 40, 20 + 180 * n) for n, text in enumerate(page) if text] for page in texts]
    kept = {text for page in said(pages) for text in page}
    assert {"".join(c for c in s.text if not c.isdigit()) for p in pages for s in p} == {
        "".join(c for c in text if not c.isdigit()) for text in kept
    }
