"""The suite: resumes of every layout, the same for the same seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ops.evaluation.resume_suite.blocks import Sheet
from ops.evaluation.resume_suite.compose import compose
from ops.evaluation.resume_suite.layouts import LAYOUTS, Layout, Part
from ops.evaluation.resume_suite.people import person
from ops.evaluation.resume_suite.truth import Truth

SEED = 20261001


class MissingPackages(Exception):
    """What makes files is not installed."""


@dataclass(frozen=True, slots=True)
class Case:
    """A resume, and what is in it."""

    name: str
    layout: Layout
    kind: str
    """Its format, or `scan` and the quality."""
    data: bytes
    truth: Truth


def cases(count: int, part: Part | Literal["all"] = "all", *, scans: bool = False, seed: int = SEED) -> Iterator[Case]:
    """Yield `count` digital resumes, spread evenly over a part's layouts; with `scans`, pictures of PDFs as well."""
    try:
        from ops.evaluation.resume_suite import render_docx, render_html, render_pdf, scan
    except ModuleNotFoundError as error:
        raise MissingPackages(error.name) from error
    chosen = [layout for layout in LAYOUTS if part in ("all", layout.part)]
    plan: list[tuple[str, int, Layout, Sheet, Truth]] = []
    for i in range(count):
        layout, number = chosen[i % len(chosen)], i // len(chosen)
        rng = random.Random(f"{seed}/{layout.id}/{number}")
        plan.append(
            (f"{layout.id:02}-{number:02}", number, layout, *compose(rng, layout, person(rng, layout.language)))
        )
    render_pdf.register({c for *_, sheet, _ in plan for c in repr(sheet)})
    renderers = {"pdf": render_pdf.render, "docx": render_docx.render, "html": render_html.render}
    for name, number, layout, sheet, truth in plan:
        data = renderers[layout.format](layout, sheet)
        yield Case(name, layout, layout.format, data, truth)
        if scans and layout.format == "pdf":
            quality = scan.QUALITIES[(layout.id // 2 + number) % len(scan.QUALITIES)]
            yield Case(
                f"{name}-{quality}",
                layout,
                f"scan {quality}",
                scan.scan(data, quality, layout.id * 1000 + number),
                truth,
            )
