"""People who might write a resume: invented, varied, and the same for the same seed."""

import random
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pypinyin import lazy_pinyin

Language = Literal["zh", "en", "mixed"]
Tongue = Literal["zh", "en"]
Month = tuple[int, int]
"""A year and a month."""
TODAY: Month = (2026, 10)
"""When the resumes were written; fixed, so that the suite never changes."""
_WHOLE = ("医院", "保健院", "学校", "中学", "事务所")
"""Industries whose name already says what the house is."""
_NO_SUFFIX = ("Hospital", "Medical Center", "Academy", "School", "Solicitors", "Law Group", "Accountants")


@dataclass(frozen=True, slots=True)
class Job:
    """A position at an employer; `end` is none where it lasts."""

    employer: str
    title: str
    start: Month
    end: Month | None
    city: str
    did: tuple[str, ...]
    tongue: Tongue


@dataclass(frozen=True, slots=True)
class Study:
    """Time at a school. `degree` is a key of `DEGREES`."""

    school: str
    degree: str
    major: str
    start: Month
    end: Month
    grade: str
    tongue: Tongue


@dataclass(frozen=True, slots=True)
class Project:
    """Something done with others."""

    name: str
    role: str
    start: Month
    end: Month
    did: str


@dataclass(frozen=True, slots=True)
class Person:
    """Everything that a resume might say; a layout shows a part of it."""

    tongue: Tongue
    name: str
    gender: Literal["m", "f"]
    birth: tuple[int, int, int]
    phone: str
    national: str
    email: str
    links: tuple[str, ...]
    city: str
    place: str
    nationality: str
    ethnic: str
    native: str
    politics: str
    marital: str
    target: str
    target_city: str
    salary: tuple[int, int]
    availability: str
    summary: str
    jobs: tuple[Job, ...]
    studies: tuple[Study, ...]
    projects: tuple[Project, ...]
    skills: tuple[str, ...]
    certificates: tuple[tuple[str, int], ...]
    languages: tuple[tuple[str, str], ...]
    awards: tuple[tuple[str, int], ...]
    hobbies: str


@cache
def world() -> dict[str, Any]:
    """Return names, places, schools and employers by language."""
    return _read("world.toml")


@cache
def professions() -> dict[str, Any]:
    """Return what people of each profession are called, know and did, by language."""
    return _read("professions.toml")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "data" / name).read_text("utf-8"))


def person(rng: random.Random, language: Language) -> Person:
    """Return somebody. Who writes a mixed resume is Chinese and has studied or worked in English as well."""
    tongue: Tongue = "en" if language == "en" else "zh"
    words, profession = world()[tongue], professions()[rng.choice(sorted(professions()))]
    gender: Literal["m", "f"] = rng.choice(("m", "f"))
    name, handle = _name(rng, tongue, gender)
    age = rng.randint(23, 48)
    birth = (TODAY[0] - age, rng.randint(1, 12), rng.randint(1, 28))
    studies = _studies(rng, language, profession, birth[0], age)
    jobs = _jobs(rng, language, profession, studies[0].end)
    city, place = _home(rng, tongue)
    phone, national = _phone(rng, tongue, city)
    known = profession[tongue]
    low = rng.randint(6, 40) if tongue == "zh" else rng.randint(45, 140)
    languages = rng.sample(words["languages"], rng.randint(1, 3))
    return Person(
        tongue=tongue,
        name=name,
        gender=gender,
        birth=birth,
        phone=phone,
        national=national,
        email=_email(rng, handle, birth[0]),
        links=_links(rng, handle),
        city=city,
        place=place,
        nationality=rng.choice(words["nationalities"]) if tongue == "en" else "中国",
        ethnic=rng.choice(words["ethnic"]) if tongue == "zh" else "",
        native=rng.choice(words["provinces"]) if tongue == "zh" else "",
        politics=rng.choice(words["politics"]) if tongue == "zh" else "",
        marital=rng.choice(words["marital"]) if tongue == "zh" else "",
        target=rng.choice(known["titles"][-3:]),
        target_city=_home(rng, tongue)[0],
        salary=(low, low + rng.choice((2, 3, 5, 10))),
        availability=rng.choice(words["availability"]),
        summary=rng.choice(words["summaries"]),
        jobs=jobs,
        studies=studies,
        projects=_projects(rng, tongue, profession, jobs),
        skills=tuple(rng.sample(known["skills"], min(len(known["skills"]), rng.randint(5, 9)))),
        certificates=tuple(
            (c, rng.randint(studies[0].end[0], TODAY[0] - 1) if studies[0].end[0] < TODAY[0] else TODAY[0] - 1)
            for c in rng.sample(known["certificates"], rng.randint(1, len(known["certificates"])))
        ),
        languages=tuple({language: (language, level) for language, level in languages}.values()),
        awards=tuple((a, studies[0].end[0] - rng.randint(0, 2)) for a in rng.sample(words["awards"], 2)),
        hobbies=rng.choice(words["hobbies"]),
    )


