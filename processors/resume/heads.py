"""Who an entry's head names: the employer, the title, and what else stands there."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, permutations
from typing import NamedTuple

from processors.lexicon.phrases import shares
from processors.lexicon.titles import title_score
from processors.resume.entries import SENTENCE
from processors.resume.entry import Entry
from processors.resume.roles import (
    KIND,
    STREET,
    Option,
    best_fit,
    employer_score,
    fit,
    is_place,
    option,
    parts,
)
from processors.resume.text import Piece

_LEVEL = re.compile(
    r"[ ,]{0,2}[(\[](?:(?:band|grade|level|stufe|niveau|tier|step|rank|职级|级别)[ :：]?[\dIVX]{1,4}[ab+]?|[LPTEM] ?-?\d{1,2}[ab+]?|IC ?\d|GS-?\d{1,2}|G\d{1,2}|AfC band \d[ab]?)[)\]]$"
    r"|[（(](?:(?:职级|级别)[:：]?)?[LPTEM] ?-?\d{1,2}(?:-\d)?[+]?(?:级)?[)）]$",
    re.IGNORECASE,
)
"""A level behind a title: Staff Nurse (Band 5), Data Engineer (L5)."""
_WITH_PLACE = 2.2
"""How much likelier an employer is that stands alone with a place on its line."""
_NUMBERED = re.compile(r"[（(]?[一二三四五六七八九十]{1,2}[、.）)] ?")
_OPENING = re.compile(r"[^。，；,;:：\n]{2,20}(?=[。，；])")
"""`前端实习生。使用 React …`: a position's title may open what is told of it."""
_AT = re.compile(r" (?:at|@|bei|chez) (?:the )?$")


class Slots(NamedTuple):
    """The parts of an entry's head with their places: the line, and which part of it, but for the places in it."""

    options: list[Option]
    places: list[tuple[int, int]]
    employer: tuple[int, int] | None = None
    agreed: tuple[int | None, int | None] | None = None
    """The numbers of employer and title among the parts, as all entries of the section are laid out."""

    def chosen(self, employer: Piece) -> "Slots":
        """Return the same with the place of the employer."""
        return self._replace(employer=self.at(employer))

    def at(self, piece: Piece) -> tuple[int, int] | None:
        """Return the place of a part."""
        return next(
            (place for option, place in zip(self.options, self.places, strict=True) if option.piece == piece), None
        )

    def is_team(self, employer: Piece, banner: "Slots") -> bool:
        """Whether what seems the employer stands where a position above, below its employer's own line, has its team."""
        place = self.at(employer)
        above = banner.employer
        return (
            place is not None
            and above is not None
            and above[0] < place[0]
            and place in banner.places
            and not any(row == above[0] for row, _ in self.places)
            and employer_score(employer.text) == 0
        )


Told = tuple[Piece | None, Piece | None, list[Piece]]
"""An employer, a title and the other parts of a head."""


def told(divided: list[Entry]) -> Iterator[tuple[Slots, Entry, Told]]:
    """Yield what the heads of entries say: what follows a title is no employer where others have a line of their own."""
    found = [(slots, entry, _who(entry, slots)) for slots, entry in _with_slots(divided)]
    apart = [_stand_apart(slots, who) for slots, _, who in found]
    lines, together = apart.count(True), apart.count(False)
    for (slots, entry, who), own in zip(found, apart, strict=True):
        employer, title, rest = who
        if own is False and employer and lines and together == 1 and employer_score(employer.text) <= 0:
            at, beside = slots.at(employer), slots.at(title) if title else None
            if at and beside and at == (beside[0], beside[1] + 1):
                who = None, title, [employer, *rest]
        yield slots, entry, who


def _stand_apart(slots: Slots, who: Told) -> bool | None:
    """Whether employer and title stand on lines of their own; None where one is missing."""
    employer, title, _ = who
    at, beside = employer and slots.at(employer), title and slots.at(title)
    return at[0] != beside[0] if at and beside else None


