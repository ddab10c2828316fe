"""More places than resumes are read by: what somebody says who looks for work, where a place is expected.

Cities of more than 20,000 people, and the districts and towns of China (data/gazetteer.toml). Many of their names are
also words, so they count only behind `in`, `去` and the like, beside another place, or alone.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from processors.lexicon.accents import without_accents

Found = tuple[str, int, int]
"""A place's name, and where it stands."""


class _Gazetteer(NamedTuple):
    countries: dict[str, str]
    chinese: dict[str, str]
    cities: dict[str, str]
    districts: re.Pattern[str]
    towns: re.Pattern[str]


_LETTERS = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "ı": "i", "’": "'"})
_LATIN = re.compile(r"[^\W\d_][^\W\d_'.’-]+")
_MAX_WORDS = 3
_AT = re.compile(
    r"\b(?:in|near|around|outside|from|to|at|about|based|leave|over|try|but|only|forget|drop|remove|skip|exclude|add|lose|without"
    r"|avoid|also|prefer|except|consider|of|for|not|no|scrap|ditch|keep) (?:the )?$|[\u4e00-\u9fff] ?$"
)
_AND = re.compile(r"\s*(?:[,，/、和或&]|\b(?:or|and)\b)\s*(?:(?:or|and|also|maybe|even|in) )?$")
_ENDS = re.compile(
    r"\W*(?:$|[,.!?，。]| ?[\u4e00-\u9fff]|\s(?:too|also|as well|then|instead|please|is|or|and|would|works?|area|only|might|could)\b)"
)
_LAST = re.compile(r"\W*(?:$|,|(?:or|and|preferably|ideally)\b)")
_GOES = re.compile(r"(?:^|[^\u4e00-\u9fff]|[在去到回往来和或与跟也看换驻住找想要是有搬留除])$")
_DISTRICT = r"(?:新区|区)?"


@cache
def _gazetteer() -> _Gazetteer:
    data = tomllib.loads((files(__package__) / "data" / "gazetteer.toml").read_text("utf-8"))
    countries = {name.replace("_", " "): code for code, names in data["cities"].items() for name in names.split()}
    cities = {name.removesuffix("区"): city for city, names in data["districts"].items() for name in names.split()}
    spelt = sorted((name for names in data["districts"].values() for name in names.split()), key=len, reverse=True)
    towns = sorted((*data["towns"]["names"].split(), *data["chinese"]), key=len, reverse=True)
    return _Gazetteer(
        countries,
        data["chinese"],
        cities,
        re.compile(f"(?P<name>{'|'.join(spelt)}){_DISTRICT}"),
        re.compile("|".join(towns)),
    )


def country_of(place: str) -> str | None:
    """Return the country (ISO 3166) of a city of the list; None if it has none of that name."""
    return _gazetteer().countries.get(latin_name(place))


def city_of(place: str) -> str | None:
    """Return the city, in Chinese, of a district; None if it is none."""
    return _gazetteer().cities.get(place)


def district_names() -> tuple[str, ...]:
    """Return the districts that are named without 区."""
    return tuple(_gazetteer().cities)


def districts(text: str, cities: Sequence[tuple[str, int, int]]) -> Iterator[Found]:
    """Yield the districts that a text names, "" for one that stands behind its own city (Chinese name, start, end)."""
    for match in _gazetteer().districts.finditer(text):
        name = match["name"].removesuffix("区")
        inside = any(end in (match.start(), match.start() - 1) for _, _, end in cities)
        yield "" if inside else name, *match.span()


def towns(text: str) -> Iterator[Found]:
    """Yield smaller cities of China, and cities elsewhere by their Chinese names."""
    found = _gazetteer()
    at = 0
    while match := found.towns.search(text, at):
        at = match.end()
        is_after = bool(_GOES.search(text[max(0, match.start() - 1) : match.start()]))
        if is_after or (len(match[0]) > 2 and match[0] in found.chinese):
            yield found.chinese.get(match[0], match[0]), *match.span()
        else:
            at = match.start() + 1


def latin(text: str, known: Sequence[Found]) -> Iterator[Found]:
    """Yield cities by their Latin names, where a place is expected; `known` are those that are found already."""
    words = list(_LATIN.finditer(text))
    ends = {end for _, _, end in known}
    n = 0
    while n < len(words):
        for many in range(min(_MAX_WORDS, len(words) - n), 0, -1):
            start, end = words[n].start(), words[n + many - 1].end()
            name = text[start:end].rstrip(".")
            if country_of(name) and _is_expected(text, start, end, name, ends):
                ends.add(end)
                yield latin_name(name) if name.isascii() else name.casefold(), start, start + len(name)
                n += many - 1
                break
        n += 1


def _is_expected(text: str, start: int, end: int, name: str, ends: set[int]) -> bool:
    before = text[max(0, start - 24) : start]
    if name[0].isupper():
        if _AT.search(before):
            return True
        joined = _AND.search(before)
        if joined and (start - len(joined[0]) in ends or not text[: start - len(joined[0])].strip()):
            return True
        if re.search(r"[,，] $", before) and _LAST.match(text, end):
            return True
        return not before.strip() and bool(_ENDS.match(text, end))
    return bool(re.search(r"\b(?:in|near|around|outside) $", before)) or (
        not before.strip() and not text[end:].strip(" .!?")
    )


def latin_name(name: str) -> str:
    """Return a name in Latin letters as the list has it: in small letters, without accents."""
    return without_accents(name.strip().casefold().translate(_LETTERS))
