"""Location names: a city's Chinese and English spellings become one name."""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files

from ahocorasick_rs import AhoCorasick, MatchKind

from processors.lexicon import gazetteer
from processors.lexicon.accents import without_accents
from processors.lexicon.regions import regions

_PROVINCES = """
河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾
内蒙古 广西 西藏 宁夏 新疆
"""
PROVINCES = tuple(_PROVINCES.split())
"""Provinces and autonomous regions of China, without what follows their names (省, 自治区)."""


_NAMES: dict[str, str] = tomllib.loads(files(__package__).joinpath("data/towns.toml").read_text("utf-8"))


def _by_chinese(cities: str) -> dict[str, str]:
    pairs = (pair.rpartition(" ") for line in cities.split("\n") for pair in line.split("|") if pair)
    return {chinese: english for english, _, chinese in pairs}


CITIES = (*_by_chinese(_NAMES["china"]), *_NAMES["smaller"].split())
"""Cities of China, in Chinese: names of companies begin with them."""
TOWNS = tuple(_NAMES["towns"].split())
"""More cities of China, whose names are also parts of companies' names that mean something else."""

US_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC"
    "|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC"
)
"""Their abbreviations, as alternatives of a pattern."""

_CHINESE = _by_chinese(_NAMES["china"]) | _by_chinese(_NAMES["elsewhere"])
_LABELS = {english: chinese for chinese, english in _CHINESE.items()}
_SPELLINGS = {
    **_CHINESE,
    **{english: english for english in _LABELS},
    "臺北": "taipei",
    "xian": "xi'an",
    "nyc": "new york",
    "hongkong": "hong kong",
    "macao": "macau",
    "peking": "beijing",
}
# Latin names as whole words; Chinese ones anywhere, for districts and streets follow without a space.
_KNOWN = re.compile(
    rf"(?<![a-z])(?:{'|'.join(re.escape(s) for s in _SPELLINGS if s.isascii())})(?![a-z])"
    rf"|{'|'.join(s for s in _SPELLINGS if not s.isascii())}"
)
_SUFFIX = re.compile(r"(?:市|[ -]shi| city)$")
_PARTS = re.compile(r"\s*[,，/|·(（)）;；]\s*")
_REMOTE = frozenset(("remote", "远程", "远程办公", "居家办公", "anywhere", "work from home", "wfh"))


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).replace("’", "'").casefold().split())


@lru_cache(maxsize=20_000)
def _place(text: str) -> str | None:
    """Return a location's name: of a known city the first one mentioned, else the text's first part."""
    folded = _folded(text)
    known = _KNOWN.search(folded)
    if known:
        return _SPELLINGS[known[0]]
    parts = [part for part in _PARTS.split(folded) if part and part not in _REMOTE]
    return _SUFFIX.sub("", parts[0]) or None if parts else None


def places(locations: Iterable[str]) -> tuple[str, ...]:
    """Return the names of locations, each once, sorted: `北京`, `Beijing` and `beijing市` are all `beijing`."""
    return tuple(sorted({name for name in map(_place, locations) if name}))


def says_remote(locations: Iterable[str]) -> bool:
    """Whether one of the locations says `remote` or `远程`."""
    return any(part in _REMOTE for text in locations for part in _PARTS.split(_folded(text)))


def place_label(name: str, language: str) -> str:
    """Return a location's name as people write it."""
    if language == "zh":
        return _LABELS.get(name, name)
    return "Xi'an" if name == "xi'an" else name.title()


def found_places(text: str) -> list[tuple[str, int, int]]:
    """Return the cities that a text names, with where they stand."""
    return [(_SPELLINGS[match[0]], *match.span()) for match in _KNOWN.finditer(text.replace("’", "'").lower())]