def _with_slots(found: list[Entry]) -> list[tuple[Slots, Entry]]:
    """Return the entries with the parts of their heads. All entries of a section have the same parts in the same place.

    So what a place holds in the other entries makes it likelier here, and so do a place name beside it (employers have
    one) and that the same words stand there in another entry.
    """
    slots: list[Slots] = []
    beside: Counter[tuple[int, int]] = Counter()
    for entry in found:
        options: list[Option] = []
        places: list[tuple[int, int]] = []
        for row in dict.fromkeys(entry.rows):
            line = [p for head, r in zip(entry.heads, entry.rows, strict=True) if r == row for p in parts(head)]
            named = [
                p for p in line if not is_place(p.text) and not KIND.fullmatch(p.text) and not STREET.match(p.text)
            ]
            options += [_named_employer(option(p), entry.heads) for p in line]
            places += [(row, named.index(p) if p in named else -1) for p in line]
            if len(named) < len(line):
                beside.update((row, n) for n in range(len(named)))
            dashed = any(
                r == row and head.text.endswith((" -", " –")) for head, r in zip(entry.heads, entry.rows, strict=True)
            )
            # Alone with its place, or with a dash before one that is not told: an employer.
            if len(named) == 1 and (len(line) > 1 or dashed) and not title_score(named[0].text):
                at = len(options) - len(line) + line.index(named[0])
                options[at] = options[at]._replace(prior_employer=_WITH_PLACE)
        slots.append(Slots(options, places))
    if len(found) < 2:
        return list(zip(slots, found, strict=True))
    sums: dict[tuple[int, int], list[float]] = {}
    repeated = Counter(text for s in slots for text in {o.piece.text for o in s.options})
    texts = Counter((place, o.piece.text) for s in slots for o, place in zip(s.options, s.places, strict=True))
    for s in slots:
        for o, place in zip(s.options, s.places, strict=True):
            own = sums.setdefault(place, [0.0, 0.0, 0.0])
            own[0] += max(o.employer, 0) - 0.7 * max(o.title, 0)
            own[1] += max(o.title, 0) - 0.7 * max(o.employer, 0)
            own[2] += 1
    weighed: list[Slots] = []
    for s in slots:
        priors: list[Option] = []
        for o, place in zip(s.options, s.places, strict=True):
            as_employer, as_title, count = sums[place]
            others = max(count - 1, 1)
            own_employer, own_title = (
                max(o.employer, 0) - 0.7 * max(o.title, 0),
                max(o.title, 0) - 0.7 * max(o.employer, 0),
            )
            share = count / len(found)
            likely = 0.3 * share + 0.1 * (beside[place] > 0) * share + 0.1 * (texts[place, o.piece.text] > 1)
            if repeated[o.piece.text] > 1 and o.title <= 0:  # an employer of several positions
                likely += 0.3
            if place[1] < 0:
                likely = 0.0
            priors.append(
                o._replace(
                    prior_employer=o.prior_employer + 0.3 * share * (as_employer - own_employer) / others + likely,
                    prior_title=0.3 * share * (as_title - own_title) / others,
                )
            )
        weighed.append(s._replace(options=priors))
    return list(zip(_agreed(weighed), found, strict=True))


_STRAYS = 1.2
"""How much worse than its own best an entry may be read so that all are laid out alike."""
_MOST = 8
"""Places in heads that are looked at."""


def _agreed(slots: list[Slots]) -> list[Slots]:
    """Return the entries with the one layout that explains them all best, but for those that it fits badly.

    A layout is where employer and title stand: on which line and which part of it, or the how manieth parts of all.
    """
    own = [best_fit(s.options) for s in slots]
    most = [fit(s.options, *pair) for s, pair in zip(slots, own, strict=True)]
    best: tuple[float, list[tuple[int, int] | None]] = (sum(most) - _STRAYS * len(slots), [])
    for numbered in ([_by_line(s) for s in slots], [_in_order(s) for s in slots]):
        usual = [place for place, _ in Counter(chain.from_iterable(numbered)).most_common(_MOST)]
        for layout in permutations(usual, 2):
            pairs = [_at(places, *layout) for places in numbered]
            fits = [
                top - _STRAYS if pair is None else max(fit(s.options, *pair), top - _STRAYS)
                for s, pair, top in zip(slots, pairs, most, strict=True)
            ]
            if sum(fits) > best[0] + 1e-9:
                best = sum(fits), pairs
    return (
        [
            s._replace(agreed=pair) if pair and fit(s.options, *pair) >= top - _STRAYS else s
            for s, pair, top in zip(slots, best[1], most, strict=True)
        ]
        if best[1]
        else slots
    )


