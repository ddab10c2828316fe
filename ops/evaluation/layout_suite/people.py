"""People who are invented, with a career, for one country each."""

import random
import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

TODAY = (2026, 10)
Month = tuple[int, int]

LANGUAGES = {"us": "en", "gb": "en", "in": "en", "au": "en", "eu": "en", "cn": "zh", "tw": "tw", "hk": "tw", "de": "de", "fr": "fr"}  # fmt: skip
"""The words of each country's people."""


@dataclass(slots=True)
class Job:
    """A position; `end` is None while it lasts."""

    employer: str
    title: str
    city: str
    start: Month
    end: Month | None
    duties: list[str]


@dataclass(slots=True)
class Study:
    """A course of study; `degree` as written, `level` as a talent has it."""

    school: str
    degree: str
    level: str
    field: str
    city: str
    start: Month
    end: Month


@dataclass(slots=True)
class Person:
    """All that a template may show."""

    country: str
    name: str
    given: str
    family: str
    gender: str
    email: str
    phone: str
    e164: str
    city: str
    region: str
    birth: tuple[int, int, int]
    handle: str
    jobs: list[Job]
    studies: list[Study]
    skills: list[str]
    certificates: list[str]
    languages: list[tuple[str, str]]
    profession: str
    hobbies: str
    pay: int = field(default=0)

    @property
    def headline(self) -> str:
        """What the person is now."""
        return self.jobs[0].title

    @property
    def place(self) -> str:
        """City and region."""
        return f"{self.city}, {self.region}" if self.region else self.city


@cache
def world(name: str) -> dict[str, Any]:
    """Return the words of one language."""
    return tomllib.loads((files(__package__) / "data" / f"{name}.toml").read_text("utf-8"))


def person(rng: random.Random, country: str, professions: tuple[str, ...] = (), jobs: int = 0) -> Person:
    """Draw somebody; `professions` limits what the work may be, `jobs` says how many positions (0: two to four)."""
    words = world(LANGUAGES[country])
    profession = rng.choice(professions or tuple(p for p in words["professions"] if p != "academic"))
    work = words["professions"][profession]
    given, family, name, handle = _name(rng, words, country)
    phone, e164 = _phone(rng, country)
    city, region = _city(rng, words, country)
    positions = _jobs(rng, words, work, country, jobs or rng.choice((2, 3, 3, 4)))
    return Person(
        country=country,
        name=name,
        given=given,
        family=family,
        gender=rng.choice(("male", "female")),
        email=f"{handle}@example.{rng.choice(('com', 'org', 'net'))}",
        phone=phone,
        e164=e164,
        city=city,
        region=region,
        birth=(positions[-1].start[0] - rng.randint(22, 26), rng.randint(1, 12), rng.randint(1, 28)),
        handle=handle,
        jobs=positions,
        studies=_studies(rng, words, work, country, positions[-1].start),
        skills=rng.sample(work["skills"], min(len(work["skills"]), rng.choice((4, 5, 6)))),
        certificates=rng.sample(work["certs"], min(len(work["certs"]), 2)),
        languages=[(a, b) for a, b in rng.sample(words["languages"], 2)],
        profession=profession,
        hobbies=rng.choice(words.get("hobbies", [""])),
        pay=rng.randint(8, 30),
    )


def _name(rng: random.Random, words: dict[str, Any], country: str) -> tuple[str, str, str, str]:
    """Return given name, family name, the whole as it is written, and a mailbox."""
    if country in ("cn", "tw", "hk"):
        if country == "cn" and rng.random() < 0.06:
            full = rng.choice(words["minority"])
            return full, "", full, f"user{rng.randint(1000, 9999)}"
        compound = country == "cn" and rng.random() < 0.12
        family = rng.choice(words["compound"]) if compound else rng.choice(words["surnames"])
        given = rng.choice(words["given"])
        return given, family, family + given, rng.choice(("hr", "job", "cv", "me")) + str(rng.randint(19860, 20019))
    given, family = rng.choice(words["names"])
    if given == "Minh Anh" or family in ("Đặng", "Phùng"):
        return given, family, f"{family} {given}", _ascii(family + given)
    style = rng.choice(("{g}.{f}", "{f}{n}", "{i}{f}", "{g}_{f}"))
    short = _ascii(given.split()[0]), _ascii(family)
    return (
        given,
        family,
        f"{given} {family}",
        style.format(g=short[0], f=short[1], i=short[0][:1], n=rng.randint(2, 98)),
    )


def _ascii(text: str) -> str:
    import unicodedata

    plain = unicodedata.normalize(
        "NFKD", text.replace("đ", "d").replace("Đ", "D").replace("ø", "o").replace("ß", "ss").replace("ð", "d")
    )
    return "".join(c for c in plain.casefold() if c.isascii() and c.isalpha())


