"""Who employed whom as what: parts of a head in any order, on any lines, beside any noise."""

from datetime import date
from itertools import permutations

import pytest

from processors.resume.parse import parse_resume

PLACE = "Denver, CO"


def jobs(work: str) -> list[tuple[str | None, str | None]]:
    text = f"Ida Marlowe\nida@example.com\nExperience\n{work}\nEducation\nBSc Botany, University of Hull, 2010\n"
    found = parse_resume(text, today=date(2026, 6, 30)).work
    return [(w.employer and w.employer.value, w.title and w.title.value) for w in found]


ORDERS = [order for order in permutations(("{employer}", "{title}", "{place}")) if order[0] != "{place}"]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    "shape",
    [
        "{0}, {1}, {2}\t{when}",
        "{0} | {1} | {2}\t{when}",
        "{0}\t{when}\n{1}, {2}",
        "{0}\n{1}\t{2}\t{when}",
        "{when}\n{0}, {1}, {2}",
    ],
)
def test_parts_in_any_order(order: tuple[str, ...], shape: str) -> None:
    work = "\n".join(
        shape.format(*order, when="{when}").format(employer=employer, title=title, place=PLACE, when=when) + "\n• Did it"
        for employer, title, when in (
            ("Tamarin Robotics", "Reliability Lead", "Jun 2019 – Present"), ("Osgood Mills", "Clerk", "Feb 2015 - May 2019"),
        )
    )  # fmt: skip
    assert jobs(work) == [("Tamarin Robotics", "Reliability Lead"), ("Osgood Mills", "Clerk")]


def test_an_employer_above_its_positions_with_teams_in_their_lines() -> None:
    work = "Tamarin Robotics\nStaff Engineer, Arm Control\tAug 2022 - Present\n• A\nSenior Engineer, Ledgers\tJul 2019 - Aug 2022\n• B"
    assert jobs(work) == [("Tamarin Robotics", "Staff Engineer"), ("Tamarin Robotics", "Senior Engineer")]


def test_a_team_beside_the_title_and_the_employer_below() -> None:
    work = (
        "Engineer II, Card Ledger\tAug 2022 - Present\nWingate Money | Denver, CO\n• A\nEngineer I, Intake\tJul 2019 - Aug 2022\nWingate Money | Denver, CO\n• B\n"
        "Intern\tJun 2018 - Aug 2018\nTamarin Works | Denver, CO\n• C"
    )
    assert jobs(work) == [
        ("Wingate Money", "Engineer II"),
        ("Wingate Money", "Engineer I"),
        ("Tamarin Works", "Intern"),
    ]


def test_a_role_in_the_first_bullet() -> None:
    work = "Mar 2021 - Present\n• Staff Engineer, Tamarin Systems LLC\n• Led it\nJun 2017 - Feb 2021\n• Senior Engineer, Osgood Mills Inc.\n• Rebuilt it"
    assert jobs(work) == [("Tamarin Systems LLC", "Staff Engineer"), ("Osgood Mills Inc.", "Senior Engineer")]


def test_positions_without_any_time() -> None:
    work = "Stage Intern\nExample Opera Company\n• Built sets\n• Kept time\nSales Associate\nExample Music Store LLC\n• Sold"
    assert jobs(work) == [("Example Opera Company", "Stage Intern"), ("Example Music Store LLC", "Sales Associate")]
    placeholder = "Office manager, Tamarin Company\nJanuary 20XX - Current\nRan the office.\nClerk, Osgood Mills Inc\nMarch 20XX – May 20XX\nFiled it."
    assert jobs(placeholder) == [("Tamarin Company", "Office manager"), ("Osgood Mills Inc", "Clerk")]


@pytest.mark.parametrize("when", ["2019", "Jun 2019", "Summer 2019", "06/2019"])
def test_one_date_alone(when: str) -> None:
    assert jobs(f"Clerk, Osgood Mills Inc.\t{when}\n• Filed\nBuyer, Fenwick Ltd\tMay 2015 - Jan 2018\n• Bought") == [
        ("Osgood Mills Inc.", "Clerk"), ("Fenwick Ltd", "Buyer"),
    ]  # fmt: skip


def test_times_to_the_day_are_of_months() -> None:
    work = parse_resume(
        "Experience\nBuyer, Fenwick Ltd\t8/15/2019 - 9/1/2020\n• Bought\n", today=date(2026, 6, 30)
    ).work
    assert [(w.start and w.start.value, w.end and w.end.value) for w in work] == [("2019-08", "2020-09")]


@pytest.mark.parametrize(
    ("line", "employer", "title"),
    [
        ("Softwareentwicklerin, Penrose AG\tMär 2020 – heute", "Penrose AG", "Softwareentwicklerin"),
        ("Chef de projet, Penrose SAS\tjanv. 2019 – déc. 2020", "Penrose SAS", "Chef de projet"),
        ("Infirmière\tHôpital de la Tamise\tdepuis mars 2019", "Hôpital de la Tamise", "Infirmière"),
        ("Projektleiter\nKlinikum Auetal\t03/2019 bis 06/2020", "Klinikum Auetal", "Projektleiter"),
        ("台灣遠橋物流股份有限公司\t倉儲主管\t民國108年3月至今", "台灣遠橋物流股份有限公司", "倉儲主管"),
    ],
)  # fmt: skip
def test_other_languages(line: str, employer: str, title: str) -> None:
    assert jobs(f"{line}\n• Did it") == [(employer, title)]


@pytest.mark.parametrize("wide", [2, 40, 120])
def test_the_width_of_a_gap_is_no_length(wide: int) -> None:
    gap = " " * wide + "  "
    work = f"Credit Specialist{gap}04/2013 - Present\nQuonset Hill{gap}[CITY]\n• Did it\nAccount Manager{gap}09/2002 - 07/2007\nOsgood{gap}[CITY]\n• Did it"
    assert jobs(work) == [("Quonset Hill", "Credit Specialist"), ("Osgood", "Account Manager")]


@pytest.mark.parametrize("place", ["[CITY], [STATE]", "<City>, <Country>", "[城市]，[州]", "Denver, CO"])
@pytest.mark.parametrize("employer", ["Google", "Quonset Hill", "[COMPANY]"])
def test_places_of_anonymous_resumes_are_no_employers(place: str, employer: str) -> None:
    work = f"{employer}, {place}\nClerk\tFeb 2015 - May 2019\n• Did it\n{employer}, {place}\nBuyer\tJun 2012 - Jan 2015\n• Did it"
    assert jobs(work) == [(employer, "Clerk"), (employer, "Buyer")]


def test_whom_somebody_worked_for_is_no_title() -> None:
    work = "City Medical Center\nOsgood\tJan 2020 - Present\n• A\nNurse\nOsgood\tJan 2015 - Dec 2019\n• B"
    assert "Osgood" not in [title for _, title in jobs(work)]