def _name(rng: random.Random, tongue: Tongue, gender: str) -> tuple[str, str]:
    """Return a name, and what an address can be made of."""
    words = world()[tongue]
    if tongue == "en":
        given, family = rng.choice(words[f"given_{gender}"]), rng.choice(words["surnames"])
        middle = f"{rng.choice('ABCDEFGHJKLMRSTW')}. " if rng.random() < 0.2 else ""
        handle = "".join(c for c in f"{given}.{family}".lower() if c.isascii() and (c.isalnum() or c == "."))
        return f"{given} {middle}{family}", handle
    if rng.random() < 0.08:
        name = rng.choice(words[f"minority_{gender}"])
        return name, "".join(lazy_pinyin(name.replace("·", "")))
    family = rng.choice(words["compound"] if rng.random() < 0.08 else words["surnames"])
    given = rng.choice(words[f"given_{gender}"])
    return family + given, "".join(lazy_pinyin(family + given))


def _email(rng: random.Random, handle: str, year: int) -> str:
    host = rng.choice(("example.com", "mail.example.com", "example.org", "example.net", "post.example.cn"))
    local = rng.choice((handle, f"{handle}{year % 100:02}", f"{handle}_{rng.randint(1, 999)}"))
    return f"{local}@{host}"


def _links(rng: random.Random, handle: str) -> tuple[str, ...]:
    plain = handle.replace(".", "")
    choice = rng.random()
    if choice < 0.4:
        return (f"https://github.com/{plain}",)
    return (f"https://www.linkedin.com/in/{plain}",) if choice < 0.7 else (f"https://{plain}.example.com",)


def _home(rng: random.Random, tongue: Tongue) -> tuple[str, str]:
    """Return a city, and how a resume writes where somebody lives."""
    words = world()[tongue]
    if tongue == "en":
        city, state = rng.choice(words["cities"])
        return city, f"{city}, {state}" if state else city
    city = rng.choice(words["cities"])
    return city, city + (rng.choice(words["districts"][city]) if city in words["districts"] else "")


_ABROAD = {
    "London": "+44 7700 900{:03}", "Manchester": "+44 7700 900{:03}", "Edinburgh": "+44 7700 900{:03}",
    "Sydney": "+61 491 570 {:03}", "Singapore": "+65 8123 4{:03}", "Dublin": "+353 85 012 3{:03}",
    "Berlin": "+49 30 23125 {:03}",
}  # fmt: skip
_AREA = {"Boston": 617, "Austin": 512, "Seattle": 206, "Chicago": 312, "Denver": 303, "San Francisco": 415,
         "New York": 212, "Atlanta": 404, "Toronto": 416}  # fmt: skip


def _phone(rng: random.Random, tongue: Tongue, city: str) -> tuple[str, str]:
    """Return a number in E.164, and in a form that its country writes. Fictional ranges where a country has them."""
    if tongue == "zh":
        digits = rng.choice(("138", "139", "150", "159", "177", "186", "188", "199")) + f"{rng.randrange(10**8):08}"
        grouped = f"{digits[:3]}{{0}}{digits[3:7]}{{0}}{digits[7:]}"
        forms = (
            digits,
            digits,
            grouped.format("-"),
            grouped.format(" "),
            "+86 " + digits,
            "(+86)" + grouped.format("-"),
        )
        return "+86" + digits, rng.choice(forms)
    if city in _ABROAD:
        shown = _ABROAD[city].format(rng.randint(100, 999))
        return "+" + "".join(c for c in shown if c.isdigit()), shown
    area, last = _AREA[city], rng.randint(100, 199)
    written = (f"({area}) 555-0{last}", f"{area}-555-0{last}", f"+1 {area} 555 0{last}", f"{area}.555.0{last}")
    return f"+1{area}5550{last}", rng.choice(written)


