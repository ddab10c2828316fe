"""Draws words, names and numbers that fit together from the vocabulary, all from one seeded source of chance."""

import json
import random
from pathlib import Path
from typing import Any

Line = dict[str, Any]

LEVELS = ("junior", "mid", "senior", "lead")
_PAY = {"junior": 0.72, "mid": 1.0, "senior": 1.32, "lead": 1.65}


class Draw:
    """A pair `中文|English` in the vocabulary is read on `side` 0 or 1. The order of calls matters to the result."""

    def __init__(self, rng: random.Random) -> None:
        self._random = rng
        self.words: Line = json.loads(Path(__file__).with_name("vocabulary.json").read_text(encoding="utf-8"))
        pairs = [skill for p in self.words["professions"] for part in (p, *p["roles"]) for skill in part["skills"]]
        english = {pair.split("|")[1] for pair in pairs if "|" in pair}
        self._nouns = {text for text in english if text[1:] == text[1:].lower() and not text.startswith("English")}

    def role(self, number: int) -> tuple[Any, Any, str]:
        """Go round the professions, so that each has its share; the level is drawn."""
        professions = self.words["professions"]
        profession = professions[number % len(professions)]
        level = self._random.choices(LEVELS, (25, 40, 25, 10))[0]
        return profession, self._random.choice(profession["roles"]), level

    def title(self, role: Any, level: str, side: int) -> str:
        """Return the role's title at a level."""
        prefix = self.words["levels"][level][0].split("|")[side]
        return f"{prefix}{role['title'].split('|')[side]}"

    def industry(self, key: str, side: int) -> str:
        """Return an industry as it is written within a sentence."""
        label: str = self.words["industries"][key].split("|")[side]
        return label.lower() if side else label

    def skills(self, profession: Any, role: Any, side: int, count: int) -> list[str]:
        """Return the role's own skills first, then shared ones of the profession."""
        own = self._random.sample(role["skills"], min(len(role["skills"]), max(3, count - 2)))
        rest = [skill for skill in profession["skills"] if skill not in own]
        chosen = own + self._random.sample(rest, min(len(rest), max(0, count - len(own))))
        return [(skill.split("|") * 2)[side] for skill in chosen]

    def skill_level(self, level: str) -> str:
        """Return how well someone of this level is likely to know a skill."""
        ranks = ["beginner", "intermediate", "advanced", "expert"]
        rank = LEVELS.index(level) + self._random.choice([-1, 0, 0, 1])
        return ranks[min(max(rank, 0), 3)]

    def city(self, english: bool) -> tuple[str, str, float]:
        """Return a city, its currency and how its pay compares."""
        if english:
            city, currency, factor = self._random.choice(self.words["cities_en"])
            return city, currency, factor
        city, factor = self._random.choice(self.words["cities_zh"])
        return city, "CNY", factor

    def salary(self, profession: Any, level: str, currency: str, factor: float) -> Line:
        """Return a range: monthly in CNY, yearly elsewhere."""
        noise = self._random.uniform(0.9, 1.12)
        if currency == "CNY":
            low = profession["cny"] * 1000 * _PAY[level] * factor * noise
            step, period = 500, "month"
        else:
            low = profession["usd"] * 1000 * _PAY[level] * factor * noise
            step, period = 1000, "year"
        bounds = [int(round(value / step) * step) for value in (low, low * self._random.uniform(1.2, 1.45))]
        return {"minimum": bounds[0], "maximum": bounds[1], "currency": currency, "period": period}

    def person(self, number: int, english: bool) -> tuple[str, str, str]:
        """Return an invented name, e-mail address (reserved domains) and phone number."""
        rng, words = self._random, self.words
        if english:
            first, last = rng.choice(words["first"]), rng.choice(words["last"])
            email = f"{first}.{last}{number}@example.com".lower()
            return f"{first} {last}", email, f"+1 555 01{number % 100:02} {number:04}"
        surname, given = rng.choice(words["surnames"]).split("|"), rng.choice(words["given"]).split("|")
        domain = rng.choice(["example.com", "example.org", "example.net"])
        # 100 is no mobile prefix: nobody has this number.
        return (
            f"{surname[0]}{given[0]}",
            f"{surname[1]}{given[1]}{number}@{domain}".lower(),
            f"+86 100 0000 {number:04}",
        )

    def education(self, profession: Any, level: str, years: int, side: int) -> Line:
        """Return a degree that ended when `years` of work began."""
        rng = self._random
        degrees = {"junior": ["associate", "bachelor"], "lead": ["bachelor", "master", "doctorate"]}
        degree = rng.choice(degrees.get(level, ["bachelor", "bachelor", "master"]))
        duration = {"associate": 3, "bachelor": 4, "master": 3, "doctorate": 5}[degree]
        graduated = 2025 - years
        return {
            "school": rng.choice(self.words["schools_en" if side else "schools_zh"]),
            "degree": degree,
            "field": rng.choice(profession["fields"]).split("|")[side],
            "start": f"{graduated - duration}-09-01",
            "end": f"{graduated}-06-30",
        }

    def inline(self, skill: str) -> str:
        """Return a skill as it is written within a sentence: common nouns in lower case, names as they are."""
        return skill[0].lower() + skill[1:] if skill in self._nouns else skill

    def sentences(self, side: int, words: Line, skills: list[str], *groups: list[str]) -> str:
        """Return one text with one sentence drawn from each group, filled with `words` and `skills`."""
        rng = self._random
        inline = [self.inline(skill) for skill in skills]
        filled: list[str] = []
        for group in groups:
            n = rng.randint(12, 38)
            text = rng.choice(group).split("|")[side].format(**{"n": n, **words}, skill=inline[0], skill2=inline[1])
            if not text:
                continue
            if side:
                text = text[0].upper() + text[1:]
            filled.append(text if text.endswith((".", "。")) else text + ("." if side else "。"))
        return (" " if side else "").join(filled)
