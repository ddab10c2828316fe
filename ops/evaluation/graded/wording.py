"""Puts hidden attributes into the words of a CV or of an ad, in Chinese or English, in one of several forms."""

import re
from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any

from ops.evaluation.graded.attributes import Person, Position, Vacancy
from ops.evaluation.graded.material import CITIES, PROFESSIONS, WORDING
from schemas.base import Language

TODAY = date(2026, 6, 1)
"""The day on which the CVs were written: positions still held last until then."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")
_ONE_YEARS = re.compile(r"\b1 years")


class _Writer:
    """Chooses wordings: those of its half of every list (of an ad: of all)."""

    def __init__(self, kind: str, language: Language, rng: Random, half: int | None = None) -> None:
        self.zh, self.rng, self.half, self.language = language == "zh", rng, half, language
        self.words: dict[str, Any] = WORDING[kind][language]

    def one(self, variants: Sequence[Any]) -> Any:
        return self.rng.choice(variants if self.half is None else variants[self.half :: 2])

    def say(self, key: str, **values: Any) -> str:
        return str(self.one(self.words[key])).format(**values)

    def city(self, number: int) -> str:
        return CITIES[number][0 if self.zh else 1]

    def title(self, profession: str, specialty: str, level: int) -> str:
        names = PROFESSIONS[profession].titles[specialty]
        name = self.one(names[:2] if self.zh else names[2:])
        return str(self.one(WORDING["levels"][self.language][level])).format(t=name)

    def phrase(self, variants: Sequence[str]) -> str:
        """Return a skill or an industry as this side says it: an ad's by its name, a CV's by one of its phrases."""
        if self.half is None:
            return variants[4 if self.zh else 5]
        return variants[(0 if self.zh else 2) + self.half]

    def skills(self, profession: str, names: Sequence[str]) -> str:
        comma = self.one(("、", "；")) if self.zh else self.one((", ", "; "))
        return str(comma.join(self.phrase(PROFESSIONS[profession].phrase(name)) for name in names))

    def industry(self, profession: str, name: str) -> str:
        return self.phrase(PROFESSIONS[profession].industries[name])


def cv(person: Person, language: Language, half: int, rng: Random) -> str:
    """Return a CV, worded with the phrases of `half` (0 tuning, 1 test)."""
    writer = _Writer("cv", language, rng, half)
    form = rng.choice((_prose, _sections, _sections, _lines))
    return _ONE_YEARS.sub("1 year", form(person, writer))


def ad(job: Vacancy, language: Language, rng: Random) -> tuple[str, str]:
    """Return the title and the text of an ad."""
    writer = _Writer("ad", language, rng)
    title = writer.title(job.profession, job.specialty, job.level)
    return title, (_ad_prose if rng.random() < 0.5 else _ad_sections)(job, title, writer)


def _split(person: Person) -> tuple[list[str], list[str]]:
    return [s for s, recent in person.skills.items() if recent], [
        s for s, recent in person.skills.items() if not recent
    ]


def _prose(person: Person, w: _Writer) -> str:
    title = w.title(person.profession, person.specialty, person.level)
    place = w.say("place", c=w.city(person.city))
    opening = w.say("opening" if person.years else "opening_new", t=title, y=person.years or 1, p=place)
    recent, old = _split(person)
    end = "。" if w.zh else "."
    sentences = [opening, w.say("joined", s=w.skills(person.profession, recent)) + end]
    history = w.say("now", i=w.industry(person.profession, person.positions[0].industry))
    for past in person.positions[1:]:
        said = w.say("before", i=w.industry(person.profession, past.industry), c=w.city(past.city),
                     n=(past.began - past.ended) // 12)  # fmt: skip
        history += ("，" if w.zh else "; ") + said
    sentences.append(history + end)
    if old:
        past = person.positions[-1]
        sentences.append(_stale(past, old, person, w) + end)
    sentences += [_sentence(fact, w) for fact in _facts(person, w)]
    sentences.insert(w.rng.randint(1, len(sentences)), w.one(w.words["fillers"]))
    return ("" if w.zh else " ").join(sentences)


def _stale(past: Position, names: Sequence[str], person: Person, w: _Writer) -> str:
    said = w.skills(person.profession, names)
    key = str(w.one(w.words["stale"]))
    return key.format(n=past.ended // 12, y=TODAY.year - past.ended // 12, s=said)


def _sections(person: Person, w: _Writer) -> str:
    wanted, history, studies, skills, other = w.one(w.words["headings"])
    title = w.title(person.profession, person.specialty, person.level)
    recent, old = _split(person)
    listed = recent[: len(recent) // 2]
    lines = [title, f"{wanted}{'：' if w.zh else ': '}{title}", w.say("place_line", c=w.city(person.city)), "", history]
    for number, position in enumerate(person.positions):
        held = title if not number else w.title(person.profession, person.specialty, position.level)
        where = w.industry(person.profession, position.industry)
        city, time = w.city(position.city), f"{_month(position.began, w)} - {_month(position.ended, w)}"
        lines.append(f"{time}  {where}，{held}，{city}" if w.zh else f"{held}, {where}, {city} ({time})")
        done = recent[len(listed) :] if not number else old
        lines += [f"- {w.skills(person.profession, [name])}" for name in done]
    facts = _facts(person, w)
    lines += ["", studies, facts[0], "", skills, w.skills(person.profession, listed), "", other, *facts[1:]]
    lines.append(w.one(w.words["fillers"]))
    return "\n".join(lines)


def _lines(person: Person, w: _Writer) -> str:
    title = w.title(person.profession, person.specialty, person.level)
    recent, old = _split(person)
    years = (f"{person.years}年经验" if w.zh else f"{person.years} years of experience") if person.years else ""
    history = [w.say("now", i=w.industry(person.profession, person.positions[0].industry))]
    history += [w.say("before", i=w.industry(person.profession, p.industry), c=w.city(p.city),
                      n=(p.began - p.ended) // 12) for p in person.positions[1:]]  # fmt: skip
    lines = [" | ".join(filter(None, (title, years))), w.say("place_line", c=w.city(person.city)), *history]
    lines += [f"• {w.skills(person.profession, [name])}" for name in recent]
    if old:
        lines.append(f"• {_stale(person.positions[-1], old, person, w)}")
    return "\n".join([*lines, *_facts(person, w)])


def _facts(person: Person, w: _Writer) -> list[str]:
    """Return what is said beside the work, education first."""
    profession = PROFESSIONS[person.profession]
    field = (profession.field if person.field else profession.other_field)[0 if w.zh else 1]
    school = str(w.one(WORDING["schools"][w.language])).format(c=w.city(w.rng.randrange(len(CITIES))))
    facts = [w.say("degree", d=WORDING["degrees"][w.language][person.degree], f=field, u=school)]
    facts += [w.one(w.words[name][level - 1]) for name, level in person.languages.items() if level]
    if person.led:
        facts.append(w.say("led", n=person.led))
    if person.salary:
        k = person.salary
        key = w.rng.choice(("salary", "salary", "salary_year", "salary_now"))
        facts.append(w.say(key, k=k, w=k / 10, e=k * 1000, a=k * 12 // 10, y=k * 12, z=f"{k * 12_000:,}",
                           o=round(k * 0.8)))  # fmt: skip
    if person.start is not None:
        facts.append(w.say({0: "start_now", 4: "start_month"}.get(person.start, "start_late")))
    if person.moves:
        facts.append(w.say("moves"))
    return facts


def _month(ago: int, w: _Writer) -> str:
    """Return the month `ago` months before the day of the set, or that it is now."""
    if not ago:
        return str(w.one(w.words["present"]))
    year, month = divmod(TODAY.year * 12 + TODAY.month - 1 - ago, 12)
    forms = (f"{year}.{month + 1:02d}", f"{year}年{month + 1}月") if w.zh else (
        f"{month + 1:02d}/{year}", f"{_MONTHS[month]} {year}")  # fmt: skip
    return str(w.one(forms))


def _sentence(fact: str, w: _Writer) -> str:
    return f"{fact}。" if w.zh else f"{fact[0].upper()}{fact[1:]}."


def _terms(job: Vacancy, w: _Writer) -> tuple[list[str], list[str]]:
    """Return what is demanded beside skills, and what is offered."""
    low, high = job.years
    if not low:
        demands = [w.say("years_none")]
    else:
        demands = [w.say("years_range", y=low, x=high) if high else w.say("years", y=low)]
    if job.industry:
        demands.append(w.say("industry", i=w.industry(job.profession, job.industry)))
    if job.degree is not None or job.field:
        degree = WORDING["degrees"][w.language][job.degree if job.degree is not None else 2]
        field = PROFESSIONS[job.profession].field[0 if w.zh else 1]
        demands.append(w.say("degree_field", d=degree, f=field) if job.field else w.say("degree", d=degree))
    if job.language:
        demands.append(w.words[job.language[0]][job.language[1] - 1])
    if job.leads:
        demands.append(w.say("leads", n=job.leads))
    if job.urgent:
        demands.append(w.say("urgent"))
    offers = []
    if job.salary:
        low, high = job.salary
        offers.append(w.say(w.rng.choice(("salary", "salary", "salary_year")), l=low, h=high, wl=low / 10, wh=high / 10,
                            el=low * 1000, eh=high * 1000, al=low * 12 // 10, ah=high * 12 // 10, yl=low * 12,
                            yh=high * 12, zl=f"{low * 12_000:,}", zh=f"{high * 12_000:,}"))  # fmt: skip
    return demands, offers


def _intro(job: Vacancy, title: str, w: _Writer) -> list[str]:
    name = w.rng.choice(list(PROFESSIONS[job.profession].industries)) if job.industry is None else job.industry
    employer = PROFESSIONS[job.profession].industries[name][0 if w.zh else 2]
    said = [w.say("intro", t=title, c=w.city(job.city), i=employer)]
    return [*said, w.say("remote")] if job.remote else said


def _ad_prose(job: Vacancy, title: str, w: _Writer) -> str:
    demands, offers = _terms(job, w)
    w.rng.shuffle(demands)
    joined = ("，" if w.zh else "; ").join(demands)
    said = [*_intro(job, title, w), w.say("must", s=w.skills(job.profession, job.must)), _sentence(joined, w)]
    said += [w.say("nice", s=w.skills(job.profession, job.nice)), *(_sentence(offer, w) for offer in offers)]
    said.insert(w.rng.randint(1, len(said)), w.one(w.words["fillers"]))
    return ("" if w.zh else " ").join(said)


def _ad_sections(job: Vacancy, title: str, w: _Writer) -> str:
    _, wanted, preferred, offered = w.one(w.words["headings"])
    demands, offers = _terms(job, w)
    colon = "：" if w.zh else ":"
    lines = [*_intro(job, title, w), f"{wanted}{colon}"]
    items = [*(w.skills(job.profession, [name]) for name in job.must), *demands]
    lines += [f"{n}. {item}" for n, item in enumerate(items, 1)]
    lines += [f"{preferred}{colon}", w.skills(job.profession, job.nice), f"{offered}{colon}", *offers]
    return "\n".join([*lines, w.one(w.words["fillers"])])
