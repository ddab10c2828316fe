"""Dates of birth and postal addresses: how two that people wrote down agree."""

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from processors.resolution.text import fold, unaccented

_ALIKE = 0.7
"""Similarity of two streets' letters from which they are one street, written with slips."""

_GENERATION = 15
"""Years between parent and child at least."""

_SHORT = 6
"""Letters of a street from which slips are looked for."""

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Home:
    """A postal address: the street in letters, its numbers, sorted, and the postal code; empty where unknown."""

    street: str
    numbers: tuple[str, ...]
    code: str


@lru_cache(maxsize=50_000)
def home(street: str, code: str) -> Home | None:
    """Return an address without spaces, signs and case; None if nothing is known of it."""
    plain = re.sub(r"[\W_]+", "", unaccented(fold(street)))
    found = Home(_NUMBER.sub("", plain), tuple(sorted(_NUMBER.findall(plain))), re.sub(r"\W+", "", fold(code)))
    return found if found.street or found.numbers or found.code else None


def birth_level(left: str, right: str) -> str:
    """Return how two dates of birth agree; both are ISO 8601, possibly without the day or month.

    `slip` is a digit changed, two digits exchanged, or day and month exchanged; `part` is all but one part.
    """
    a, b = left.split("-"), right.split("-")
    known = min(len(a), len(b))
    if a[:known] == b[:known]:
        return ("same_year", "same_month", "same")[known - 1]
    if known == 1:
        return _years_apart(a, b)
    if known == 3 and a[0] == b[0] and a[1:] == b[:0:-1]:
        return "slip"
    if DamerauLevenshtein.distance("".join(a[:known]), "".join(b[:known]), score_cutoff=1) <= 1:
        return "slip"
    if known == 3 and sum(map(str.__eq__, a, b)) == 2:
        return "part"
    return "other_day" if a[0] == b[0] else _years_apart(a, b)


def _years_apart(left: list[str], right: list[str]) -> str:
    """Two of one name in one house are parent and child only if a generation lies between them."""
    return "generation" if abs(int(left[0]) - int(right[0])) >= _GENERATION else "different"


def home_level(left: Home, right: Home) -> str:
    """Return how two addresses agree: `same` street and numbers, `near` with slips, or the postal code alone."""
    codes = left.code and right.code
    one_code = codes and _close(left.code, right.code)
    if left.street and right.street:
        alike = _alike(left.street, right.street)
        if alike == 1 and left.numbers == right.numbers and left.numbers:
            return "same"
        if alike and (set(left.numbers) & set(right.numbers) or (one_code and not (left.numbers and right.numbers))):
            return "near"
        if alike and one_code:
            return "street"
    if codes:
        return "postal_code" if one_code else "different"
    return "different" if left.street and right.street else ""


def _alike(left: str, right: str) -> float:
    """Return how alike two streets are, from 0 to 1; the longer may say more behind the street."""
    if min(len(left), len(right)) < _SHORT:
        return float(left == right)
    return max(
        DamerauLevenshtein.normalized_similarity(a, b, score_cutoff=_ALIKE)
        for a, b in ((left, right), (left, right[: len(left)]), (left[: len(right)], right))
    )


def _close(left: str, right: str) -> bool:
    return DamerauLevenshtein.distance(left, right, score_cutoff=1) <= 1
