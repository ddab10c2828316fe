"""The list of templates, and how one joins it."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ops.evaluation.layout_suite.held_out.people import WORLDS, somebody
from ops.evaluation.layout_suite.people import LANGUAGES, person
from ops.evaluation.layout_suite.seen import Seen

Half = Literal["tuning", "reporting", "documents", "unread"]
Kind = Literal["pdf", "docx", "html", "txt"]
Draw = Callable[[Seen], bytes]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a layout is like."""

    name: str
    half: Half
    country: str
    language: str
    kind: Kind
    scanned: bool


@dataclass(frozen=True, slots=True)
class Template(Layout):
    """A layout, how somebody for it is drawn, and the function that writes the file."""

    seen: Callable[[random.Random], Seen]
    draw: Draw


TEMPLATES: list[Template] = []


def template(
    name: str, country: str, kind: Kind = "pdf", *, professions: tuple[str, ...] = (), jobs: int = 0,
    scanned: bool = False,
) -> Callable[[Draw], Draw]:  # fmt: skip
    """Enter a layout of the tuning half. `scanned`: its pages are measured as pictures too."""

    def seen(rng: random.Random) -> Seen:
        return Seen(rng, person(rng, country, professions, jobs))

    def enter(draw: Draw) -> Draw:
        TEMPLATES.append(Template(name, "tuning", country, _family(LANGUAGES[country]), kind, scanned, seen, draw))
        return draw

    return enter


def sheet(
    name: str,
    country: str,
    kind: Kind,
    profession: str,
    *,
    jobs: int = 0,
    promoted: bool = False,
    scanned: bool = False,
) -> Callable[[Draw], Draw]:
    """Enter a layout of the reporting half."""

    def seen(rng: random.Random) -> Seen:
        return Seen(rng, somebody(rng, country, profession, jobs, promoted=promoted))

    def enter(draw: Draw) -> Draw:
        TEMPLATES.append(Template(name, "reporting", country, _family(WORLDS[country]), kind, scanned, seen, draw))
        return draw

    return enter


def _family(world: str) -> str:
    return {"zh": "zh", "tw": "zh", "en": "en"}.get(world, "other")
