"""A simulated world for labelled conflicts: people who change, and four systems that watch them with delays and errors.

It knows nothing of survivorship policies, neither their rules nor their order of sources. The rates below are guesses
about careful and careless systems; docs/benchmarks/conflicts.md explains them.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from ops.local.sample_data.draw import Draw
from processors.lexicon.script import is_han

Tag = Literal["typo", "misread", "contradiction", "partial", "format", "unknown", "copy", "skew"]

YEARS = 5
BEGIN = datetime(2021, 11, 1, tzinfo=UTC)
_DAYS = YEARS * 365

_WRONG: Mapping[str, int] = {
    "format": 0,
    "copy": 0,
    "skew": 0,
    "partial": 1,
    "typo": 2,
    "misread": 2,
    "contradiction": 3,
    "unknown": 4,
}

# Changes of a person's life a year.
_CHANGES = {
    "name": 0.004,
    "title": 0.35,
    "status": 1.2,
    "salary_expected": 0.5,
    "locations": 0.15,
    "education_level": 0.03,
    "summary": 0.3,
    "emails": 0.15,
    "phones": 0.15,
    "skills": 0.8,
}
_CLEARABLE = ("salary_expected", "locations", "summary")
_CLEARED = 0.04
_CONTRADICTIONS = {"name": 0.004, "education_level": 0.003, "salary_expected": 0.01}
_MISREAD = {"title": 0.03, "years_experience": 0.03, "education_level": 0.01}
"""What a resume parser takes for the fact."""
_TYPOS = {"crm": 0.006, "zervigo": 0.002, "resume": 0.004, "import": 0.012}
_PRESENT = {"crm": 0.8, "zervigo": 0.65, "resume": 0.5, "import": 0.35}


@dataclass(frozen=True, slots=True)
class Statement:
    """What one system wrote of one field: `means` is the fact it saw on day `seen`, `value` what it made of it."""

    value: Any
    means: Any
    seen: float
    tags: frozenset[Tag]

    @property
    def badness(self) -> int:
        """How unlike the fact the value is: 0 is another spelling of it."""
        return max((_WRONG[tag] for tag in self.tags), default=0)


@dataclass(slots=True)
class Person:
    """A life: the facts of each field by the day on which they begin."""

    facts: dict[str, list[tuple[float, Any]]] = field(default_factory=dict)
    other: dict[str, Any] = field(default_factory=dict)
    han: bool = True
    pinyin: str = ""

    def at(self, name: str, day: float) -> Any:
        """Return the fact on a day."""
        return [value for begin, value in self.facts[name] if begin <= day][-1]


class World:
    """Draws lives and what systems make of them, all from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"conflicts-{seed}")
        self._draw = Draw(self._random)
        self._serial = 0

    # Lives

    def person(self) -> Person:
        """Return a life of five years."""
        rng, person = self._random, Person()
        person.han = rng.random() < 0.7
        for name, rate in _CHANGES.items():
            value = self._fact(person, name, None)
            facts = [(0.0, value)]
            day = rng.expovariate(rate / 365)
            while day < _DAYS:
                value = self._fact(person, name, value)
                facts.append((day, value))
                day += rng.expovariate(rate / 365)
            if name in _CLEARABLE and rng.random() < _CLEARED:
                facts.append((max(facts[-1][0], rng.uniform(0, _DAYS)), None))
            person.facts[name] = facts
        begun = rng.randint(0, 20)
        person.facts["years_experience"] = [(365.0 * y, begun + y) for y in range(YEARS)]
        for name, share in _CONTRADICTIONS.items():
            if rng.random() < share:
                person.other[name] = self._fact(person, name, person.at(name, _DAYS))
        return person

    def _fact(self, person: Person, name: str, before: Any) -> Any:
        """Return a new fact, different from the one before."""
        while True:
            value = self._drawn(person, name, before)
            if value != before:
                return value

    def _drawn(self, person: Person, name: str, before: Any) -> Any:
        rng, words = self._random, self._draw.words
        match name:
            case "name" if person.han:
                (last, latin_last), (first, latin_first) = (
                    rng.choice(words[k]).split("|") for k in ("surnames", "given")
                )
                person.pinyin = person.pinyin if before else f"{latin_first} {latin_last}"
                return last + first
            case "name":
                last = rng.choice(words["last"])
                return f"{before.split()[0]} {last}" if before else f"{rng.choice(words['first'])} {last}"
            case "title":
                level = rng.choice(["junior", "mid", "senior", "lead"])
                role = rng.choice(rng.choice(words["professions"])["roles"])
                return self._draw.title(role, level, 0 if person.han else 1)
            case "status":
                return rng.choice(["active", "passive", "hired", "unavailable"])
            case "salary_expected":
                low = rng.randint(8, 80) * 1000
                return {"minimum": low, "maximum": low + rng.randint(2, 20) * 1000, "currency": "CNY"}
            case "locations":
                return rng.sample([c[0] for c in words["cities_zh"]], rng.choice([1, 1, 2]))
            case "education_level":
                levels = ["associate", "bachelor", "master", "doctorate"]
                return (
                    levels[min(levels.index(before) + 1, 3)] if before and before != "doctorate" else rng.choice(levels)
                )
            case "summary":
                skills = self._some_skills(3)
                city = rng.choice(words["cities_zh"])[0]
                return f"{rng.randint(1, 20)} 年经验，擅长 {'、'.join(skills)}，关注 {city} 的机会。"
            case "skills":
                return [*(before or self._some_skills(4)), *self._some_skills(1)] if before else self._some_skills(4)
            case "years_experience":
                return rng.randint(0, 25)
            case "emails":
                self._serial += 1
                host = rng.choice(["example.com", "mail.example", "corp.example"])
                fresh = f"{rng.choice(words['first']).lower()}.{self._serial}@{host}"
                return [*before, fresh] if before and rng.random() < 0.7 else [fresh]
            case _:
                fresh = "+861" + rng.choice("3578") + "".join(rng.choices("0123456789", k=9))
                return [*before, fresh] if before and rng.random() < 0.3 else [fresh]

    def shuffle(self, items: list[Any]) -> None:
        """Bring events into any order, as a backlog of several systems would."""
        self._random.shuffle(items)

    def _some_skills(self, count: int) -> list[str]:
        names = [s.split("|")[-1] for p in self._draw.words["professions"] for s in p["skills"]]
        return self._random.sample(sorted(set(names)), count)

    # What systems make of them

    def statement(self, person: Person, source: str, name: str, day: float) -> Statement:
        """Return what `source` writes when it looks at a field on `day`."""
        rng, fact, tags = self._random, person.at(name, day), set[Tag]()
        value = fact
        if name in person.other and fact is not None and rng.random() < 0.4:
            value, fact = person.other[name], person.other[name]
            tags.add("contradiction")
        if fact is None:
            return Statement(None, None, day, frozenset())
        if source == "resume" and name in _MISREAD and rng.random() < _MISREAD[name]:
            return Statement(self._fact(person, name, fact), fact, day, frozenset({"misread"}))
        if source == "import" and rng.random() < 0.03:
            return Statement(None, fact, day, frozenset({"unknown"}))
        match name:
            case "name" | "title":
                if rng.random() < _TYPOS[source]:
                    value, tags = self._typo(value), tags | {"typo"}
                elif name == "name" and person.han and source == "crm" and rng.random() < 0.03:
                    if fact == person.facts["name"][0][1]:
                        value, tags = person.pinyin, tags | {"partial"}
                elif name == "name" and not person.han and source in ("resume", "import") and rng.random() < 0.03:
                    value, tags = f"{value[0]}. {value.split()[1]}", tags | {"partial"}
                elif rng.random() < 0.08:
                    value, tags = self._respelled(value, name), tags | {"format"}
            case "emails":
                value = [v.upper() if rng.random() < 0.05 else v.title() if rng.random() < 0.05 else v for v in value]
                rate = _TYPOS[source] / 4 if source == "zervigo" else _TYPOS[source]  # it has them confirmed
                if rng.random() < rate:
                    value, tags = (
                        [*value[:-1], self._typo(value[-1].split("@")[0]) + "@" + value[-1].split("@")[1]],
                        tags | {"typo"},
                    )
            case "phones":
                value = [self._dialled(v) for v in value]
                if rng.random() < _TYPOS[source] / 2:
                    digit = rng.choice([d for d in "0123456789" if d != value[-1][-1]])
                    value, tags = [*value[:-1], value[-1][:-1] + digit], tags | {"typo"}
            case "skills":
                value = [v.lower() if rng.random() < 0.1 else v for v in value]
                if source != "zervigo":
                    value = rng.sample(value, max(1, len(value) - rng.randint(0, 2)))
                value = [{"name": v} for v in value]
            case "salary_expected":
                if source == "crm" and rng.random() < 0.1:
                    value, tags = {"minimum": value["minimum"], "currency": "CNY"}, tags | {"partial"}
            case "summary":
                if source == "import" and rng.random() < 0.15:
                    value, tags = value[: len(value) * 2 // 3], tags | {"partial"}
        return Statement(value, fact, day, frozenset(tags))

    def _typo(self, text: str) -> str:
        """Return text with a letter wrong, missing or swapped."""
        rng = self._random
        at = rng.randrange(len(text))
        if is_han(text):
            wrong = rng.choice([c for c in "伟明敏静磊超平刚文志晓雨思工程师经理" if c != text[at]])
            return text[:at] + wrong + text[at + 1 :]
        how = rng.randrange(3)
        if how == 0 and len(text) > 3:
            return text[:at] + text[at + 1 :]
        if how == 1 and at + 1 < len(text) and text[at] != text[at + 1]:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        return (
            text[:at] + rng.choice([c for c in "abcdefghijklmnopqrstuvwxyz" if c != text[at].lower()]) + text[at + 1 :]
        )

    def _respelled(self, text: str, name: str) -> str:
        """Return another spelling of the same: case, width, spaces, order of a Latin name."""
        rng, latin = self._random, text.isascii()
        ways = [f" {text} ", "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)]
        if latin:
            ways += [text.upper(), text.lower(), text.replace(" ", "  ")]
        if name == "name":
            ways.append(f"{text.split()[1]}, {text.split()[0]}" if latin else f"{text[0]} {text[1:]}")
        return rng.choice(ways).strip() if name != "name" else rng.choice(ways[1:])

    def _dialled(self, number: str) -> str:
        n = number[3:]
        return self._random.choice(
            [number, n, f"+86 {n[:3]} {n[3:7]} {n[7:]}", f"{n[:3]}-{n[3:7]}-{n[7:]}", f"0086{n}", f"(86) {n}"]
        )

    def history(self, person: Person) -> list[tuple[str, float, dict[str, Statement] | None]]:
        """Return (source, day by its clock, statements) of every event; None deletes the person."""
        rng, names = self._random, tuple(person.facts)
        events: list[tuple[str, float, dict[str, Statement] | None]] = []

        def look(source: str, day: float, share: float, only: tuple[str, ...] = names) -> dict[str, Statement]:
            return {n: self.statement(person, source, n, day) for n in only if rng.random() < share}

        if rng.random() < _PRESENT["crm"]:  # recruiters, about yearly; what they do not touch, they do not publish
            day, known = rng.uniform(0, 700), dict[str, Statement]()
            while day < _DAYS:
                seen = look("crm", day, 0.5 if known else 0.9)
                known |= seen
                if rng.random() < 0.02:  # a careless script sends everything again, as if it were new
                    seen = {n: _copied(s) if n not in seen else s for n, s in known.items()}
                events.append(("crm", day, seen))
                day += rng.expovariate(1 / 365)
        if rng.random() < _PRESENT["zervigo"]:  # the people themselves: some weeks after a change, if at all
            day = rng.uniform(0, 1200)
            events.append(("zervigo", day, look("zervigo", day, 0.9)))
            for name in names:
                for begin, _ in person.facts[name]:
                    later = begin + rng.expovariate(1 / 20)
                    if day < later < _DAYS and rng.random() < 0.7:
                        seen, clock = look("zervigo", later, 1, (name,)), later
                        if rng.random() < 0.01:
                            clock += rng.choice([-1, 1]) * rng.uniform(0.04, 2)
                            seen = {n: Statement(s.value, s.means, s.seen, s.tags | {"skew"}) for n, s in seen.items()}
                        events.append(("zervigo", clock, seen))
        if rng.random() < _PRESENT["resume"]:
            for _ in range(rng.choice([1, 1, 2])):
                day = rng.uniform(0, _DAYS)
                written = (
                    "name",
                    "emails",
                    "phones",
                    "title",
                    "years_experience",
                    "education_level",
                    "skills",
                    "summary",
                )
                seen = look("resume", day, 0.9, written)  # what is not in it, it does not speak of
                events.append(("resume", day, {n: s for n, s in seen.items() if s.value is not None}))
        if rng.random() < _PRESENT["import"]:  # an old system's state of the second year, loaded later, perhaps again
            old = look("import", rng.uniform(0, 700), 0.8)
            copies = {n: _copied(s) for n, s in old.items()}
            events += [("import", rng.uniform(700, _DAYS), copies) for _ in range(rng.choice([1, 1, 2]))]
        if rng.random() < 0.01:
            events.append(("crm", rng.uniform(0, _DAYS), None))
        return events


def _copied(statement: Statement) -> Statement:
    return Statement(statement.value, statement.means, statement.seen, statement.tags | {"copy"})