_SHORT = {
    "HK": "hong kong",
    "NYC": "new york",
    "SF": "san francisco",
    "LA": "los angeles",
    "SG": "singapore",
    "KL": "kuala lumpur",
    "BJ": "beijing",
    "SH": "shanghai",
    "GZ": "guangzhou",
    "SZ": "shenzhen",
}
_SHORT_NAME = re.compile(rf"(?<![A-Za-z\d$])(?:{'|'.join(_SHORT)})(?![A-Za-z\d$])")
_WORDS_TOO = re.compile(
    r"(?:(?<=\bin )|(?<=\bnear )|(?<=\baround )|(?<=\babout )|(?<=\bto )|(?<=\bor )|(?<=^))(?:Bath|Reading|Nice|Mobile)(?=$| (?:too|also|as well|area)\b|[,.?!])"
)
"""Cities whose names are words: where nothing else can be meant."""
_TOWN = re.compile("|".join(town.removesuffix("市") for town in TOWNS))
_LATIN_NAME = re.compile(r"[^\W\d_][^\W\d_'.-]*(?:[ -][^\W\d_][^\W\d_'.-]*)?")
_BEFORE_PLACE = re.compile(
    r"(?:\b(?:in|near|around|to|from|or|and|about|at|outside|based|city|but|only|drop|remove|not)|[,，/、]) *$|[\u4e00-\u9fff] ?$|^ *$"
)


_BIG_FOUR = {
    "北": "beijing", "京": "beijing", "上": "shanghai", "沪": "shanghai", "广": "guangzhou", "深": "shenzhen", "杭": "hangzhou",
}  # fmt: skip
_TOGETHER = re.compile(
    r"(?:北上广深杭?|北上广|北上深杭?|北上杭|上广深|北深广|京沪深|京沪杭|沪深杭|京沪|沪杭|深广|广深)(?![\u4e00-\u9fff]?告|高[铁速])"
)
_PROVINCE = re.compile(rf"(?:{'|'.join(PROVINCES)})(?!路|街|大学|人)")


def named_places(text: str) -> list[tuple[str, int, int]]:
    """Return the cities that a message names, smaller ones, provinces and countries, too, with where they stand.

    A Latin name in small letters is one where a place is expected: many are also words.
    """
    found = found_places(text)
    starts = {start for _, start, _ in found}
    taken = bytearray(len(text))
    for _, start, end in found:
        taken[start:end] = b"\1" * (end - start)

    def is_free(start: int, end: int) -> bool:
        return not any(taken[start:end])

    for match in _TOWN.finditer(text):
        if is_free(*match.span()):
            found.append((match[0], *match.span()))
    for match in _TOGETHER.finditer(text):
        found += [(_BIG_FOUR[c], match.start() + n, match.start() + n + 1) for n, c in enumerate(match[0])]
    for match in _PROVINCE.finditer(text):
        if not starts & {match.end(), match.end() + 1}:
            found.append((match[0], *match.span()))
    for match in _WORDS_TOO.finditer(text):
        found.append((match[0].lower(), *match.span()))
    for match in _SHORT_NAME.finditer(text):
        if is_free(*match.span()):
            found.append((_SHORT[match[0]], *match.span()))
    of_china = [place for place in found if not text[place[1]].isascii()]
    for name, start, end in gazetteer.districts(text, of_china):
        if is_free(start, end):
            taken[start:end] = b"\1" * (end - start)
            found += [(name, start, end)] if name else []
    found += [place for place in gazetteer.towns(text) if is_free(*place[1:])]
    at = 0
    while latin := _LATIN_NAME.search(text, at):
        at = latin.end()
        for name in (latin[0], re.split(r"[ -]", latin[0])[0]):
            start, end = latin.start(), latin.start() + len(name)
            is_place = country_of_city(name) and is_free(start, end)
            if is_place and (name[:1].isupper() or _BEFORE_PLACE.search(text[max(0, start - 24) : start])):
                found.append((name.casefold(), start, end))
                at = end
                break
            at = min(at, end) if len(name) < len(latin[0]) else at
    for _, start, end in found:
        taken[start:end] = b"\1" * (end - start)
    for name, start, end in (*gazetteer.latin(text, found), *regions(text)):
        if is_free(start, end):
            taken[start:end] = b"\1" * (end - start)
            found.append((name, start, end))
    return sorted(found, key=lambda item: item[1])


