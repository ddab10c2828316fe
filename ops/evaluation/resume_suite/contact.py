"""The personal data: which are shown, and in which shape."""

import random
from dataclasses import dataclass

from ops.evaluation.resume_suite.blocks import Block, Grid, Line, Name, Row
from ops.evaluation.resume_suite.dates import MONTHS
from ops.evaluation.resume_suite.layouts import Layout
from ops.evaluation.resume_suite.people import Person
from ops.evaluation.resume_suite.truth import Truth
from ops.evaluation.resume_suite.wording import label, title

_LABELLED = ("phone", "email", "gender", "birth", "place", "ethnic", "native", "politics", "marital", "nationality",
             "link", "target", "target_city", "salary", "availability")  # fmt: skip
_SHORT = ("gender", "birth", "phone", "email", "place", "link")
_CORE = ("phone", "email", "place", "link")


@dataclass(frozen=True, slots=True)
class Contact:
    """The person's name and data as blocks, and as one line for a page header."""

    name: list[Block]
    blocks: list[Block]
    header: str = ""


def contact(rng: random.Random, layout: Layout, person: Person, truth: Truth, *, objective: bool) -> Contact:
    """Lay out the personal data; with `objective` what is sought has a section of its own."""
    values = _values(layout, person)
    shown = [f for f in _shown(rng, layout, person) if f in values]
    if objective:
        shown = [f for f in shown if f not in ("target", "target_city", "salary", "availability")]
    tell(truth, person, shown, layout)
    truth.facts["name"] = person.name
    tongue = person.tongue
    colon = "：" if tongue == "zh" else ": "
    labelled = [f"{label(layout, tongue, f)}{colon}{values[f]}" for f in shown]
    plain = [values[f] for f in shown]
    bar = ("  |  ", " | ", " · ", "    ", " / ", "  ")[layout.wording]
    name: list[Block] = [Name(person.name)]
    match layout.contact:
        case "labels" | "labels2":
            if layout.contact == "labels2":
                name = [Name(title(layout, tongue)), Line(f"{label(layout, tongue, 'name')}{colon}{person.name}")]
            return Contact(name, [Line(text) for text in labelled])
        case "pairs":
            if tongue == "zh" and layout.id % 4 == 0:
                labelled.insert(0, f"{label(layout, tongue, 'name')}{colon}{person.name}")
                name = [Name(title(layout, tongue))]
            return Contact(name, [Row(tuple(labelled[i : i + 2])) for i in range(0, len(labelled), 2)])
        case "grid" | "grid5":
            pairs = [
                (label(layout, tongue, "name"), person.name),
                *((label(layout, tongue, f), values[f]) for f in shown),
            ]
            across = 2 if layout.contact == "grid" else 3
            rows = [pairs[i : i + across] for i in range(0, len(pairs), across)]
            rows[-1] += [("", "")] * (across - len(rows[-1]))
            return Contact(
                [Name(title(layout, tongue))], [Grid(tuple(sum(row, ()) for row in rows), photo=layout.photo)]
            )
        case "brackets":
            return Contact(name, [Line(f"【{label(layout, tongue, f)}】{values[f]}") for f in shown])
        case "side":
            lines = labelled if layout.wording % 2 else plain
            return Contact(name, [Line(text) for text in lines])
        case "header":
            return Contact(name, [], bar.join(plain))
        case "plain":
            return Contact(name, [Line(text) for text in plain])
        case _:
            half = (len(plain) + 1) // 2 if len(plain) > 4 else len(plain)
            return Contact(name, [Line(bar.join(plain[i : i + half])) for i in range(0, len(plain), half)])


