"""What a page's own style sheet says of how elements stand: beside each other, below each other, or as blocks.

Templates write `<span>Nurse</span><span>2019</span>` and leave the space between to `display: flex`. Only what a class
or an inline style says is read; what depends on a device, a state or on other elements is not.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

_LONGEST = 400_000
"""Characters of style sheets that are read."""
_OF_CLASS = re.compile(r"(?:[a-z][a-z0-9]{0,9})?\.(-?[A-Za-z_][\w-]{0,80})")
_TRACK = re.compile(r"repeat\( ?(\d{1,2}|auto-fi(?:t|ll)) ?,(?:[^()]|\([^()]*\))*\)|[\w.%-]+\([^()]*\)|[\w.%-]+")


class Layout(NamedTuple):
    """How the children of an element stand: `columns` beside each other, 0 for as many as there are; None: as text."""

    block: bool
    columns: int | None


AS_TEXT = Layout(False, None)


class StyleSheet:
    """The layouts that a page's style elements give to classes."""

    def __init__(self, root: etree._Element) -> None:
        sheets = "\n".join(style.text or "" for style in root.iter("style"))[:_LONGEST]
        self._layouts: dict[str, Layout] = {}
        for selectors, declarations in _rules(_without_comments(sheets)):
            if "display" not in declarations or (layout := _layout(declarations)) is None:
                continue
            for selector in selectors.split(","):
                if named := _OF_CLASS.fullmatch(selector.strip()):
                    self._layouts[named[1]] = layout

    def of(self, element: etree._Element) -> Layout:
        """Return an element's layout; its own style comes before those of its classes."""
        if (style := element.get("style")) and (own := _layout(style)):
            return own
        for name in element.get("class", "").split() if self._layouts else ():
            if layout := self._layouts.get(name):
                return layout
        return AS_TEXT


def _without_comments(sheet: str) -> str:
    kept: list[str] = []
    at = 0
    while (start := sheet.find("/*", at)) >= 0:
        kept.append(sheet[at:start])
        end = sheet.find("*/", start + 2)
        at = len(sheet) if end < 0 else end + 2
    return " ".join([*kept, sheet[at:]])


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield selectors and declarations of the rules that stand in no other: those of a device or a state do."""
    depth, start, opened = 0, 0, 0
    nested = False
    for mark in re.finditer(r"[{}]", sheet):
        if mark[0] == "{":
            nested = depth > 0
            if depth == 0:
                opened = mark.end()
            depth += 1
        elif depth == 0:  # closes nothing
            start = mark.end()
        else:
            depth -= 1
            if depth == 0:
                selectors = sheet[start : opened - 1].rpartition(";")[2]
                if not nested and "@" not in selectors:
                    yield selectors, sheet[opened : mark.start()]
                start = mark.end()
                nested = False


def _layout(declarations: str) -> Layout | None:
    said = {
        name.strip().lower(): value.strip().lower()
        for name, colon, value in (part.partition(":") for part in declarations.split(";"))
        if colon
    }
    display = said.get("display", "").removesuffix("!important").strip()
    if display in ("flex", "inline-flex"):
        below = "column" in said.get("flex-direction", "") or "column" in said.get("flex-flow", "")
        return Layout(True, 1 if below else 0)
    if display in ("grid", "inline-grid"):
        return Layout(True, _tracks(said.get("grid-template-columns", "")))
    if display in ("block", "list-item", "table"):
        return Layout(True, None)
    return None


def _tracks(template: str) -> int:
    """Return the columns of a grid; where their number depends on the room, one."""
    total = 0
    for track in _TRACK.finditer(template):
        if track[1] and not track[1].isdigit():
            return 1
        total += int(track[1]) if track[1] else 1
    return max(total, 1)