def with_city(name: str) -> str:
    """Return the city that a place is a district of, as places are named; any other place as it is."""
    city = gazetteer.city_of(name)
    return _SPELLINGS.get(city, city) if city else name


_UP_TO_THREE = re.compile(
    r"(?<![\w'’.-])(?=([^\W\d_][^\W\d_'’.-]*)(?: ([^\W\d_][^\W\d_'’.-]*))?(?: ([^\W\d_][^\W\d_'’.-]*))?)"
)


def typed_cities(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the larger cities that somebody typed into a search, whose letters say nothing: `nurse icu cleveland`.

    Only where a text is so short that hardly a word stands by chance.
    """
    at = 0
    for run in _UP_TO_THREE.finditer(text):
        if run.start() < at:
            continue
        for last in (3, 2, 1):
            if run[last] and country_of_city(name := text[run.start() : run.end(last)]):
                yield name.casefold(), run.start(), run.end(last)
                at = run.end(last)
                break


def known_places(text: str) -> list[str]:
    """Return the cities that a text names, in its order, each once."""
    return list(dict.fromkeys(_SPELLINGS[match[0]] for match in _KNOWN.finditer(_folded(text))))


_CAPITALISED = re.compile(r"(?:[A-ZÀ-Ž][\w'’.\-]*(?: (?:of|am|im|upon|de|do|di) | )?){1,4}")


@cache
def _latin() -> dict[str, str]:
    data: dict[str, str] = tomllib.loads((files(__package__) / "data" / "cities.toml").read_text("utf-8"))
    return {_accentless(name.replace("_", " ")): country for country, names in data.items() for name in names.split()}


def _accentless(text: str) -> str:
    return without_accents(text.replace("’", "'").casefold().translate(_LETTERS))


_LETTERS = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "æ": "ae"})


@lru_cache(maxsize=20_000)
def country_of_city(name: str) -> str | None:
    """Return the country (ISO 3166) of a larger city by its Latin name, with or without accents; None if unknown."""
    return _latin().get(_accentless(name.strip())) if len(name) < 40 else None


def latin_cities(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the larger cities that a text names in Latin letters and with a capital, with where they stand."""
    for run in _CAPITALISED.finditer(text):
        words = list(re.finditer(r"\S+", run[0]))
        at = 0
        while at < len(words):
            for end in range(len(words), at, -1):
                name = run[0][words[at].start() : words[end - 1].end()].strip(".,")
                if country_of_city(name):
                    start = run.start() + words[at].start()
                    yield name, start, start + len(name)
                    at = end - 1
                    break
            at += 1


def countries_of_cities(text: str) -> Counter[str]:
    """Return how often a text names cities of each country: in Latin letters, with a capital."""
    return Counter(country for name, _, _ in latin_cities(text) if (country := country_of_city(name)))


_AFTER_CITY = re.compile(
    rf"市|(?:,? (?:{US_STATES})\b(?: \d{{5}}\b)?)?"
    r"(?:,? (?:China|USA?|U\.S\.A?\.?|UK|India|Germany|France|Canada|Australia|Singapore|Israel|Russia|Ireland)\b)?"
)


def without_places(text: str) -> str:
    """Return a text without the larger cities that it names, and the states and countries that follow these."""
    kept, at = [], 0
    for _, start, end in _cities().find_matches_as_indexes(text.lower()):
        if start < at or (text[start].isascii() and not _stands_alone(text, start, end)):
            continue
        kept.append(text[at:start])
        after = _AFTER_CITY.match(text, end)
        at = after.end() if after else end
    return "".join((*kept, text[at:])) if kept and len(text) == len(text.lower()) else text


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a name begins with a capital and is no part of a longer one."""
    return text[start].isupper() and not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum()


@cache
def _cities() -> AhoCorasick:
    data: dict[str, str] = tomllib.loads((files(__package__) / "data" / "cities.toml").read_text("utf-8"))
    latin = {name.replace("_", " ") for names in data.values() for name in names.split()}
    names = {*latin, *map(_accentless, latin), *_CHINESE, *_LABELS}
    return AhoCorasick(sorted(names), matchkind=MatchKind.LeftmostLongest)
