"""Forms: each fact of a position or a study has a label, on lines, in cells, or several on one line."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.resume.forms import pairs, records
from processors.resume.parse import parse_resume
from processors.resume.text import lines

TODAY = date(2026, 11, 29)
ROWS = """Employment History

Employer:\tNorthern Care Trust
Job Title:\tStaff Nurse
Start date:\t14/03/2018
End date:\t30/09/2022
Reason for leaving:\tRelocation

Employer:\tHillside Home
Job Title:\tCare Assistant
Start date:\t01/06/2015
End date:\t28/02/2018
Reason for leaving:\tPromotion
"""
CELLS = """Work History

Company\tBlue Harbor Marine
Position\tDeck Officer
Period\tJan 2019 – Dec 2022
Duties\tNavigational watch

Company\tCoral Shipping
Position\tDeck Cadet
Period\tFeb 2016 – Dec 2018
"""
ON_A_LINE = """工作经历
单位名称：苏州晨光精密机械有限公司    职务：质量工程师    时间：2018.03-至今
单位名称：无锡华铸零件有限公司 职务：检验员 时间：2014.07-2018.02
"""
ON_A_LINE_EN = """Employment
Employer: Severn Logistics   Position: Fleet Manager   From: 05/2017   To: Present
Employer: Avon Couriers Position: Dispatcher From: 01/2012 To: 04/2017
"""
CUSTOMERS = """Work Experience
Client: Meridian Bank, Mumbai
Role: Technical Lead
Jan 2020 – Present
- Built payment services
Client: Lotus Insurance, Pune
Role: Senior Developer
Jun 2017 – Dec 2019
- Built claims portal
"""
BELOW = """Employment

Employer:
Larkfield Dental
Post held:
Receptionist
Date from:
May 2019
Date to:
June 2021
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ROWS, [("Northern Care Trust", "Staff Nurse", "2018-03", "2022-09"),
                ("Hillside Home", "Care Assistant", "2015-06", "2018-02")]),
        (CELLS, [("Blue Harbor Marine", "Deck Officer", "2019-01", "2022-12"),
                 ("Coral Shipping", "Deck Cadet", "2016-02", "2018-12")]),
        (ON_A_LINE, [("苏州晨光精密机械有限公司", "质量工程师", "2018-03", None),
                     ("无锡华铸零件有限公司", "检验员", "2014-07", "2018-02")]),
        (ON_A_LINE_EN, [("Severn Logistics", "Fleet Manager", "2017-05", None),
                        ("Avon Couriers", "Dispatcher", "2012-01", "2017-04")]),
        (CUSTOMERS, [("Meridian Bank", "Technical Lead", "2020-01", None),
                     ("Lotus Insurance", "Senior Developer", "2017-06", "2019-12")]),
        (BELOW, [("Larkfield Dental", "Receptionist", "2019-05", "2021-06")]),
    ],
    ids=["rows", "cells", "on a line", "on a line, en", "customers", "values below"],
)  # fmt: skip
def test_each_record_is_a_position(text: str, expected: list[tuple[str, str, str, str | None]]) -> None:
    found = parse_resume(text, today=TODAY).work
    assert [
        (w.employer and w.employer.value, w.title and w.title.value, w.start and w.start.value, w.end and w.end.value)
        for w in found
    ] == expected


def test_a_study_is_a_record_too() -> None:
    text = "Education\nInstitution:\tUniversity of Salford\nQualification:\tBSc Nursing\nStart date:\t01/09/2012\n"
    (study,) = parse_resume(text + "End date:\t30/06/2015\n", today=TODAY).education
    assert study.school
    assert study.school.value == "University of Salford"
    assert study.field
    assert study.field.value == "Nursing"
    assert study.end
    assert study.end.value == "2015-06"


def test_what_only_begins_like_a_form_is_none() -> None:
    told = list(lines("Northwind Ltd, 2019 - 2021\nPosition: Clerk\nKept the books.\nEastwind Ltd, 2017 - 2019"))
    assert records(told) is None


@given(st.text("公司职位：: \tFromTo2019|,ab", max_size=120))
def test_values_are_parts_of_their_line(text: str) -> None:
    for line in lines(text):
        for _, value in pairs(line):
            assert text[value.start : value.end] == value.text
            assert line.piece.start <= value.start <= value.end <= line.piece.end
