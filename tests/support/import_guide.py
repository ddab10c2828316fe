"""The samples of the guide to imports, each with its table of what becomes of it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from connectors.formats.base import Format
from connectors.formats.registry import NAMES, by_name

GUIDES = Path("docs/guides")
_SAMPLE = re.compile(r"^```(json|html|xml|csv)\n(.*?)^```$\n+((?:^\|[^\n]*\n)+)", re.M | re.S)
_ROW = re.compile(r"^\| `([^`]+)` \| `([^`]+)` \| `(.*)` \|$", re.M)
_TITLES = {by_name(name).title.split(" / ")[0]: by_name(name) for name in NAMES}


class Sample(NamedTuple):
    """A document of a format; `rows` are their path, our path and the value in JSON."""

    format: Format
    kind: str
    text: str
    rows: list[tuple[str, str, str]]


def samples(page: str) -> Iterator[Sample]:
    """Yield the samples of a page of docs/guides."""
    for section in (GUIDES / page).read_text().split("\n## ")[1:]:
        for kind, text, table in _SAMPLE.findall(section):
            yield Sample(_TITLES[section.partition("\n")[0]], kind, text, _ROW.findall(table))