_Numbered = dict[tuple[int, int], int]
"""The numbers of a head's parts by their place."""


def _by_line(slots: Slots) -> _Numbered:
    return {place: n for n, place in list(enumerate(slots.places))[:_MOST] if place[1] >= 0}


def _in_order(slots: Slots) -> _Numbered:
    named = [n for n, place in enumerate(slots.places) if place[1] >= 0]
    return {(99, order): n for order, n in enumerate(named[:_MOST])}


def _at(places: _Numbered, employer: tuple[int, int], title: tuple[int, int]) -> tuple[int, int] | None:
    e, t = places.get(employer), places.get(title)
    return None if e is None or t is None else (e, t)


def _named_employer(part: Option, heads: Sequence[Piece]) -> Option:
    """Return a part likelier the employer if `at` stands before it: Account Executive, Mid-Market at Quillstack."""
    before = next((h.text[: part.piece.start - h.start] for h in heads if h.start < part.piece.start < h.end), "")
    return part._replace(prior_employer=part.prior_employer + _WITH_PLACE) if _AT.search(before) else part


def _who(entry: Entry, slots: Slots) -> tuple[Piece | None, Piece | None, list[Piece]]:
    heads = [o.piece for o in slots.options]
    employer = entry.facts.get("employer") or entry.facts.get("school")
    title = entry.facts.get("title") or entry.facts.get("role")
    if employer and len(told := list(parts(employer))) > 1 and all(_is_where(told[0], p) for p in told[1:]):
        employer = told[0]
    if employer is None and title is None:
        e, t = slots.agreed or best_fit(slots.options)
        employer, title = (None if n is None else slots.options[n].piece for n in (e, t))
    elif employer is None:
        others = [p for p in heads if p != title and not is_place(p.text)]
        employer = max(
            others,
            key=lambda p: employer_score(p.text) - 0.7 * title_score(p.text) - 0.1 * others.index(p),
            default=None,
        )
    elif title is None:
        others = [p for p in heads if p != employer and not is_place(p.text)]
        title = max(others, key=lambda p: title_score(p.text) - 0.1 * others.index(p), default=None)
    if title is None and entry.body and (opening := _OPENING.match(entry.body[0].text)):
        title = entry.body[0].piece.part(0, opening.end()) if title_score(opening[0]) > 0 else None
    if employer is None and title and entry.body and _nested(entry):
        employer = entry.body[0].piece
    rest = [p for p in heads if p not in (employer, title)]
    if employer and (number := _NUMBERED.match(employer.text)) and number.end() < len(employer.text):
        employer = employer.part(number.end(), len(employer.text))
    if title and (level := _LEVEL.search(title.text)) and level.start():
        title = title.part(0, level.start())
    return employer, title, rest


_TOWN = re.compile(r"[^\W\d_][\w.'’ -]{1,24}")


def _is_where(employer: Piece, part: Piece) -> bool:
    """Whether what stands behind an employer's name in its own field is a place: a form asks for the address."""
    text = part.text
    if is_place(text) or STREET.match(text):
        return True
    if not _TOWN.fullmatch(text) or employer_score(text) or title_score(text) or len(text.split()) > 3:
        return False
    return text[0].isupper() and (employer_score(employer.text) >= 2 or shares(text).place > shares(text).employer)


def _nested(entry: Entry) -> bool:
    """Whether the first item below a title is the name of its employer."""
    first = entry.body[0]
    return (
        first.bullet
        and len(first.text.split()) <= 6
        and not SENTENCE.search(first.text)
        and not title_score(first.text)
        and employer_score(first.text) >= 2
        and all(
            word[0].isupper() or word in ("of", "and", "&", "de", "la", "und", "for") for word in first.text.split()
        )
    )
