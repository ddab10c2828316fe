"""What a school is: its normalised name, and its marks in China's programmes."""

import re
import tomllib
from functools import cache
from importlib.resources import files

from processors.resolution.organisations import school as normalised
from schemas.resume import Mark

NAME = re.compile(
    r"大学|学院|学校|中学|高中|一中|二中|党校|研究院|\b(?:universit|college|institut|school|academy|polytechnic|univ\b|iit\b|nit\b|mit\b)"
    r"|universidad|universität|université|\b(?:vidyalaya|high school)",
    re.IGNORECASE,
)
"""What names of schools have in them."""


@cache
def _marks() -> dict[str, tuple[Mark, ...]]:
    data: dict[str, str] = tomllib.loads((files(__package__) / "data" / "schools.toml").read_text("utf-8"))
    steps: list[tuple[str, tuple[Mark, ...]]] = [
        ("double_first_class", ("double_first_class",)),
        ("p211", ("211", "double_first_class")),
        ("p985", ("985", "211", "double_first_class")),
    ]
    return {name: marks for step, marks in steps for name in data[step].split()}


def marks(name: str) -> tuple[Mark, ...]:
    """Return the programmes a school is in; its campuses are, its independent colleges are not."""
    full = normalised(name)
    bare = re.sub(r"[(（].*?[)）]$", "", full)
    known = _marks()
    return known.get(full) or known.get(bare) or ()
