"""Invented people of the reporting half; they share no names, employers or duties with those of the tuning half."""

import random
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any

from ops.evaluation.layout_suite.people import TODAY, Job, Month, Person, Study

WORLDS = {"us": "en", "gb": "en", "in": "en", "ae": "en", "au": "en", "hk": "en", "cn": "zh", "tw": "tw", "de": "de", "fr": "fr", "es": "es", "vn": "vi"}  # fmt: skip
"""The words of each country's people."""


@cache
def _words(world: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "data" / f"{world}.toml").read_text("utf-8"))


def somebody(rng: random.Random, country: str, profession: str, jobs: int = 0, *, promoted: bool = False) -> Person:
    """Draw somebody; `promoted`: some positions that follow on each other are of one employer."""
    words = _words(WORLDS[country])
    work = words["professions"][profession]
    family, given, name = _name(rng, words, country)
    city, region = _city(rng, words, country)
    phone, e164 = _phone(rng, country)
    held = _jobs(rng, words, work, country, jobs or rng.choice((2, 3, 3, 4, 5)), promoted=promoted)
    studies = _studies(rng, words, work, country, held[-1].start if held else (TODAY[0], 6))
    mailbox = _plain(
        f"{given}.{family}" if country not in ("cn", "tw") else f"{rng.choice('abcdefghxyz')}{rng.randint(1000, 99999)}"
    )
    return Person(
        country=country, name=name, given=given, family=family, gender=rng.choice(("male", "female")),
        email=f"{mailbox}@{rng.choice(('mail.example.com', 'example.net', 'post.example.org'))}", phone=phone, e164=e164,
        city=city, region=region, birth=(studies[-1].start[0] - rng.randint(18, 20), rng.randint(1, 12), rng.randint(1, 28)),
        handle=_plain(given + family) or mailbox, jobs=held, studies=studies,
        skills=rng.sample(work["skills"], min(len(work["skills"]), rng.choice((4, 5, 6, 7)))),
        certificates=rng.sample(work["certs"], min(2, len(work["certs"]))),
        languages=[(a, b) for a, b in rng.sample(words["languages"], 2)], profession=profession, hobbies="", pay=rng.randint(9, 28),
    )  # fmt: skip


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D").replace("ı", "i").casefold())
    return "".join(c for c in text if c.isascii() and (c.isalnum() or c == "."))


def _name(rng: random.Random, words: dict[str, Any], country: str) -> tuple[str, str, str]:
    if "surnames" in words:
        family, given = rng.choice(words["surnames"]), rng.choice(words["given"])
        return family, given, family + given
    given, family = rng.choice(words["names"][country])
    return family, given, f"{family} {given}" if country == "vn" else f"{given} {family}"


def _city(rng: random.Random, words: dict[str, Any], country: str) -> tuple[str, str]:
    found = rng.choice(words["cities"][country])
    return (found, "") if isinstance(found, str) else (found[0], found[1])


def _phone(rng: random.Random, country: str) -> tuple[str, str]:
    """Return a number as written there and as E.164; of ranges kept for fiction, or plainly made up."""
    two, three, four = rng.randint(10, 99), rng.randint(100, 999), rng.randint(1000, 9999)
    line = rng.randint(100, 199)
    area = rng.choice((918, 509, 865, 515, 559))
    written, whole = {
        "us": (("+1 {a} 555 0{l}", "({a}) 555-0{l}", "{a} 555 0{l}"), "1{a}5550{l}"),
        "gb": (("07700 900 {c}", "+44 (0)7700 900{c}", "0044 7700 900{c}"), "447700900{c}"),
        "in": (("+91 98400 00{c}", "98400-00{c}", "(+91) 9840000{c}"), "919840000{c}"),
        "ae": (("+971 50 000 {d}", "+971-50-000{d}", "00971 50 000 {d}"), "97150000{d}"),
        "au": (("0491 57{d}", "+61 491 57 {d}", "(+61) 0491 57{d}"), "6149157{d}"),
        "hk": (("5100 {d}", "+852 5100-{d}", "(852) 5100 {d}"), "8525100{d}"),
        "cn": (("1860000{d}", "186-0000-{d}", "+86 186 0000 {d}", "（+86）1860000{d}"), "861860000{d}"),
        "tw": (("0900-000-{c}", "0900 000 {c}", "+886 900 000 {c}"), "886900000{c}"),
        "de": (("0171 39200{b}", "+49 (0) 171 39200 {b}", "0171-39200{b}"), "4917139200{b}"),
        "fr": (("06 39 98 01 {b}", "+33 (0)6 39 98 01 {b}", "06.39.98.01.{b}"), "336399801{b}"),
        "es": (("600 000 {c}", "+34 600 00 0{c}", "600.000.{c}"), "34600000{c}"),
        "vn": (("0900 000 {c}", "0900.000.{c}", "+84 900 000 {c}"), "84900000{c}"),
    }[country]
    values = {"a": area, "b": two, "c": three, "d": four, "l": line}
    return rng.choice(written).format(**values), "+" + whole.format(**values)


def _jobs(rng: random.Random, words: dict[str, Any], work: dict[str, Any], country: str, count: int, *, promoted: bool) -> list[Job]:  # fmt: skip
    count = min(count, len(work["titles"]), len(work["employers"]))
    if count <= 0:
        return []
    ranks = sorted(rng.sample(range(len(work["titles"])), count), reverse=True)
    employers = rng.sample(work["employers"], count)
    at = TODAY[0] * 12 + TODAY[1] - 1 - rng.choice((0, 0, 0, 4))
    held: list[Job] = []
    for n, rank in enumerate(ranks):
        follows = promoted and n == 1
        start = at - rng.randint(10, 47)
        end = None if n == 0 and at == TODAY[0] * 12 + TODAY[1] - 1 else _month(at)
        held.append(
            Job(
                employer=held[0].employer if follows else employers[n], title=work["titles"][rank],
                city=held[0].city if follows else _city(rng, words, country)[0], start=_month(start), end=end,
                duties=rng.sample(work["duties"], min(len(work["duties"]), rng.choice((2, 3, 4)))),
            )
        )  # fmt: skip
        at = start - (1 if promoted and n == 0 else rng.choice((1, 2, 3, 14)))
    return held


def _month(number: int) -> Month:
    return number // 12, number % 12 + 1


def _studies(rng: random.Random, words: dict[str, Any], work: dict[str, Any], country: str, before: Month) -> list[Study]:  # fmt: skip
    field = rng.choice(work["fields"])
    if country == "cn":
        degrees = rng.choice(
            ([("本科", "bachelor")], [("硕士研究生", "master"), ("本科", "bachelor")], [("大专", "associate")])
        )
        if work is words["professions"]["worker"]:
            degrees = [("大专", "associate")]
    elif country == "tw":
        degrees = rng.choice(([("學士", "bachelor")], [("碩士", "master"), ("學士", "bachelor")]))
    else:
        offered = [tuple(d) for d in words["degrees"][country]]
        degrees = [rng.choice([d for d in offered if d[1] != "master"])]
        if rng.random() < 0.4:
            degrees.insert(0, rng.choice([d for d in offered if d[1] == "master"]))
    year = before[0] - (before[1] < 8)
    studies: list[Study] = []
    for written, level in degrees:
        pool = words["colleges" if level == "associate" and country == "cn" else "schools"][country]
        school = rng.choice([s for s in pool if s not in {x.school for x in studies}])
        years = {"bachelor": 4, "master": 2, "associate": 3}[level]
        studies.append(
            Study(school, written, level, field, _city(rng, words, country)[0], (year - years, 9), (year, 6))
        )
        year -= years
    return studies
