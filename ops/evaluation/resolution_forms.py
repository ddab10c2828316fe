"""Generates people as forms and registers have them: name, date of birth, address, e-mail, and many slips.

Unlike the records of `resolution_talents` these tell nothing of work and school, so a pair is decided by who somebody
is alone. Households share an address, some an e-mail address; twins share the date of birth as well.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar

from pypinyin import lazy_pinyin

from ops.evaluation.resolution_talents import GIVEN, SINGLE, SURNAMES

T = TypeVar("T")
Fields = dict[str, Any]
Labelled = tuple[str, str, Fields]
"""(record id, true entity, fields)."""

HAN = 0.4
PARTNER, TWIN, CHILD, JUNIOR = 0.08, 0.01, 0.06, 0.01
"""Shares of people who have one at their address; a junior has the parent's whole name."""
SHARED_EMAIL = 0.25
"""Of those: both use one e-mail address."""
RECORDS = (35, 25, 15, 12, 8, 5)
"""Weights of 1..6 records a person."""
MISSING = {
    "birth_date": 0.12,
    "emails": 0.35,
    "phones": 0.7,
    "street_address": 0.4,
    "postal_code": 0.3,
    "locations": 0.1,
}
HALF_NAME, EXCHANGED, MOVED, PINYIN, RENAMED = 0.08, 0.1, 0.1, 0.15, 0.04
SLOPPY = (0.02, 0.1, 0.3)
"""Chance of a slip in a field, by how carefully a source writes."""

_FIRST = """
Oliver George Noah Arthur Harry Leo Muhammad Jack Charlie Oscar Jacob Henry Thomas Freddie Alfie Theo William Archie
Joshua Alexander James Isaac Edward Lucas Tommy Finley Max Logan Ethan Mohammed Joseph Samuel Benjamin Olivia Amelia
Isla Ava Mia Ivy Lily Isabella Rosie Sophia Grace Willow Freya Florence Emily Ella Poppy Evie Elsie Charlotte Evelyn
Sienna Sofia Daisy Phoebe Alice Harriet Ruby Maya Priya Ingrid Fatima Chloe Hannah Nadia
"""
_STEM = (
    "Ash Black Brad Hart Har Wood Green Hol Thorn Whit Stan Mar Pem Row Al Bar Cald Dun Ever Fair Gar Hamp Kirk Lang"
)
_TAIL = "ford ley ton well wood field man son by worth ham more ridge den combe stead"
_COMMON = "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Wright Walker White Thompson Khan Lewis"
_KINDS = "Street Road Avenue Lane Close Crescent Place Drive Court Way"
_DOMAINS = "gmail.com outlook.com yahoo.com hotmail.com icloud.com btinternet.com qq.com 163.com"


@dataclass(frozen=True)
class _Home:
    street: str
    code: str
    town: str


@dataclass(frozen=True)
class _Person:
    given: str
    family: str
    han: bool
    birth: date
    home: _Home
    before: _Home
    email: str
    phone: str


def forms(seed: int, people: int) -> list[Labelled]:
    """Return the shuffled records of at least `people` invented people; the same seed gives the same records."""
    world = _World(random.Random(f"forms {seed}"))
    return drawn(world.rng, ("f-", "p"), RECORDS, world.people(people), world.record)


def drawn(
    rng: random.Random, ids: tuple[str, str], weights: Sequence[int], whole: Iterable[T], record: Callable[[T], Fields]
) -> list[Labelled]:
    """Return shuffled records of each entity, as many of each as `weights` of 1, 2 … say; `ids` begin theirs."""
    found = [
        (f"{ids[1]}{number}", record(each))
        for number, each in enumerate(whole)
        for _ in range(rng.choices(range(1, len(weights) + 1), weights)[0])
    ]
    rng.shuffle(found)
    return [(f"{ids[0]}{n:06}", truth, fields) for n, (truth, fields) in enumerate(found)]


