"""What is read of job ads and of searches as recruiters type them, each written by hand with what it means.

An ad's value is an item if the ad says it or if it is claimed. A skill is right if it is asked for as the ad does,
required or merely welcome; one that the ad says it does not want is right if it is not asked for. Searches are judged
alike. More skills may be found than are labelled: a role implies some.
"""

import json
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any, NamedTuple

from ops.evaluation.resume_suite.scoring import Tally
from processors.lexicon.places import found_places
from processors.lexicon.script import is_han
from processors.reading.ad import ad_fields
from processors.search.terms import terms
from processors.skills import normalise


class Item(NamedTuple):
    """One value: what is true and what was found, and whether that is the same."""

    field: str
    true: Any
    found: Any
    correct: bool


def ads() -> list[dict[str, Any]]:
    """Return the ads with their labels."""
    labelled: list[dict[str, Any]] = tomllib.loads(_data("ads.toml"))["ad"]
    return labelled


def phrases() -> list[dict[str, Any]]:
    """Return the searches with their labels."""
    return [json.loads(line) for line in _data("phrases.jsonl").splitlines()]


def evaluate() -> dict[str, Any]:
    """Return shares and counts of each field, of both languages."""
    fields = defaultdict[str, Tally](Tally)
    languages = defaultdict[str, Tally](Tally)
    searches = defaultdict[str, Tally](Tally)
    for ad in ads():
        for item in ad_items(ad, ad_fields(ad["title"], ad["text"])):
            fields[item.field].add(item.correct)
            languages["zh" if any(map(is_han, ad["title"])) else "en"].add(item.correct)
    for phrase in phrases():
        for item in phrase_items(phrase):
            searches[item.field].add(item.correct)
    return {
        "ads": len(ads()),
        "searches": len(phrases()),
        **{
            name: _shares(part)
            for name, part in (("fields", fields), ("languages", languages), ("of searches", searches))
        },
    }


def ad_items(ad: Mapping[str, Any], read: Mapping[str, Any]) -> Iterator[Item]:
    """Yield the values of an ad and those that were read of it."""
    pay = read["salary"] or {}
    found = {
        "city": _places(read["locations"] or ()),
        "pay": [pay.get(name) for name in ("minimum", "maximum", "currency", "period", "months")] if pay else None,
        "years": [read["years_experience_min"], read["years_experience_max"]],
        "education": read["education_level"],
        "workplace": read["workplace"],
    }
    true = {
        "city": _places(ad.get("city", ())),
        "pay": [value or None for value in ad["pay"]] if "pay" in ad else None,
        "years": [value or None for value in ad.get("years", ("", ""))],
        "education": ad.get("education"),
        "workplace": ad.get("workplace"),
    }
    for field, value in true.items():
        if any(_said(v) for v in (value, found[field])):
            yield Item(field, value, found[field], value == found[field])
    asked = defaultdict[bool, set[str]](set)
    for skill in read["skills"]:
        asked[skill["required"]] |= _ids([skill["name"], *skill.get("alternatives", ())])
    for field, needed in (("must", True), ("nice", False)):
        for name in ad.get(field, ()):
            yield Item(field, name, None, _id(name) in asked[needed])
    for name in ad.get("absent", ()):
        yield Item("absent", None, name, _id(name) not in asked[True] | asked[False])


def phrase_items(phrase: Mapping[str, Any]) -> Iterator[Item]:
    """Yield the skills of a search, those that it excludes, and its places with those that it was taken to mean."""
    named = terms(phrase["query"])
    skills = {term.name for term in named if term.kind == "skill"}
    for name in phrase["skills"]:
        yield Item("skill", name, None, _id(name) in skills)
    for name in phrase.get("absent", ()):
        yield Item("absent", None, name, _id(name) not in skills)
    true, found = _places(phrase["places"]), {term.name for term in named if term.kind == "place"}
    for name in sorted(true | found):
        yield Item("place", name in true, name in found, name in true and name in found)


def _said(value: Any) -> bool:
    return any(value) if isinstance(value, list) else bool(value)


def _ids(names: Iterable[str]) -> set[str]:
    return {_id(name) for name in names}


def _id(name: str) -> str:
    return normalise(name) or name.casefold()


def _places(names: Iterable[str]) -> set[str]:
    return {next((place for place, _, _ in found_places(name)), name.casefold()) for name in names}


def _shares(tallies: Mapping[str, Tally]) -> dict[str, Any]:
    return {name: {"accuracy": round(t.share, 4), "items": t.all} for name, t in tallies.items()}


def _data(name: str) -> str:
    return (files("ops.evaluation") / "data" / name).read_text("utf-8")
