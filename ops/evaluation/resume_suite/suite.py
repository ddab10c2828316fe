"""The suite: resumes of every layout, the same for the same seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Literal

from ops.evaluation.resume_suite import MissingPackages
from ops.evaluation.resume_suite.blocks import Sheet
from ops.evaluation.resume_suite.compose import compose
from ops.evaluation.resume_suite.layouts import LAYOUTS, Layout, Part
from ops.evaluation.resume_suite.people import person
from ops.evaluation.resume_suite.truth import Truth
from ops.evaluation.seeds import RESUME_SUITE


@dataclass(frozen=True, slots=True)
class Case:
    """A resume, and what is in it."""

    name: str
    layout: Layout
    kind: str
    """Its format, or `scan` and the quality."""
    data: bytes
    truth: Truth


def cases(
    count: int, part: Part | Literal["all"] = "all", *, scans: bool = False, seed: int = RESUME_SUITE
) -> Iterator[Case]:
    """Yield `count` digital resumes, spread evenly over a part's layouts; with `scans`, pictures of PDFs as well."""
    render, scan = _renderers()
    chosen = [layout for layout in LAYOUTS if part in ("all", layout.part)]
    plan = [(chosen[i % len(chosen)], i // len(chosen)) for i in range(count)]
    for layout, number in plan:
        sheet, truth = _written(layout, number, seed)
        name = f"{layout.id:02}-{number:02}"
        data = render.render(layout, sheet)
        yield Case(name, layout, layout.format, data, truth)
        if scans and layout.format == "pdf":
            quality = scan.QUALITIES[(layout.id // 2 + number) % len(scan.QUALITIES)]
            picture = scan.scan(data, quality, layout.id * 1000 + number)
            yield Case(f"{name}-{quality}", layout, f"scan {quality}", picture, truth)


def long_cases(count: int, pages: int = 3, seed: int = RESUME_SUITE) -> Iterator[Case]:
    """Yield PDFs that fill this many pages, for measurements of time: their main part comes again and again."""
    render, _ = _renderers()
    chosen = [layout for layout in LAYOUTS if layout.format == "pdf" and layout.columns == "one"]
    plan = [(chosen[i % len(chosen)], 1000 + i // len(chosen)) for i in range(count)]
    for layout, number in plan:
        sheet, truth = _written(layout, number, seed)
        main = list(sheet.main)
        data = render.render(layout, sheet)
        while render.pages(data) < pages:
            sheet.main += main
            data = render.render(layout, sheet)
        yield Case(f"{layout.id:02}-{number}", layout, f"pdf of {pages} pages", data, truth)


def _written(layout: Layout, number: int, seed: int) -> tuple[Sheet, Truth]:
    rng = random.Random(f"{seed}/{layout.id}/{number}")
    return compose(rng, layout, person(rng, layout.language))


def _renderers() -> tuple[ModuleType, ModuleType]:
    try:
        from ops.evaluation.resume_suite import render, scan
    except ModuleNotFoundError as error:
        raise MissingPackages(
            f"{error.name} is not installed; it makes resumes: pip install 'looma-streams[evaluation]'"
        ) from error
    return render, scan