def objective(rng: random.Random, layout: Layout, person: Person, truth: Truth) -> list[Block]:
    """Return what is sought."""
    values = _values(layout, person)
    shown = ["target", "target_city", "salary"] + (["availability"] if rng.random() < 0.6 else [])
    tell(truth, person, shown, layout)
    colon = "：" if person.tongue == "zh" else ": "
    texts = [f"{label(layout, person.tongue, f)}{colon}{values[f]}" for f in shown]
    if layout.wording % 2:
        return [Line(text) for text in texts]
    return [Row(tuple(texts[i : i + 2])) for i in range(0, len(texts), 2)]


def tell(truth: Truth, person: Person, shown: list[str], layout: Layout) -> None:
    """Note facts as shown."""
    year, month, day = person.birth
    facts = {
        "phone": [person.phone],
        "email": [person.email],
        "link": [person.links[0]],
        "gender": {"m": "male", "f": "female"}[person.gender],
        "birth": f"{year}-{month:02}" + (f"-{day:02}" if _full_birth(layout) else ""),
        "place": person.city,
        "nationality": person.nationality,
        "target": [person.target],
        "target_city": [person.target_city],
        "salary": _pay(person),
        "availability": person.availability,
    }
    truth.facts |= {f: facts[f] for f in shown if f in facts}


def _pay(person: Person) -> list[object]:
    low, high = (1000 * n for n in person.salary)
    return [low, high, *(("CNY", "month") if person.tongue == "zh" else ("USD", "year"))]


def _full_birth(layout: Layout) -> bool:
    return layout.wording % 3 == 1 or layout.language == "en"


def _shown(rng: random.Random, layout: Layout, person: Person) -> list[str]:
    if layout.contact in ("labels", "labels2", "pairs", "grid", "grid5", "brackets"):
        pool = (
            _LABELLED
            if person.tongue == "zh"
            else ("phone", "email", "birth", "nationality", "place", "link", "salary", "availability")
        )
        keep = [f for f in pool if f in _CORE[:2] or rng.random() < 0.7]
        return keep
    if person.tongue == "zh":
        return [f for f in _SHORT if f in _CORE[:2] or rng.random() < (0.4 if f == "link" else 0.8)]
    return [f for f in _CORE if f != "link" or rng.random() < 0.7]


def _values(layout: Layout, person: Person) -> dict[str, str]:
    year, month, day = person.birth
    low, high = person.salary
    if person.tongue == "zh":
        full = _full_birth(layout)
        birth = {
            0: f"{year}.{month:02}" + (f".{day:02}" if full else ""),
            1: f"{year}年{month}月" + (f"{day}日" if full else ""),
            2: f"{year}-{month:02}" + (f"-{day:02}" if full else ""),
        }[layout.wording % 3]
        salary = (f"{low}-{high}K", f"{low}000-{high}000元/月", f"{low}k-{high}k/月", f"{low}000—{high}000元")[
            layout.wording % 4
        ]
        gender = "男" if person.gender == "m" else "女"
    else:
        birth = (f"{day:02}/{month:02}/{year}", _words_date(year, month, day), f"{year}-{month:02}-{day:02}")[
            layout.wording % 3
        ]
        if layout.wording % 3 == 0 and day <= 12:  # nobody could tell day from month
            birth = _words_date(year, month, day)
        salary = (f"${low},000 - ${high},000", f"USD {low},000–{high},000 per year", f"${low}k-${high}k")[
            layout.wording % 3
        ]
        gender = "Male" if person.gender == "m" else "Female"
    link = person.links[0] if layout.wording % 2 else person.links[0].removeprefix("https://")
    values = {
        "phone": person.national,
        "email": person.email,
        "gender": gender,
        "birth": birth,
        "place": person.place,
        "ethnic": person.ethnic,
        "native": person.native,
        "politics": person.politics,
        "marital": person.marital,
        "nationality": person.nationality,
        "link": link,
        "target": person.target,
        "target_city": person.target_city,
        "salary": salary,
        "availability": person.availability,
    }
    return {name: value for name, value in values.items() if value}


def _words_date(year: int, month: int, day: int) -> str:
    return f"{day} {MONTHS[month - 1]} {year}"
