"""Heads as templates of web pages and their PDFs write them; all people and companies are invented."""

import pytest

from processors.resume.parse import parse_resume
from schemas.resume import ResumeProfile

TOP = "Nadia Whitlock\nnadia.whitlock@mail.example\n"


def positions(profile: ResumeProfile) -> list[tuple[str | None, ...]]:
    return [
        (
            work.employer and work.employer.value,
            work.title and work.title.value,
            work.start and work.start.value,
            "now" if work.current else work.end and work.end.value,
        )
        for work in profile.work
    ]


NOW = ("Finchwell Ltd", "Lead Nurse", "2021-04", "now")
THEN = ("Tidewater", "Staff Nurse", "2018-02", "2021-03")


@pytest.mark.parametrize(
    "work",
    [
        # No end is known of the last position: its date stands alone where the others have a period.
        "Lead Nurse\nFinchwell Ltd\nApr 2021\nRan a ward.\nStaff Nurse\nTidewater\nFeb 2018 - Mar 2021\n",
        "Apr 2021\nLead Nurse\nFinchwell Ltd\nRan a ward.\nFeb 2018 - Mar 2021\nStaff Nurse\nTidewater\n",
        "Lead Nurse\nFinchwell Ltd\nApr 2021 · Leeds, UK\nStaff Nurse\nTidewater\nFeb 2018 - Mar 2021 · York, UK\n",
        "Lead Nurse\nFinchwell Ltd\nApr 2021 Leeds, UK\nStaff Nurse\nTidewater\nFeb 2018 - Mar 2021\tYork, UK\n",
        # The facts of a head are a list.
        "Finchwell Ltd\n• April 2021 - Present\n• Lead Nurse\n• Ran a ward.\nTidewater\n• February 2018 - March 2021\n• Staff Nurse\n",
        # A narrow column on the right has broken the times.
        "Lead Nurse, Finchwell Ltd\tApril 2021\n— Present\nRan a ward.\nStaff Nurse, Tidewater\tFebruary 2018\n—\nCared for forty.\tMarch 2021\n",
    ],
    ids=["alone", "alone-first", "alone-place", "alone-space", "listed", "broken"],
)
def test_positions(work: str) -> None:
    assert positions(
        parse_resume(f"{TOP}Experience\n{work}Education\nUniversity of Leeds\nBSc Nursing\n2014 - 2018\n")
    ) == [
        NOW,
        THEN,
    ]


def test_headings_in_a_column_of_their_own() -> None:
    profile = parse_resume(
        f"{TOP}Work\tFinchwell Ltd\nLead Nurse\nApr 2021 – Present\nTidewater\nStaff Nurse\nFeb 2018 – Mar 2021\n"
        "Education\tUniversity of Leeds\nBSc in Nursing\nSep 2014 – Jun 2018\n"
        "Certificates\tAdvanced Life Support\nLanguages\tEnglish\nNative\nTwi\nFluent\n"
    )
    assert positions(profile) == [NOW, THEN]
    assert [certificate.name.value for certificate in profile.certificates] == ["Advanced Life Support"]
    assert [language.name.value for language in profile.languages] == ["English", "Twi"]


def test_numbers_before_headings() -> None:
    profile = parse_resume(
        f"{TOP}01\tExperience\nLead Nurse\nFinchwell Ltd\nApr 2021 – Present\n02 Languages\nEnglish\n"
    )
    assert positions(profile) == [NOW]
    assert [language.name.value for language in profile.languages] == ["English"]


@pytest.mark.parametrize("line", ["Études de circulation et de stationnement.", "Head of department since 2020."])
def test_a_sentence_is_no_heading_and_no_head(line: str) -> None:
    profile = parse_resume(
        f"{TOP}Experience\nLead Nurse\nFinchwell Ltd\nApr 2021 – Present\n{line}\nStaff Nurse\nTidewater\nFeb 2018 – Mar 2021\n"
    )
    assert positions(profile) == [NOW, THEN]


def test_the_part_behind_a_title_is_no_employer_where_others_have_two_lines() -> None:
    profile = parse_resume(
        f"{TOP}Experience\nLead Nurse\nFinchwell\nApr 2021 – Present\nRan a ward.\n"
        "Staff Nurse, Evenings at Finchwell\nFeb 2018 – Mar 2021\nRan it at night.\n"
    )
    assert [work.employer and work.employer.value for work in profile.work] == ["Finchwell", "Finchwell"]


@pytest.mark.parametrize("name", ["Nadia Whitlock", "Nadia\nWhitlock", "NADIA\nWHITLOCK"])
def test_a_name_beside_a_column_is_told_by_the_mailbox(name: str) -> None:
    profile = parse_resume(
        "CONTACT\n+44 7700 900417\nnadia.whitlock@mail.example\nLeeds\nEDUCATION\n2014 - 2018\nUniversity of Leeds\n"
        f"BSc Nursing\nLANGUAGES\nEnglish (Native)\n{name}\nCHARGE NURSE\nPROFILE\nA nurse with eleven years at the bedside.\n"
    )
    assert profile.name
    assert profile.name.value.full == "Nadia Whitlock"


@pytest.mark.parametrize(
    ("study", "school", "field"),
    [
        ("Kaveri University of Science and\nTechnology\nBSc in Statistics\n2018 - 2022\n", "Kaveri University of Science and\nTechnology", "Statistics"),
        ("2013 2017\nUniversity of Leeds\n• BS\n• Business Administration\n", "University of Leeds", "Business Administration"),
        ("Berufsbildende Schulen Göttingen\nAusbildung in Tischlerei\nAug 2009 - Jul 2012\n", "Berufsbildende Schulen Göttingen", "Tischlerei"),
        ("University of Leeds\nMSc in Machine Design (8.9/10)\n2018 - 2022\n", "University of Leeds", "Machine Design"),
    ],
)  # fmt: skip
def test_studies(study: str, school: str, field: str) -> None:
    (found,) = parse_resume(f"{TOP}Education\n{study}").education
    assert found.school
    assert " ".join(found.school.value.split()) == " ".join(school.split())
    assert found.field
    assert found.field.value == field


def test_a_rail_with_a_dash_between_the_ends_of_a_time() -> None:
    profile = parse_resume(
        f"{TOP}Experience\nFebruary 2018\tStaff Nurse, Tidewater Ltd, York\n–\t– Cared for forty\nMarch 2021\t– Trained staff\n"
    )
    assert positions(profile) == [("Tidewater Ltd", "Staff Nurse", "2018-02", "2021-03")]
