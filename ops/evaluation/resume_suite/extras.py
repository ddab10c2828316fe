"""Skills, certificates, languages, awards and the rest."""

from ops.evaluation.resume_suite.blocks import Block, Bullet, Grid, Line
from ops.evaluation.resume_suite.layouts import Layout
from ops.evaluation.resume_suite.people import Person
from ops.evaluation.resume_suite.truth import Truth

_REFEREES = (
    "Dr. Helen Marsh, helen.marsh@example.edu, +1 617 555 0187",
    "Peter Novak, p.novak@example.com, (312) 555-0190",
)


def skills(layout: Layout, person: Person, truth: Truth) -> list[Block]:
    """Return the skills as the layout lists them."""
    truth.skills += person.skills
    zh, known = person.tongue == "zh", person.skills
    join = "、" if zh else ", "
    half = (len(known) + 1) // 2
    match layout.skills:
        case "bullets":
            return [Bullet(skill, layout.bullet if len(layout.bullet) == 1 else "•") for skill in known]
        case "lines":
            return [Line(skill) for skill in known]
        case "pipe":
            return [Line(" | ".join(known))]
        case "categories":
            names = ("核心技能：", "工具及其他：") if zh else ("Core: ", "Tools and other: ")
            return [Line(names[0] + join.join(known[:half])), Line(names[1] + join.join(known[half:]))]
        case "levels":
            return [
                Line(f"精通{join.join(known[:2])}；"),
                Line(f"熟悉{join.join(known[2 : half + 1])}；"),
                Line(f"了解{join.join(known[half + 1 :])}。"),
            ]
        case "table":
            levels = ("精通", "熟练", "了解") if zh else ("Expert", "Advanced", "Basic")
            return [
                Grid(
                    (
                        ("技能", "程度") if zh else ("Skill", "Level"),
                        *((s, levels[min(i // 2, 2)]) for i, s in enumerate(known)),
                    )
                )
            ]
        case _ if layout.side and "skills" in layout.side:
            return [Line(join.join(known[i : i + 2])) for i in range(0, len(known), 2)]
        case _:
            return [Line(join.join(known))]


def certificates(layout: Layout, person: Person, truth: Truth) -> list[Block]:
    """Return the certificates, with their year or without."""
    truth.certificates += [name for name, _ in person.certificates]
    if layout.side:
        return [Line(name) for name, _ in person.certificates]
    if layout.id % 3 == 0:
        return [Line(("、" if person.tongue == "zh" else "; ").join(name for name, _ in person.certificates))]
    if person.tongue == "zh":
        return [Line(f"{year}年  {name}") for name, year in person.certificates]
    return [Bullet(f"{name}, {year}") for name, year in person.certificates]


def languages(layout: Layout, person: Person, truth: Truth) -> list[Block]:
    """Return the languages with their levels."""
    truth.languages += [name for name, _ in person.languages]
    if person.tongue == "zh":
        forms = [f"{name}（{level}）" if layout.id % 2 else f"{name}：{level}" for name, level in person.languages]
        return [Line(text) for text in forms] if layout.side else [Line("；".join(forms))]
    forms = [f"{name} ({level})" if layout.id % 2 else f"{name} - {level}" for name, level in person.languages]
    return [Line(text) for text in forms] if layout.side else [Line(", ".join(forms))]


def awards(layout: Layout, person: Person, truth: Truth) -> list[Block]:
    """Return the awards."""
    return [Line(f"{year}  {name}" if person.tongue == "zh" else f"{name}, {year}") for name, year in person.awards]


def summary(layout: Layout, person: Person, truth: Truth) -> list[Block]:
    """Return what somebody says about themselves."""
    return [Line(person.summary)]


def hobbies(layout: Layout, person: Person, truth: Truth) -> list[Block]:
    """Return what somebody does in their free time."""
    return [Line(person.hobbies)]


def references(layout: Layout, person: Person, truth: Truth) -> list[Block]:
    """Return other people, whose data are not the person's."""
    return [Line(text) for text in _REFEREES]
