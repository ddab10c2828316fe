"""The list of templates, and how one joins it."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ops.evaluation.layout_suite.seen import Seen

Half = Literal["tuning", "reporting"]
Kind = Literal["pdf", "docx", "html", "txt"]
Draw = Callable[[Seen], bytes]


@dataclass(frozen=True, slots=True)
class Template:
    """A layout: what it is like, the country of its people, and the function that draws it."""

    name: str
    half: Half
    country: str
    kind: Kind
    draw: Draw
    professions: tuple[str, ...]
    jobs: int
    scanned: bool

    def seen(self, rng: random.Random) -> Seen:
        """Return somebody for it."""
        return Seen(rng, self.country, self.professions, self.jobs)


TEMPLATES: list[Template] = []


def template(
    name: str, half: Half, country: str, kind: Kind = "pdf", *, professions: tuple[str, ...] = (), jobs: int = 0,
    scanned: bool = False,
) -> Callable[[Draw], Draw]:  # fmt: skip
    """Enter a function that draws a layout. `scanned`: its pages are measured as pictures too."""

    def enter(draw: Draw) -> Draw:
        TEMPLATES.append(Template(name, half, country, kind, draw, professions, jobs, scanned))
        return draw

    return enter
