"""Puts a person's resume together in a layout, and notes what it says."""

import random

from ops.evaluation.resume_suite import career, extras
from ops.evaluation.resume_suite.blocks import Block, Heading, Line, Row, Sheet
from ops.evaluation.resume_suite.contact import contact, objective
from ops.evaluation.resume_suite.layouts import Layout
from ops.evaluation.resume_suite.people import Person
from ops.evaluation.resume_suite.truth import Truth
from ops.evaluation.resume_suite.wording import heading, label

_SECTIONS = {
    "work": career.work,
    "education": career.education,
    "projects": career.projects,
    "skills": extras.skills,
    "certificates": extras.certificates,
    "languages": extras.languages,
    "awards": extras.awards,
    "summary": extras.summary,
    "hobbies": extras.hobbies,
    "references": extras.references,
}
_MAY_LACK = ("projects", "certificates", "languages", "awards", "summary", "hobbies")


def compose(rng: random.Random, layout: Layout, person: Person) -> tuple[Sheet, Truth]:
    """Return a resume and its truth."""
    truth, sheet, tongue = Truth(), Sheet(), person.tongue
    about = contact(rng, layout, person, truth, objective="objective" in layout.order)
    sheet.band += about.name
    beside = layout.columns in ("left", "right")
    counter = 0
    if layout.contact in ("labels", "labels2", "pairs", "side", "brackets") or (
        layout.contact.startswith("grid") and layout.id % 4 == 0
    ):
        target = sheet.side if beside else sheet.band
        if beside or layout.id % 3:
            target.append(Heading(heading(layout, tongue, "basics", counter)))
            counter += 1
        target += about.blocks
    else:
        sheet.band += about.blocks
    if layout.header:
        sheet.header = about.header or _running(layout, person)
    if layout.footer:
        sheet.footer = "第 1 页" if tongue == "zh" else f"{person.name} · page 1"
    if (
        layout.contact not in ("labels", "labels2", "pairs", "grid", "grid5", "brackets")
        and rng.random() < 0.25
        and "objective" not in layout.order
    ):
        sheet.band.append(Line(_sought(layout, person, truth)))
    for section in (*layout.side, *layout.order):
        if section in _MAY_LACK and rng.random() < 0.15:
            continue
        blocks = (
            objective(rng, layout, person, truth)
            if section == "objective"
            else _SECTIONS[section](layout, person, truth)
        )
        if not blocks:
            continue
        target = sheet.side if section in layout.side else sheet.main
        if section in layout.side:  # too narrow for texts side by side
            blocks = [line for block in blocks for line in _stacked(block)]
        titled: list[Block] = [Heading(heading(layout, tongue, section, counter)), *blocks]
        target += titled
        counter += 1
    return sheet, truth


def _stacked(block: Block) -> list[Block]:
    return [Line(cell, block.strong) for cell in block.cells] if isinstance(block, Row) else [block]


def _running(layout: Layout, person: Person) -> str:
    return f"{person.name} - 个人简历" if person.tongue == "zh" else f"{person.name} - Resume"


def _sought(layout: Layout, person: Person, truth: Truth) -> str:
    truth.facts["target"] = [person.target]
    return f"{label(layout, person.tongue, 'target')}{'：' if person.tongue == 'zh' else ': '}{person.target}"