def _company(rng: random.Random, tongue: Tongue, profession: dict[str, Any]) -> tuple[str, str]:
    """Return an employer and its city."""
    words = world()[tongue]
    city = _home(rng, tongue)[0]
    industry, brand = rng.choice(profession[tongue]["industry"]), rng.choice(words["brands"])
    if rng.random() < 0.2:
        return rng.choice(words["famous"]), city
    if tongue == "zh":
        whole = industry.endswith(_WHOLE)
        return (
            f"{city if rng.random() < 0.7 else ''}{brand}{industry}{'' if whole else rng.choice(words['suffixes'])}",
            city,
        )
    suffix = "" if industry in _NO_SUFFIX else rng.choice(words["suffixes"])
    return f"{brand} {industry} {suffix}".strip(), city


def _tongue(rng: random.Random, language: Language) -> Tongue:
    if language == "mixed":
        return "en" if rng.random() < 0.35 else "zh"
    return "en" if language == "en" else "zh"


def _studies(
    rng: random.Random, language: Language, profession: dict[str, Any], born: int, age: int
) -> tuple[Study, ...]:
    """Return schools, the latest first."""
    levels = ["bachelor"]
    if age >= 26 and rng.random() < 0.45:
        levels.append("master")
        if age >= 32 and rng.random() < 0.15:
            levels.append("doctorate")
    elif rng.random() < 0.3:
        levels = ["associate"]
    found: list[Study] = []
    year = born + 18
    for level in levels:
        tongue = _tongue(rng, language)
        words = world()[tongue]
        schools = words["schools"]
        if tongue == "zh":
            schools = words["colleges"] if level == "associate" else schools + words["schools_top"]
        length = {"associate": 3 if tongue == "zh" else 2, "bachelor": 4, "master": rng.choice((2, 3)), "doctorate": 4}[
            level
        ]
        gpa = f"{rng.uniform(3.0, 3.95):.1f}"
        study = Study(
            school=rng.choice([s for s in schools if s not in {f.school for f in found}]),
            degree=level,
            major=rng.choice(profession[tongue]["majors"]),
            start=(year, 9),
            end=(year + length, rng.choice((6, 7)) if tongue == "zh" else rng.choice((5, 6))),
            grade=f"{gpa}/4.0",
            tongue=tongue,
        )
        found.append(study)
        year += length
    return tuple(reversed(found))


def _jobs(rng: random.Random, language: Language, profession: dict[str, Any], graduated: Month) -> tuple[Job, ...]:
    """Return positions, the latest first, from graduation to today, with a gap now and then."""
    found: list[Job] = []
    at = _index(graduated) + rng.randint(0, 2)
    today = _index(TODAY)
    while len(found) < 5 and today - at > 8:
        tongue = _tongue(rng, language)
        known = profession[tongue]
        employer, city = _company(rng, tongue, profession)
        if employer in {f.employer for f in found}:
            continue
        length = rng.randint(14, 70)
        end = at + length if at + length < today - 3 else None
        if len(found) == 4 and end is not None and rng.random() < 0.7:
            end = None
        title = known["titles"][min(len(found), len(known["titles"]) - 1)]
        sentences = rng.sample(known["did"], min(len(known["did"]), rng.randint(2, 4)))
        found.append(
            Job(
                employer,
                title,
                _month(at),
                _month(end) if end else None,
                city,
                tuple(_fill(rng, s) for s in sentences),
                tongue,
            )
        )
        if end is None:
            break
        at = end + rng.choice((0, 1, 1, 2, 8))
    return tuple(reversed(found))


def _projects(
    rng: random.Random, tongue: Tongue, profession: dict[str, Any], jobs: Sequence[Job]
) -> tuple[Project, ...]:
    words = world()[tongue]
    found = []
    for name, job in zip(rng.sample(words["projects"], 2), jobs, strict=False):
        start = _index(job.start) + rng.randint(1, 3)
        end = min(start + rng.randint(3, 8), _index(job.end or TODAY))
        found.append(
            Project(
                name,
                rng.choice(words["roles"]),
                _month(start),
                _month(end),
                _fill(rng, rng.choice(profession[tongue]["did"])),
            )
        )
    return tuple(found)


def _fill(rng: random.Random, sentence: str) -> str:
    return sentence.format(p=rng.randint(8, 60), n=rng.randint(2, 15))


def _index(month: Month) -> int:
    return month[0] * 12 + month[1] - 1


def _month(index: int) -> Month:
    return index // 12, index % 12 + 1
