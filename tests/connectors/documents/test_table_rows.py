"""How the cells of a table's row become lines."""

import pytest

from connectors.documents.pieces import Piece, table_row


def shown(*cells: str) -> list[str]:
    return [piece.text for piece in table_row([[Piece(line) for line in cell.split("|")] for cell in cells])]


@pytest.mark.parametrize(
    ("cells", "lines"),
    [
        (("2019", "Nurse", "Leeds"), ["2019\tNurse\tLeeds"]),
        (("Tidewater Clinic|Nurse", "2019 – 2021|Leeds"), ["Tidewater Clinic\t2019 – 2021", "Nurse\tLeeds"]),
        (("Nurse|Tidewater Clinic|Cared for forty patients", "2019 – 2021"), ["Nurse\t2019 – 2021", "Tidewater Clinic", "Cared for forty patients"]),
        (("2019 – 2021", "Nurse|Tidewater Clinic"), ["2019 – 2021", "Nurse", "Tidewater Clinic"]),
        (("Contact|Leeds", "Experience|Nurse"), ["Contact", "Leeds", "Experience", "Nurse"]),
        (("a|b|c|d|e", "f|g|h|i|j"), list("abcdefghij")),
        (("起止时间|2019年3月", "单位|某某公司"), ["起止时间\t单位", "2019年3月\t某某公司"]),
    ],
)  # fmt: skip
def test_lines_stand_beside_what_they_stood_beside(cells: tuple[str, ...], lines: list[str]) -> None:
    assert shown(*cells) == lines


def test_a_links_words_keep_their_link() -> None:
    cells = [
        [Piece("Leeds\nleeds.example", links=(("leeds.example", "https://leeds.example"),))],
        [Piece("2019"), Piece("x")],
    ]
    assert [piece.links for piece in table_row(cells)] == [(), (("leeds.example", "https://leeds.example"),)]
