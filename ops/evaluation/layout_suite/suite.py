"""The suite: people in every layout, the same for the same seed."""

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from ops.evaluation.layout_suite.templates.registry import TEMPLATES, Half, Layout, Template
from ops.evaluation.resume_suite import MissingPackages
from ops.evaluation.resume_suite.truth import Truth
from ops.evaluation.seeds import LAYOUT_SUITE

_MODULES = (
    "templates.latex", "templates.linkedin", "templates.europass", "templates.office", "templates.boards",
    "templates.plain", "templates.more", "held_out.digital", "held_out.trades", "held_out.mainland",
    "held_out.taiwan", "held_out.europe",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """A resume, and what is in it."""

    name: str
    template: Layout
    scanned: bool
    data: bytes
    truth: Truth


def templates(half: Half | Literal["all"] = "all") -> list[Template]:
    """Return the layouts of a half, in the order of their names."""
    try:
        for module in _MODULES:
            import_module(f"ops.evaluation.layout_suite.{module}")
    except ModuleNotFoundError as error:
        raise MissingPackages(
            f"{error.name} is not installed; it makes resumes: pip install 'looma-streams[evaluation]'"
        ) from error
    return sorted((t for t in TEMPLATES if half in ("all", t.half)), key=lambda t: t.name)


def cases(half: Half, each: int = 3, *, scans: bool = False, seed: int = LAYOUT_SUITE) -> Iterator[Case]:
    """Yield `each` resumes of every template; with `scans`, the first of some as a picture as well; each document once."""
    for template in templates(half):
        for number in range(each):
            seen = template.seen(random.Random(f"{seed}/{template.name}/{number}"))
            data = template.draw(seen)
            name = f"{template.name}-{number}"
            yield Case(name, template, False, data, seen.truth)
            if scans and template.scanned and number == 0:
                yield Case(f"{name}-scan", template, True, photographed(data), seen.truth)
    if half in ("documents", "unread"):
        from ops.evaluation.layout_suite.documents.drawing import drawn
        from ops.evaluation.layout_suite.documents.entries import entries

        for entry in entries(half):
            yield Case(entry.layout.name, entry.layout, False, drawn(entry), entry.truth)


def photographed(pdf: bytes) -> bytes:
    """Return a PDF of the pages as a copier makes them: grey paper, a shadow at one side, half a degree askew."""
    import numpy as np
    import pypdfium2 as pdfium
    from PIL import Image

    pages = []
    for page in pdfium.PdfDocument(pdf):
        picture = page.render(scale=170 / 72).to_pil().convert("L").rotate(0.5, Image.Resampling.BICUBIC, fillcolor=255)
        shade = np.linspace(0.82, 0.97, picture.width, dtype=np.float32)
        pages.append(Image.fromarray((np.asarray(picture) * shade).astype(np.uint8)))
    buffer = io.BytesIO()
    pages[0].save(buffer, "PDF", save_all=True, append_images=pages[1:], resolution=170, quality=70)
    return buffer.getvalue()
