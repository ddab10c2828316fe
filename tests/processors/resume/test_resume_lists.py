"""Studies, skills and certificates: degrees of several countries, brackets and levels, issuers."""

from datetime import date

import pytest

from processors.resume.parse import parse_resume
from schemas.resume import ResumeProfile


def of(text: str) -> ResumeProfile:
    return parse_resume("Ida Marlowe\nida@example.com\n" + text, today=date(2026, 6, 30))


@pytest.mark.parametrize(
    ("said", "school", "level", "field"),
    [
        ("Fenwick Conservatory · Hull, UK\t2017\nB.M. in Cello", "Fenwick Conservatory", "bachelor", "Cello"),
        ("Université de Nantes\tLicence géographie\t2014 - 2017", "Université de Nantes", "bachelor", "géographie"),
        ("Université de Nantes\tMaîtrise, Histoire\t1996 - 1998", "Université de Nantes", "master", "Histoire"),
        ("Lycée Jules Verne\tBaccalauréat\t2014", "Lycée Jules Verne", "high_school", None),
        ("University of Hull\tLL.M., Maritime Law\t2016 - 2017", "University of Hull", "master", "Maritime Law"),
        ("University of Hull\tLLB, Law\t2013 - 2016", "University of Hull", "bachelor", "Law"),
        ("TU Dresden\tDiplom-Ingenieur Maschinenbau\t2001 - 2006", "TU Dresden", "master", "Maschinenbau"),
        ("Universität Graz\tMagister, Geschichte\t2001 - 2006", "Universität Graz", "master", "Geschichte"),
        ("Gymnasium Bogenhausen\tAbitur\t2002 - 2010", "Gymnasium Bogenhausen", "high_school", None),
        ("IIM Kozhikode\tPGDM\t2012 - 2014", "IIM Kozhikode", "master", None),
        ("ESSEC\tMaster in Management\t2015 - 2018", "ESSEC", "master", "Management"),
        ("Ph.D., Robotics, Caltech\t2016 - 2020", "Caltech", "doctorate", "Robotics"),
        ("B.S. Botany, Georgia Tech\t2012 - 2016", "Georgia Tech", "bachelor", "Botany"),
        ("Università di Parma\tLaurea magistrale in Economia\t2012 - 2014", "Università di Parma", "master", "Economia"),
        ("Fenwick College\tHND Joinery\t2008 - 2010", "Fenwick College", "associate", "Joinery"),
        ("南京农业大学 园艺 双学位 2010.09-2014.06", "南京农业大学", "bachelor", "园艺"),
        ("國立中興大學 碩士 園藝 2014/09 – 2016/06", "國立中興大學", "master", "園藝"),
    ],
)  # fmt: skip
def test_degrees(said: str, school: str, level: str, field: str | None) -> None:
    (study,) = of(f"Education\n{said}\nSkills\nExcel\n").education
    assert (study.school and study.school.value, study.level, study.field and study.field.value) == (
        school,
        level,
        field,
    )


def names(text: str) -> set[str]:
    return {s.name for s in of(text).skills if not s.implied}


def test_a_bracket_holds_a_skill_together() -> None:
    found = names(
        "Skills\nSoftware: Penrose Desk (Boards, Charts), Foobarine, and Quuxine\nTools: Zyrmat; Libraries: Wobblix\n"
    )
    assert {"Penrose Desk", "Foobarine", "Quuxine", "Zyrmat", "Wobblix"} <= found
    assert not {n for n in found if "(" in n or ")" in n or n.startswith("and ")}


@pytest.mark.parametrize(
    "level",
    ["(expert)", " – advanced", ": 80%", " 4/5", " ●●●○○", " (3 years)", "：3年", " - Grundkenntnisse", " (sehr gut)"],
)
def test_a_level_is_no_part_of_a_skill(level: str) -> None:
    assert {"Foobarine", "Quuxine"} <= names(f"Skills\nFoobarine{level}, Quuxine{level}\n")


@pytest.mark.parametrize("said", ["Fluent in Spanish", "Native English", "Deutsch: Muttersprache"])
def test_what_somebody_speaks_is_no_skill(said: str) -> None:
    assert not {n for n in names(f"Skills\nFoobarine, {said}\n") if "Spanish" in n or "English" in n or "prache" in n}


@pytest.mark.parametrize(
    "said",
    [
        "http://ida.example.com",
        "https://github.com/ida",
        "github.com/ida",
        "python@example.com",
        "GitHub: @ida",
        "www.docker-ida.com/java",
    ],
)
def test_addresses_name_no_skills(said: str) -> None:
    assert names(f"{said}\nSkills\nExcel\n") == {"Excel"}


def test_names_of_employers_and_schools_are_no_skills() -> None:
    text = "Experience\nBuyer, Fenwick Robotics Ltd\tMay 2018 - Jan 2021\n• Bought\nEducation\nSchool of Botany\tBSc\t2010 - 2013\n"
    assert "Robotics" not in names(text)
    assert "Robotics" in names(text + "Skills\nRobotics\n")


def test_an_unclosed_bracket_holds_nothing_together_for_long() -> None:
    assert "Quuxine" in names("Skills\nPenrose (" + "Foobarine " * 12 + ", Zyrmat, Quuxine\n")


@pytest.mark.parametrize(
    "said",
    [
        "Certified Cellar Manager, The Fenwick Foundation\t2023", "Certified Cellar Manager | Fenwick Institute | 2023",
        "2023\tCertified Cellar Manager, Amazon Web Services (AWS)", "Certified Cellar Manager (2023)\nCoursera", "Certified Cellar Manager, Coursera, 2023",
        "Certified Cellar Manager, Cellarly\t2023",
    ],
)  # fmt: skip
def test_who_gave_a_certificate_is_none(said: str) -> None:
    assert [c.name.value for c in of(f"Certifications\n{said}\n").certificates] == ["Certified Cellar Manager"]


def test_certificates_on_one_line() -> None:
    assert [c.name.value for c in of("Certifications\nCPA, PMP, CFA Level II\n").certificates] == [
        "CPA",
        "PMP",
        "CFA Level II",
    ]
