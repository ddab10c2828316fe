"""Which fields of a resume were found: one item for each value that it shows, and for each that was made up.

A single value is an item if it is shown or claimed. A position, a study or a project is paired with the claimed one
that agrees most; each of its values is an item, and so are those of claimed ones that do not exist. Skills,
certificates and languages are items where they are shown; more may be found elsewhere in the text, so what is found
besides costs nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ops.evaluation.profile import plain
from ops.evaluation.resume_suite.truth import Truth

SINGLE = (
    "name",
    "email",
    "phone",
    "link",
    "gender",
    "birth",
    "place",
    "nationality",
    "target",
    "target_city",
    "salary",
)
WORK = ("employer", "title", "start", "end")
EDUCATION = ("school", "degree", "field", "start", "end")


class Item(NamedTuple):
    """One value: what is true and what was found, and whether that is the same."""

    field: str
    true: Any
    found: Any
    correct: bool


def of_positions(items: Sequence[Item], truth: Truth) -> Iterator[list[Item]]:
    """Yield what `score` returns of each position that there is, without the values of made-up ones."""
    work = [item for item in items if item.field.startswith("work.")]
    for n in range(len(truth.work)):
        yield work[len(WORK) * n : len(WORK) * (n + 1)]


def score(truth: Truth, found: Truth) -> list[Item]:
    """Return the items of one resume."""
    items = [
        Item(
            field,
            truth.facts.get(field),
            found.facts.get(field),
            same(field, truth.facts.get(field), found.facts.get(field)),
        )
        for field in SINGLE
        if field in truth.facts or found.facts.get(field)
    ]
    items += _entries("work", WORK, truth.work, found.work)
    items += _entries("education", EDUCATION, truth.education, found.education)
    items += _entries("project", ("name",), truth.projects, found.projects)
    for field, shown, claimed in (
        ("skill", truth.skills, found.skills),
        ("certificate", truth.certificates, found.certificates),
        ("language", truth.languages, found.languages),
    ):
        said = {plain(text) for text in claimed}
        items += [Item(field, text, None if plain(text) not in said else text, plain(text) in said) for text in shown]
    return items


def same(field: str, true: Any, found: Any) -> bool:
    """Whether a value was found as it is. A place is found if its city is; of several values, all and no others."""
    if not true or not found:
        return not true and not found
    if field == "place":
        return plain(true) in plain(found)
    if field == "link":
        return {_address(url) for url in true} == {_address(url) for url in found}
    if field in ("target", "target_city"):
        return {plain(text) for text in true} == {plain(text) for text in found}
    if field in ("employer", "title", "school", "field", "name", "nationality"):
        return plain(true) == plain(found)
    return bool(true == found)


def _address(url: str) -> str:
    return re.sub(r"^https?://(?:www\.)?|^www\.|/$", "", url.strip().casefold())


def _entries(
    kind: str, fields: Sequence[str], true: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]
) -> Iterator[Item]:
    left = list(found)
    for entry in true:
        best = max(left, key=lambda f: sum(same(k, entry.get(k), f.get(k)) for k in fields), default=None)
        if best is not None and any(entry.get(k) and same(k, entry.get(k), best.get(k)) for k in fields):
            left.remove(best)
        else:
            best = None
        for field in fields:
            value = best.get(field) if best is not None else None
            yield Item(
                f"{kind}.{field}", entry.get(field), value, best is not None and same(field, entry.get(field), value)
            )
    for entry in left:
        for field in fields:
            if entry.get(field):
                yield Item(f"{kind}.{field}", None, entry[field], False)


@dataclass(slots=True)
class Tally:
    """Right ones of all."""

    right: int = 0
    all: int = 0

    def add(self, correct: bool) -> None:
        """Count one."""
        self.right += correct
        self.all += 1

    @property
    def share(self) -> float:
        """Return the share of right ones."""
        return self.right / self.all if self.all else 1.0