class _World:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        words = SURNAMES.split()
        self._surnames, self._weights = words[::2], [int(w) for w in words[1::2]]
        self._towns = [
            (rng.choice(_STEM.split()) + rng.choice(_TAIL.split()), rng.randrange(1000, 10000)) for _ in range(80)
        ]

    def people(self, count: int) -> list[_Person]:
        found: list[_Person] = []
        while len(found) < count:
            person = self._person()
            found.append(person)
            chance, at = self.rng.random(), 0.0
            for share, kin in (
                (PARTNER, self._partner),
                (TWIN, self._twin),
                (CHILD, self._child),
                (JUNIOR, self._junior),
            ):
                at += share
                if chance < at:
                    other = replace(kin(person), home=person.home)
                    found.append(replace(other, email=person.email) if self.rng.random() < SHARED_EMAIL else other)
                    break
        return found

    def _person(self) -> _Person:
        rng = self.rng
        han = rng.random() < HAN
        if han:
            family = rng.choices(self._surnames, self._weights)[0]
            given = rng.choice(SINGLE) if rng.random() < 0.3 else rng.choice(GIVEN[0]) + rng.choice(GIVEN[1])
        else:
            family = (
                rng.choice(_COMMON.split())
                if rng.random() < 0.3
                else rng.choice(_STEM.split()) + rng.choice(_TAIL.split())
            )
            given = rng.choice(_FIRST.split())
        birth = date(1945, 1, 1) + timedelta(days=rng.randrange(62 * 365))
        return _Person(
            given, family, han, birth, self._home(), self._home(), self._email(given, family), self._phone(han)
        )

    def _home(self) -> _Home:
        rng = self.rng
        town, code = rng.choice(self._towns)
        street = f"{rng.choice(_STEM.split())}{rng.choice(_TAIL.split())} {rng.choice(_KINDS.split())}"
        return _Home(f"{rng.randrange(1, 200)} {street}", str(code + rng.randrange(3)), town)

    def _email(self, given: str, family: str) -> str:
        rng = self.rng
        first, last = ("".join(lazy_pinyin(part)).lower() for part in (given, family))
        local = rng.choice(
            (f"{first}.{last}", f"{first[0]}{last}", f"{last}{first}", f"{rng.choice(_FIRST.split()).lower()}{last}")
        )
        return f"{local}{rng.choice(('', str(rng.randrange(100))))}@{rng.choice(_DOMAINS.split())}"

    def _phone(self, han: bool) -> str:
        return f"+86138{self.rng.randrange(10**8):08}" if han else f"+447{self.rng.randrange(10**9):09}"

    def _partner(self, of: _Person) -> _Person:
        other = self._person()
        year = timedelta(days=self.rng.randrange(-2000, 2000))
        family = of.family if not of.han and other.han == of.han and self.rng.random() < 0.7 else other.family
        return replace(other, family=family, birth=of.birth + year)

    def _twin(self, of: _Person) -> _Person:
        other = self._like(of)
        return replace(other, birth=of.birth)

    def _child(self, of: _Person) -> _Person:
        return self._younger(self._like(of), of)

    def _junior(self, of: _Person) -> _Person:
        return self._younger(replace(self._like(of), given=of.given), of)

    def _like(self, of: _Person) -> _Person:
        other = self._person()
        while other.han != of.han or other.given == of.given:
            other = self._person()
        return replace(other, family=of.family, email=self._email(other.given, of.family))

    def _younger(self, person: _Person, than: _Person) -> _Person:
        return replace(person, birth=than.birth + timedelta(days=self.rng.randrange(20 * 365, 40 * 365)))

    def record(self, person: _Person) -> Fields:
        """Return the person as one source has written her down."""
        rng = self.rng
        sloppy = rng.choice(SLOPPY)
        home = person.before if rng.random() < MOVED else person.home

        def slip(text: str, most: int = 2) -> str:
            for _ in range(rng.randint(1, most) if rng.random() < sloppy else 0):
                text = mistyped(rng, text)
            return text

        fields: Fields = {
            "name": self._name(person, sloppy),
            "birth_date": self._birth(person.birth) if rng.random() < sloppy else person.birth.isoformat(),
            "emails": [slip(person.email, 3)],
            "phones": [slip(person.phone, 1)],
            "street_address": slip(home.street),
            "postal_code": slip(home.code, 1),
            "locations": [slip(home.town)],
        }
        return {name: value for name, value in fields.items() if rng.random() >= MISSING.get(name, 0)}

    def _name(self, person: _Person, sloppy: float) -> str:
        rng = self.rng
        given, family = person.given, person.family
        if person.han and rng.random() >= PINYIN:
            if rng.random() < sloppy / 3:
                given = given[:-1] + rng.choice(GIVEN[1])
            return family + given
        if person.han:
            given, family = ("".join(lazy_pinyin(part)).title() for part in (given, family))
        elif rng.random() < RENAMED:  # by marriage
            family = rng.choice(_COMMON.split())
        parts = [self._part(given, sloppy), self._part(family, sloppy)]
        if rng.random() < HALF_NAME:
            return rng.choice(parts)
        return " ".join(parts[::-1] if rng.random() < EXCHANGED else parts)

    def _part(self, text: str, sloppy: float) -> str:
        rng = self.rng
        if rng.random() >= sloppy or len(text) < 3:
            return text
        if rng.random() < 0.15:
            return "".join(rng.sample(text, len(text)))
        for _ in range(rng.randint(1, 2) if len(text) > 5 else 1):
            text = mistyped(rng, text)
        return text

    def _birth(self, day: date) -> str:
        """Return a date of birth with a slip: a digit, two digits or day and month exchanged, or quite another day."""
        rng, text = self.rng, day.isoformat()
        kind = rng.randrange(6)
        if kind == 0 and day.day <= 12:
            return day.replace(month=day.day, day=min(day.month, 28)).isoformat()
        if kind == 1:
            return day.replace(day=rng.randint(1, 28)).isoformat()
        if kind == 2:
            return (day + timedelta(days=rng.randint(-200, 200))).isoformat()
        if kind == 3:
            return f"{day.year + rng.choice((-10, -1, 1, 10))}{text[4:]}"
        return (
            f"{text[:8]}{text[9]}{text[8]}"
            if text[9] < "3" and text[8:] not in ("00", "11", "22")
            else f"{text[:5]}01-01"
        )


def mistyped(rng: random.Random, text: str) -> str:
    """Return text with two letters exchanged, or one dropped, doubled or replaced; signs stay as they are."""
    places = [n for n in range(len(text) - 1) if text[n].isalnum() and text[n + 1].isalnum()]
    if len(places) < 2:
        return text
    at = rng.choice(places)
    letters = "0123456789" if text[at].isdigit() else "abcdefghijklmnopqrstuvwxyz"
    return rng.choice(
        (
            text[:at] + text[at + 1] + text[at] + text[at + 2 :],
            text[:at] + text[at + 1 :],
            text[:at] + text[at] + text[at:],
            text[:at] + rng.choice(letters) + text[at + 1 :],
        )
    )
