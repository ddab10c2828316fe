"""What is decided for a whole section: its layout, where its times stand, whether it tells of positions."""

import pytest

from processors.resume.parse import parse_resume

HEAD = "Ida Marlowe\nida@example.org\n\n"


def positions(text: str) -> list[tuple[str | None, str | None, str | None]]:
    profile = parse_resume(HEAD + text)
    return [
        (
            p.employer.value if p.employer else None,
            p.title.value if p.title else None,
            p.start.value if p.start else None,
        )
        for p in profile.work
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Experience\nQuorl\nSous-whisperer\n2019 – 2021\n• Did\nVexdon Ltd\nClerk\n2015 – 2018\n• Did\nBrimble Inc.\nBuyer\n2012 – 2014\n",
        "Experience\n2019 – 2021\nQuorl\nSous-whisperer\n• Did\n2015 – 2018\nVexdon Ltd\nClerk\n• Did\n2012 – 2014\nBrimble Inc.\nBuyer\n",
        "Experience\nQuorl | Sous-whisperer\t2019 – 2021\nVexdon Ltd | Clerk\t2015 – 2018\nBrimble Inc. | Buyer\t2012 – 2014\n",
    ],
)
def test_a_head_of_unknown_words_is_laid_out_as_the_others(text: str) -> None:
    assert positions(text) == [
        ("Quorl", "Sous-whisperer", "2019"), ("Vexdon Ltd", "Clerk", "2015"), ("Brimble Inc.", "Buyer", "2012"),
    ]  # fmt: skip


def test_times_may_stand_at_the_end_of_entries() -> None:
    text = (
        "Experience\nVexdon Ltd\nClerk\n• Kept the books of three branches\n2015 – 2018\n"
        "Brimble Inc.\nBuyer\n• Bought paper\n• Sold it\n2012 – 2014\nTidewater Clinic\nNurse\n• Cared\n2009 – 2011\n"
    )
    assert positions(text) == [
        ("Vexdon Ltd", "Clerk", "2015"), ("Brimble Inc.", "Buyer", "2012"), ("Tidewater Clinic", "Nurse", "2009"),
    ]  # fmt: skip


@pytest.mark.parametrize("heading", ["Postgraduate Training Posts", "Bits and pieces", "Hobbies"])
def test_positions_are_told_by_what_they_say(heading: str) -> None:
    text = f"{heading}\nClerk, Vexdon Ltd, May 2015 – Jun 2018\n• Kept books\nBuyer, Brimble Inc., Jan 2012 – Dec 2014\n• Bought paper\n"
    assert positions(text) == [("Vexdon Ltd", "Clerk", "2015-05"), ("Brimble Inc.", "Buyer", "2012-01")]


def test_positions_may_follow_studies_below_an_unknown_heading() -> None:
    text = (
        "Education\nBSc Chemistry, University of Leeds, 2005 – 2008\n\nWhere I have been since\n"
        "Vexdon Ltd\nClerk\nMay 2015 – Jun 2018\n• Kept books\n"
    )
    assert positions(text) == [("Vexdon Ltd", "Clerk", "2015-05")]


@pytest.mark.parametrize(
    "text",
    [
        "Certifications\nCertified Scrum Master, Scrum Alliance Inc., May 2019 – May 2021\nCertified Engineer, Vendor Ltd, May 2018 – May 2020\n",
        "Education\nBSc Nursing, Tidewater University, 2005 – 2008\nStudent teacher course, Leeds College, 2003 – 2004\n",
    ],
)
def test_certificates_and_studies_stay_what_they_are(text: str) -> None:
    work = "Experience\nClerk, Vexdon Ltd, May 2015 – Jun 2018\n"
    assert positions(work + text) == [("Vexdon Ltd", "Clerk", "2015-05")]


@pytest.mark.parametrize(
    ("labels", "title", "employer", "when"),
    [
        (("Esperienza professionale", "Date", "Lavoro o posizione ricoperti", "Nome e indirizzo del datore di lavoro"), "Bibliotecario", "Comune di Urbino", "marzo 2015 – giugno 2019"),
        (("Berufserfahrung", "Zeitraum", "Beruf oder Funktion", "Name und Adresse des Arbeitgebers"), "Laborantin", "Chemiewerk Nord GmbH", "März 2015 – Juni 2019"),
        (("Doświadczenie zawodowe", "Daty", "Zajmowane stanowisko", "Nazwa i adres pracodawcy"), "Magazynier", "Hurtownia Wisła", "marzec 2015 – czerwiec 2019"),
        (("Työkokemus", "Päivämäärät", "Ammatti tai tehtävänimike", "Työnantajan nimi ja osoite"), "Lähihoitaja", "Turun kaupunki", "maaliskuu 2015 – kesäkuu 2019"),
    ],
)  # fmt: skip
def test_the_forms_of_europass_before_2020(labels: tuple[str, ...], title: str, employer: str, when: str) -> None:
    heading, time, post, by = labels
    text = f"{heading}\n{time}\t{when}\n{post}\t{title}\n{by}\t{employer}\n{time}\t2012 – 2014\n{post}\tX\n{by}\tY\n"
    assert positions(text)[0] == (employer, title, "2015-03")