def _phone(rng: random.Random, country: str) -> tuple[str, str]:
    """Return a number as written there and as E.164; of ranges kept for fiction where there are such."""
    n = rng.randint
    match country:
        case "us":
            area, rest = rng.choice((503, 614, 919, 612, 208)), n(100, 199)
            return rng.choice(
                (f"({area}) 555-0{rest}", f"{area}-555-0{rest}", f"{area}.555.0{rest}")
            ), f"+1{area}5550{rest}"
        case "gb":
            rest = n(100, 999)
            return rng.choice((f"07700 900{rest}", f"+44 7700 900{rest}", f"07700900{rest}")), f"+447700900{rest}"
        case "in":
            rest = n(100, 999)
            return rng.choice((f"+91 98765 43{rest}", f"+91-9876543{rest}")), f"+919876543{rest}"
        case "au":
            rest = rng.choice((156, 157, 158, 159))
            return rng.choice((f"0491 570 {rest}", f"+61 491 570 {rest}")), f"+61491570{rest}"
        case "eu":
            rest = n(100, 999)
            return f"+31 6 1234 5{rest}", f"+3161234{5}{rest}"
        case "cn":
            rest = n(1000, 9999)
            return rng.choice(
                (f"1380013{rest}", f"138-0013-{rest}", f"138 0013 {rest}", f"+86 1380013{rest}")
            ), f"+861380013{rest}"
        case "tw":
            rest = n(100, 999)
            return rng.choice((f"0912-345-{rest}", f"0912345{rest}")), f"+886912345{rest}"
        case "hk":
            rest = n(1000, 9999)
            return rng.choice((f"+852 6123 {rest}", f"(852) 6123 {rest}")), f"+8526123{rest}"
        case "de":
            rest = n(10, 99)
            return rng.choice(
                (f"0176 040690{rest}", f"+49 176 040690{rest}", f"0176/040690{rest}")
            ), f"+49176040690{rest}"
        case _:
            rest = n(10, 99)
            return rng.choice(
                (f"06 39 98 01 {rest}", f"+33 6 39 98 01 {rest}", f"06.39.98.01.{rest}")
            ), f"+336399801{rest}"


def _city(rng: random.Random, words: dict[str, Any], country: str) -> tuple[str, str]:
    if isinstance(words["cities"], dict):
        city, region = rng.choice(words["cities"][country])
        return city, region
    return rng.choice(words["cities"]), ""


def _employer(rng: random.Random, words: dict[str, Any], work: dict[str, Any], country: str) -> str:
    brand, place = rng.choice(words["brands"]), rng.choice(work["places"])
    ending = rng.choice(words["endings"])
    if country == "cn":
        if rng.random() < 0.12 and "医院" not in place:
            return str(rng.choice(words["large"]))
        whole = place.endswith(("院", "部"))
        city = rng.choice(words["cities"])
        return f"{city}市{brand}{place}" if whole else f"{rng.choice((city, '', ''))}{brand}{place}{ending}"
    if country in ("tw", "hk"):
        return f"{brand}{place}" if place.endswith("所") else f"{brand}{place}{ending}"
    if country in ("us", "gb", "in", "au", "eu") and place in ("Hospital", "Medical Center", "Health Clinic", "Hospice", "Institute", "Observatory", "Laboratory", "Housing Association"):  # fmt: skip
        return f"{brand} {place}"
    return f"{brand} {place} {ending}".strip()


def _jobs(rng: random.Random, words: dict[str, Any], work: dict[str, Any], country: str, count: int) -> list[Job]:
    now = TODAY[0] * 12 + TODAY[1] - 1
    titles = rng.sample(work["titles"], min(count, len(work["titles"])))
    at = now - rng.choice((0, 0, 0, 2, 5))
    lasts = at == now
    jobs: list[Job] = []
    used: set[str] = set()
    for n in range(len(titles)):
        length = rng.randint(9, 52)
        start = at - length
        employer = _employer(rng, words, work, country)
        while employer in used:
            employer = _employer(rng, words, work, country)
        used.add(employer)
        duties = rng.sample(work["duties"], rng.choice((2, 3, 3, 4)))
        end = None if n == 0 and lasts else _month(at)
        jobs.append(Job(employer, titles[n], _city(rng, words, country)[0], _month(start), end, duties))
        at = start - rng.choice((1, 1, 2, 7))
    return jobs


def _month(number: int) -> Month:
    return number // 12, number % 12 + 1


def _studies(rng: random.Random, words: dict[str, Any], work: dict[str, Any], country: str, before: Month) -> list[Study]:  # fmt: skip
    year = before[0] - (before[1] < 7)
    field = rng.choice(work["fields"])
    studies: list[Study] = []
    if country == "cn":
        kinds = rng.choice(
            ((("本科", "bachelor"),), (("硕士", "master"), ("本科", "bachelor")), (("大专", "associate"),))
        )
    elif country in ("tw", "hk"):
        kinds = rng.choice(((("學士", "bachelor"),), (("碩士", "master"), ("學士", "bachelor"))))
    else:
        every = words["degrees"][country] if isinstance(words["degrees"], dict) else words["degrees"]
        bachelors = [tuple(d) for d in every if d[1] in ("bachelor", "associate")]
        others = [tuple(d) for d in every if d[1] in ("master", "doctorate")]
        kinds = rng.choice(((rng.choice(bachelors),), (rng.choice(others), rng.choice(bachelors))))
    named = words["schools"][country] if isinstance(words["schools"], dict) else words["schools"]
    for degree, level in kinds:
        pool = words["colleges"] if country == "cn" and level == "associate" else named
        long = {"bachelor": 4, "master": 2, "associate": 3, "doctorate": 4}[level]
        school = rng.choice([s for s in pool if s not in {x.school for x in studies}])
        studies.append(Study(school, degree, level, field, _city(rng, words, country)[0], (year - long, 9), (year, 6)))
        year -= long
    return studies
