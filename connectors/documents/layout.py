"""Restores the reading order of text that is only known by its places: columns, tables, paragraphs.

A recursive X-Y cut (Nagy and Seth, "Hierarchical representation of optically scanned documents", 1984; Ha, Haralick and
Phillips, "Recursive X-Y cut using bounding boxes of connected components", 1995) with two changes. The cut is made
through the tallest band of rows with a common gutter, so that a heading across the page does not hide the columns below
it. And a gutter divides columns only if the two sides are read apart: by the order in which the file draws them where
there is one, else because their lines do not stand side by side; so labels and their values, positions and their dates
stay together.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from connectors.documents.builder import PlacedLine
from connectors.documents.characters import is_wide
from connectors.documents.model import BlockKind, Box
from connectors.documents.tables import SNAP, Table, find_tables

MAX_SEGMENTS = 3000
"""A page with more of them is read row by row: cutting costs more than linear time."""
MAX_DEPTH = 12
_COLUMN = 3
"""Lines that begin at one place make a column of it, before which even a narrow gap divides."""
MAX_GUTTERS = 40
SHORT_CELL = 60
"""Characters of a cell that may stand on one line with its row's other cells."""
BULLET = re.compile(
    r"[•●○◦▪■□◆◇▶►➢➤✓✔★☆·‣⁃*–—-]\s|[•●○◦▪■□◆◇▶►➢➤✓✔★☆‣⁃]|·(?=[\u3400-\u9fff])|[(（]?\d{1,2}[.、)）]\s?\D"
)
BREAK = "\u00ad"
"""Stands in a segment's text for a hyphen that breaks a word at the end of a line."""
BULLET_ALONE = re.compile(r"[•●○◦▪■□◆◇▶►➢➤✓✔★☆·‣⁃]")
_ENDS = "。！？；.!?;:："
_ADDRESS = re.compile(r"(?:@|://|www\.)\S*$")
_RUN = re.compile(r"[!-~]+|.")
_WHOLE = re.compile(r"@\S+\.(?:com|cn|net|org|edu|gov|info|io|me|ai|hk|tw|uk|us|de|fr|jp|sg|in|au|ca)$")
_REST_OF_MAIL = re.compile(r"[a-z0-9.-]{1,24}")
_REST_OF_URL = re.compile(r"[a-z0-9_/-]{1,12}")
_BROKEN = re.compile(r"[^\W\d_]{2,}[-\u00ad]$")
_COMPOUND = re.compile(
    r"(?:^|[^\w])(?:\w+-\w+|self|non|multi|cross|high|low|long|short|full|real|user|client|customer|cost|time|large|small|event|cloud|third|first"
    r"|second|two|three|award|results?|detail|hands|problem|decision|data|machine|deep)$",
    re.IGNORECASE,
)
"""Words that a hyphen joins to the next one, so that a break after it leaves the hyphen: real-time."""
_OPEN_TIME = re.compile(r"(?:19|20)\d\d ?[–—-]$")
_TIME = re.compile(
    r"(?:19|20)\d\d\b|[A-Z][a-zéû]{2,8}\.? (?:19|20)\d\d\b|(?:present|now|today|current|heute|aujourd)", re.IGNORECASE
)
_PART_OF_TIME = re.compile(
    r"(?:(?:(?:1[0-2]|0?[1-9])[./-])?(?:19|20)\d\d(?:[./-](?:1[0-2]|0?[1-9])(?:[./-]\d\d?)?)?"
    r"|[A-Z][a-zéûäöü]{2,8}\.?,? (?:19|20)\d\d|(?:19|20)\d\d年(?:\d{1,2}月)?"
    r"|present|now|today|current|heute|至今|\W|to|bis|\s){1,6}",
    re.IGNORECASE,
)
"""A time, or what is left of one that a narrow column has broken."""
_LABEL = re.compile(r"\S{1,12}\s*[:：]|(?:(?:1[0-2]|0?[1-9])[./])?(?:19|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text on one line without a wide gap. `order`: when the file draws it; -1 where nothing is known."""

    text: str
    box: Box
    edges: Sequence[float]
    order: int = -1
    shown: Box | None = None
    """Its place on the page, where `box` has been straightened for the layout."""

    @property
    def middle(self) -> float:
        """Return its vertical centre."""
        return (self.box.top + self.box.bottom) / 2

    @property
    def height(self) -> float:
        """Return its height, about the font size."""
        return self.box.bottom - self.box.top


class _Usual(NamedTuple):
    """A page's usual line height, and the width and the right edge of its text."""

    height: float
    width: float
    right: float


Row = list[Segment]
LaidBlock = tuple[BlockKind, list[PlacedLine]]


def lay_out(segments: Sequence[Segment], rules: Sequence[Box] = ()) -> list[LaidBlock]:
    """Return a page's text as blocks in reading order. `rules` are thin boxes: the lines drawn on the page."""
    if not segments:
        return []
    usual = _Usual(
        median([s.height for s in segments]),
        max(s.box.right for s in segments) - min(s.box.left for s in segments),
        max(s.box.right for s in segments),
    )
    tables = find_tables(rules, max(SNAP, 0.25 * usual.height))
    inside: dict[int, list[Segment]] = {i: [] for i in range(len(tables))}
    free: list[Segment] = []
    for segment in segments:
        home = next((i for i, table in enumerate(tables) if _holds(table.box, segment)), None)
        if home is None:
            free.append(segment)
        else:
            inside[home] += _cut(segment, tables[home])
    stand_ins: dict[int, Segment] = {}
    for i, table in enumerate(tables):
        if inside[i]:
            order = min(s.order for s in inside[i])
            stand_in = Segment("", table.box, (), order)
            stand_ins[id(stand_in)] = stand_in
            free.append(stand_in)
    table_of = {id(s): i for i, s in zip((i for i in inside if inside[i]), stand_ins.values(), strict=True)}
    blocks: list[LaidBlock] = []
    for rows in _regions(free):
        run: list[Row] = []
        for row in rows:
            held = [s for s in row if id(s) in table_of]
            if not held:
                run.append(row)
                continue
            rest = [s for s in row if id(s) not in table_of]
            blocks += _blocks([*run, rest] if rest else run, usual)
            run = []
            for s in held:
                blocks += _table(tables[table_of[id(s)]], inside[table_of[id(s)]], usual)
        blocks += _blocks(run, usual)
    return blocks


def _at_columns(segment: Segment, columns: Collection[int]) -> list[Segment]:
    """Divide a run of text at the places where a column begins, before which the file has drawn a narrow gap."""
    found: list[Segment] = []
    begin = 0
    for mark in _WORD_ENDS.finditer(segment.text):
        left, right = segment.edges[mark.start()], segment.edges[mark.end()]
        if right - left > _WIDE * segment.height and round(right) in columns:
            found.append(_part(segment, begin, mark.start()))
            begin = mark.end()
    return [*found, _part(segment, begin, len(segment.text))] if found else [segment]


_WORD_ENDS = re.compile(r"(?<=\S) (?=\S)")
_WIDE = 0.5
"""Of the height: a space that may divide columns."""


def _cut(segment: Segment, table: Table) -> list[Segment]:
    """Divide a run of text at the rules between the cells that it touches."""
    inset = 0.5 * segment.height  # the boxes of recognised text are a little wide
    start, end = segment.box.left + inset, segment.box.right - inset
    borders = [b.left for _, b in table.cells if b.top <= segment.middle <= b.bottom and start < b.left < end]
    parts: list[Segment] = []
    begin = 0
    for border in sorted(set(borders)):
        at = _between_words(segment, bisect_left(segment.edges, border - 1.0, begin, len(segment.edges) - 1))
        if begin < at < len(segment.text):
            parts.append(_part(segment, begin, at))
            begin = at
    if begin == 0:
        return [segment]
    return [part for part in (*parts, _part(segment, begin, len(segment.text))) if part.text]


def _between_words(segment: Segment, at: int) -> int:
    """Return where the word ends that a rule runs through: its cell is too narrow for it."""
    text, edges = segment.text, segment.edges
    if not 0 < at < len(text) or not (text[at - 1 : at + 1].isascii() and text[at - 1 : at + 1].isalnum()):
        return at
    end = text.find(" ", at)
    end = end + 1 if end >= 0 else len(text)
    return end if edges[end] - edges[at] < 4 * segment.height else at


def _part(segment: Segment, begin: int, end: int) -> Segment:
    """Return characters of a segment without the spaces around them."""
    text = segment.text[begin:end]
    begin, end = begin + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
    edges = segment.edges[begin : end + 1]
    box = Box(edges[0], segment.box.top, edges[-1], segment.box.bottom) if end > begin else segment.box
    return Segment(segment.text[begin:end] if end > begin else "", box, edges, segment.order, segment.shown)


def _holds(box: Box, segment: Segment) -> bool:
    x = (segment.box.left + segment.box.right) / 2
    return box.left <= x <= box.right and box.top <= segment.middle <= box.bottom


# Order


def _regions(segments: Sequence[Segment], depth: int = 0) -> list[list[Row]]:
    """Cut into regions that are read one after another, each as rows."""
    rows = _rows(segments)
    if len(segments) > MAX_SEGMENTS or depth > MAX_DEPTH:
        return [rows]
    cut = _best_cut(rows)
    if cut is None:
        return [rows] if rows else []
    first, last, gutter = cut
    band = [s for row in rows[first : last + 1] for s in row]
    left, right = [s for s in band if s.box.left < gutter], [s for s in band if s.box.left >= gutter]
    above, below = rows[:first], rows[last + 1 :]
    parts = [[s for row in above for s in row], left, right, [s for row in below for s in row]]
    return [region for part in parts if part for region in _regions(part, depth + 1)]


def _rows(segments: Iterable[Segment]) -> list[Row]:
    rows: list[Row] = []
    for segment in sorted(segments, key=lambda s: (s.middle, s.box.left)):
        row = rows[-1] if rows else []
        if row and _beside(row, segment):
            row.append(segment)
        else:
            rows.append([segment])
    for row in rows:
        row.sort(key=lambda s: s.box.left)
    return rows


def _beside(row: Row, segment: Segment) -> bool:
    seed = row[0]
    shared = min(seed.box.bottom, segment.box.bottom) - max(seed.box.top, segment.box.top)
    if shared < 0.5 * min(seed.height, segment.height):
        return False
    return all(s.box.right <= segment.box.left + 1 or segment.box.right <= s.box.left + 1 for s in row)


def _best_cut(rows: list[Row]) -> tuple[int, int, float] | None:
    """Return (first row, last row, x) of the tallest band of rows that a gutter divides into columns."""
    if len(rows) < 3:
        return None
    em = median([s.height for row in rows for s in row])
    lefts = Counter(round(s.box.left) for row in rows for s in row)
    best: tuple[int, int, int, float] | None = None
    for x, _ in lefts.most_common(MAX_GUTTERS):
        gutter = x - 1.0
        first = 0
        for last in range(len(rows)):
            if any(s.box.left < gutter < s.box.right for s in rows[last]):
                first = last + 1
                continue
            if last + 1 < len(rows) and not any(s.box.left < gutter < s.box.right for s in rows[last + 1]):
                continue
            cut = _columns(rows, first, last, gutter, em)
            if cut is not None and (best is None or cut[0] > best[0]):
                best = cut
    return best[1:] if best else None


def _columns(rows: list[Row], first: int, last: int, gutter: float, em: float) -> tuple[int, int, int, float] | None:
    """Return (merit, first, last, x) if the band's sides are columns: lines of the shorter one less the switches."""
    left = [[s for s in row if s.box.left < gutter] for row in rows[first : last + 1]]
    right = [[s for s in row if s.box.left >= gutter] for row in rows[first : last + 1]]
    while left and _stands_above(left, right, em):
        left.pop(0)
        right.pop(0)
        first += 1
    left_orders, right_orders = ([s.order for row in side for s in row] for side in (left, right))
    if left_orders and right_orders and min(left_orders) < min(right_orders):
        while left[-1] and not right[-1] and min(s.order for s in left[-1]) > max(right_orders):
            left.pop()  # drawn after both columns: it stands below them
            right.pop()
            last -= 1
    lefts, rights = [s for row in left for s in row], [s for row in right for s in row]
    if not lefts or not rights:
        return None
    if min(s.box.left for s in rights) - max(s.box.right for s in lefts) < 0.8 * em:
        return None
    lines = min(sum(map(bool, left)), sum(map(bool, right)))
    if lines < 2 or _is_rail(left, right) or _is_rail(right, left) or _is_flush(left, right, em):
        return None
    if (lines == 2 and not _beside_one_another(lefts, rights)) or not _read_apart(left, right, lines, em):
        return None
    return lines - (_switches(left, right) or 0), first, last, gutter


def _is_rail(side: list[Row], other: list[Row]) -> bool:
    """Whether a side has hardly more than times, or headings and times, which belong to what stands beside them."""
    told = [" ".join(s.text for s in row) for row in side]
    times = [n for n, text in enumerate(told) if text and _is_time(text)]
    lines = sum(map(bool, told))
    if len(times) >= 2 and len(times) >= 0.5 * lines:
        return True
    beside = sum(bool(other[n]) for n in times)
    return beside >= 3 and beside == len(times) and beside >= 0.35 * lines


def _is_time(text: str) -> bool:
    """Whether a text is a time or a part of one, also where its letters are spaced out."""
    return _PART_OF_TIME.fullmatch(text) is not None or _PART_OF_TIME.fullmatch(re.sub(r"\s+", "", text)) is not None


def _is_flush(left: list[Row], right: list[Row], em: float) -> bool:
    """Whether the right side is set against the margin, each line beside one of the left: places, times, grades."""
    both = [(a, b) for a, b in zip(left, right, strict=True) if b]
    if not all(a and abs(a[0].middle - b[-1].middle) < 0.3 * em for a, b in both):
        return False
    starts, ends = [b[0].box.left for _, b in both], [b[-1].box.right for _, b in both]
    return max(ends) - min(ends) < 0.15 * em and max(starts) - min(starts) > 0.5 * em


def _beside_one_another(lefts: Sequence[Segment], rights: Sequence[Segment]) -> bool:
    """Whether any line of one side stands at the height of one of the other: a centred title has none beside it."""
    return any(a.box.top < b.box.bottom and b.box.top < a.box.bottom for a in lefts for b in rights)


def _switches(left: list[Row], right: list[Row]) -> int | None:
    """Return how often the file goes from one side to the other; None where its order is not known."""
    sides = sorted([(s.order, 0) for row in left for s in row] + [(s.order, 1) for row in right for s in row])
    return sum(a[1] != b[1] for a, b in pairwise(sides)) if sides[0][0] >= 0 else None


def _stands_above(left: list[Row], right: list[Row], em: float) -> bool:
    """Whether the first row is a title above both columns: alone in it, and drawn before them or tall."""
    if left[0] and right[0]:
        return False
    other = [s.order for row in (right if left[0] else left) for s in row]
    if other and min(s.order for s in left[0] + right[0]) > max(other):
        return False  # drawn after the other column: a title of its own one
    if min(s.height for s in left[0] + right[0]) > 1.4 * em:
        return True
    rest = [s.order for row in left[1:] + right[1:] for s in row]
    return bool(rest) and max(s.order for s in left[0] + right[0]) < min(rest)


def _read_apart(left: list[Row], right: list[Row], lines: int, em: float) -> bool:
    """Whether the two sides of a gutter are columns of their own, not cells of common rows."""
    both = [(a, b) for a, b in zip(left, right, strict=True) if a and b]
    if lines >= 3 and len(both) < 0.3 * lines:
        return True
    switches = _switches(left, right)
    if switches is not None and switches <= max(1.0, 0.5 * len(both)):
        return True
    aligned = sum(abs(a[0].middle - b[0].middle) < 0.12 * em for a, b in both)
    if lines >= 3 and aligned < 0.5 * lines:
        return True
    return lines >= 3 and _is_prose(left) and _is_prose(right)


def _is_prose(side: list[Row]) -> bool:
    """Whether lines follow one another closely, and most run from one margin of their column to the other."""
    rows = [row for row in side if row]
    start, end = min(row[0].box.left for row in rows), max(row[-1].box.right for row in rows)
    full = sum(sum(s.box.right - s.box.left for s in row) > 0.75 * (end - start) for row in rows)
    characters = median([sum(len(s.text) for s in row) for row in rows])
    numbers = [number for number, row in enumerate(side) if row]
    close = len(rows) > 0.5 * (numbers[-1] - numbers[0] + 1)
    return close and full > 0.5 * len(rows) and characters >= 12


# Blocks


def _line(row: Row, columns: Collection[int] = ()) -> PlacedLine:
    """Join a row's segments: by a tab where a wide gap divides them, or a narrow one before one of `columns`."""
    first = row[0]
    text, edges, box = first.text, list(first.edges), first.shown or first.box
    for before, segment in pairwise(row):
        gap = segment.box.left - before.box.right
        column = gap > 0.3 * before.height and round(segment.box.left) in columns
        text += "\t" if gap > before.height or column else " "
        text += segment.text
        edges += segment.edges  # the line's last edge becomes the left one of the tab or space
        box = box.union(segment.shown or segment.box)
    return PlacedLine(text, box, edges)


def _blocks(rows: list[Row], usual: _Usual) -> list[LaidBlock]:
    """Group rows to paragraphs by the space between them, and join the lines that a margin has broken."""
    rows = [row for row in rows if row]
    if not rows:
        return []
    starts = Counter(round(row[0].box.left) for row in rows)
    columns = {left + near for left, lines in starts.items() if lines >= _COLUMN for near in (-1, 0, 1)}
    rows = [[part for segment in row for part in _at_columns(segment, columns)] for row in rows]
    lines = [_line(row, columns) for row in rows]
    ends = [line.text[-1:] for line in lines]
    lines = [replace(line, text=line.text.replace(BREAK, "-")) for line in lines]
    tops = [min(s.box.top for s in row) for row in rows]
    bottoms = [max(s.box.bottom for s in row) for row in rows]
    heights = [b - t for t, b in zip(tops, bottoms, strict=True)]
    gaps = [tops[i + 1] - bottoms[i] for i in range(len(rows) - 1)]
    gap = sorted(gaps)[len(gaps) // 3] if gaps else 0.0
    rights = [row[-1].box.right for row in rows]
    margin = max(rights)
    full = sum(margin - right < height for right, height in zip(rights, heights, strict=True))
    wide = margin - min(row[0].box.left for row in rows) > 0.6 * usual.width
    reached = usual.right - margin < 3 * usual.height
    wrapped = full >= (2 if wide and reached else 3)  # else it is chance that two lines are equally long
    blocks: list[list[int]] = [[0]]
    for i in range(1, len(rows)):
        same_size = abs(heights[i] - heights[i - 1]) < 0.15 * heights[i]
        if BULLET_ALONE.fullmatch(lines[i - 1].text) and gaps[i - 1] < heights[i]:
            blocks[-1].append(i)
        elif gaps[i - 1] > gap + 0.4 * usual.height or not same_size or BULLET.match(lines[i].text):
            blocks.append([i])
        else:
            blocks[-1].append(i)
    laid: list[LaidBlock] = []
    for block in blocks:
        joined = [
            (
                _rejoined(lines[i], lines[i + 1], ends[i] == BREAK)
                or replace(
                    lines[i],
                    joins=_join(lines[i], lines[i + 1], margin - rights[i], wrapped=wrapped and _alike(rows, i)),
                )
            )
            if i + 1 in block
            else lines[i]
            for i in block
        ]
        kind: BlockKind = "text"
        if BULLET.match(lines[block[0]].text):
            kind = "list"
        elif len(block) == 1 and heights[block[0]] > 1.15 * usual.height:
            kind = "heading"
        laid.append((kind, joined))
    return laid


def _alike(rows: Sequence[Row], at: int) -> bool:
    """Whether a row may go on with the next one: that is as large, and does not begin left of the row's bullet."""
    row, following = rows[at], rows[at + 1]
    if row[0].order < 0:  # recognised text has no exact places
        return True
    if following[0].box.left < row[0].box.left - 0.2 * row[0].height and BULLET.match(row[0].text):
        return False
    if any("\u3400" <= c <= "\u9fff" for s in (*row, *following) for c in s.text):  # of another font than letters
        return True
    ratio = max(s.height for s in following) / max(max(s.height for s in row), 0.1)
    return ratio <= 1.05 and (ratio >= 0.97 or BULLET.match(row[0].text) is not None)


def _join(line: PlacedLine, following: PlacedLine, room: float, *, wrapped: bool) -> str:
    """Return what joins two lines: a newline, unless the first was broken because the next word did not fit."""
    if BULLET_ALONE.fullmatch(line.text):
        return " "
    if room < line.box.bottom - line.box.top and _goes_on(line, following):
        return ""
    word = re.match(r"\S+", following.text)
    if _OPEN_TIME.search(line.text) and _TIME.match(following.text):
        return " "
    if (
        not wrapped
        or not word
        or line.text[-1] in _ENDS
        or "\t" in line.text + following.text
        or _LABEL.match(following.text)
    ):
        return "\n"
    length = 1 if is_wide(following.text[0]) else len(word.group())
    needed = following.edges[length] - following.edges[0]
    height = line.box.bottom - line.box.top
    if room >= needed or line.edges[-1] - line.edges[0] + room < 12 * height:
        return "\n"
    return "" if is_wide(line.text[-1]) or is_wide(following.text[0]) else " "


def _rejoined(line: PlacedLine, following: PlacedLine, broken: bool) -> PlacedLine | None:
    """Return a line that ends within a word so that the next one goes on with it; None if it does not.

    The hyphen goes, unless it is one of the word's own.
    """
    if not _BROKEN.search(line.text) or not following.text[:1].isalpha() or _ADDRESS.search(line.text):
        return None
    if not following.text[0].islower():
        return replace(line, joins="") if broken else None
    if _COMPOUND.search(line.text[:-1]):
        return replace(line, joins="")
    return replace(line, text=line.text[:-1], edges=line.edges[:-1], joins="")


def _goes_on(line: PlacedLine, following: PlacedLine) -> bool:
    """Whether a line ends within an address, and the next is its rest."""
    address = _ADDRESS.search(line.text)
    if address is None or _WHOLE.search(address.group()):
        return False
    return (_REST_OF_MAIL if address.group().startswith("@") else _REST_OF_URL).fullmatch(following.text) is not None


def _table(table: Table, segments: Sequence[Segment], usual: _Usual) -> list[LaidBlock]:
    """Return a table's blocks row by row: a row of short cells as one line, long cells as blocks of their own."""
    filled: list[tuple[int, list[LaidBlock]]] = []
    left = list(segments)
    for row, box in table.cells:
        mine = [s for s in left if _holds(box, s)]
        left = [s for s in left if not _holds(box, s)]
        if mine:
            filled.append((row, [b for rows in _regions(mine) for b in _cell(rows, usual, box)]))
    blocks: list[LaidBlock] = []
    for number in dict.fromkeys(row for row, _ in filled):
        short: list[PlacedLine] = []
        for _, cell in [f for f in filled if f[0] == number]:
            lines = [line for _, lines in cell for line in lines]
            if all(line.joins != "\n" for line in lines[:-1]) and sum(len(line.text) for line in lines) <= SHORT_CELL:
                short += [*lines[:-1], replace(lines[-1], joins="\t")]
                continue
            blocks += [("table", short)] if short else []
            blocks += cell
            short = []
        blocks += [("table", short)] if short else []
    return blocks


def _cell(rows: list[Row], usual: _Usual, box: Box) -> list[LaidBlock]:
    """Lay out one cell; a label written downwards, one character a row, becomes one word."""
    if len(rows) > 1 and all(len(row) == 1 and len(row[0].text) == 1 and is_wide(row[0].text) for row in rows):
        lines = [_line(row) for row in rows]
        return [("table", [PlacedLine(line.text, line.box, line.edges, "") for line in lines])]
    indent = min(row[0].box.left for row in rows) - box.left
    blocks = _blocks(rows, usual)
    if indent > usual.height:  # centred: no line's end says anything
        return blocks
    return _unbroken(blocks, box.right - indent)


def _unbroken(blocks: list[LaidBlock], margin: float) -> list[LaidBlock]:
    """Join the lines of a cell that its margin, which is known, has broken: also within a word or an address."""
    joined: list[LaidBlock] = []
    for kind, lines in blocks:
        first = True
        for line in lines:
            before = joined[-1][1][-1] if joined else None
            joins = "\n"
            if before is not None and before.joins == "\n":
                joins = _join_at(before, line, margin - before.edges[-1])
            if first and joins == "\n":
                joined.append((kind, [line]))
            else:
                if before is not None and before.joins == "\n":
                    joined[-1][1][-1] = replace(before, joins=joins)
                joined[-1][1].append(line)
            first = False
    return joined


def _join_at(line: PlacedLine, following: PlacedLine, room: float) -> str:
    if line.text[-1] in _ENDS or BULLET.match(following.text) or _LABEL.match(following.text):
        return "\n"
    within = is_wide(line.text[-1]) or is_wide(following.text[0]) or _ADDRESS.search(line.text) is not None
    word = following.text.split(maxsplit=1)[0]
    length = len(word)
    if within:  # a break within a word: before its next character, or before digits or letters that stay together
        length = len(_RUN.findall(word)[0]) if is_wide(line.text[-1]) else 1
    slack = 0.4 * (line.box.bottom - line.box.top)
    if room >= following.edges[length] - following.edges[0] + slack:
        return "\n"
    return "" if within else " "


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Return the indexes of boxes in the order in which they are read."""
    segments = [Segment("", box, (), -1) for box in boxes]
    index = {id(segment): i for i, segment in enumerate(segments)}
    return [index[id(s)] for region in _regions(segments) for row in region for s in row]
