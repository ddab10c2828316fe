"""PDF by PDFium: text with the place of every character, rules, links; pages without usable text by OCR."""

import ctypes
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from statistics import median
from typing import Any, Literal, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as c

from connectors.documents.builder import Builder
from connectors.documents.characters import clean, is_wide
from connectors.documents.errors import DocumentError
from connectors.documents.furniture import without_furniture
from connectors.documents.layout import BREAK, Segment, lay_out
from connectors.documents.model import Box, Document, Limits, Page
from connectors.documents.ocr import NeedsOcr, Recognizer

OCR_DPI = 200
MAX_RENDERED_PIXELS = 6_000_000
MAX_OBJECTS = 20_000
_HYPHENS = (0xAD, 0x2010, 0x2011)
_PAGE_UNITS = 1_000_000
Transform = Callable[[float, float], tuple[float, float]]


def list_fonts() -> None:
    """Have PDFium look through the system's fonts, as it does before it uses the first one."""
    with pdfium.PdfDocument.new() as pdf:
        c.FPDFFont_Close(c.FPDFText_LoadStandardFont(pdf, b"Helvetica"))


def read_pdf(data: bytes, limits: Limits, recognizer: Recognizer | None) -> Document:
    """Read a PDF. Without a recognizer, a page that needs one raises `NeedsOcr`."""
    try:
        pdf = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        locked = getattr(error, "err_code", None) in (c.FPDF_ERR_PASSWORD, c.FPDF_ERR_SECURITY)
        raise DocumentError("encrypted" if locked else "damaged") from None
    with pdf:
        return _read(pdf, limits, recognizer)


def _read(pdf: pdfium.PdfDocument, limits: Limits, recognizer: Recognizer | None) -> Document:
    if len(pdf) > limits.pages:
        raise DocumentError("too_many_pages", f"{len(pdf)} pages, at most {limits.pages}")
    builder = Builder(limits)
    read: list[_ReadPage] = []
    scanned = characters = 0
    for number in range(1, len(pdf) + 1):
        try:
            page = pdf[number - 1]
        except pdfium.PdfiumError:
            builder.warn(f"page {number} is damaged and was left out")
            continue
        with closing(page):
            width, height = page.get_size()
            to_page = _transform(page)
            segments, usable = _segments(page, to_page, limits)
            rules, pictured, fonts_missing = _drawn(page, to_page, width * height)
            if fonts_missing:
                builder.warn("a font is neither in the file nor installed here: single characters may be missing")
            ocr = not usable or (pictured and sum(len(s.text) for s in segments) < 20)
            turns = 0
            if ocr and scanned >= limits.scanned_pages:
                builder.warn(f"page {number} is a scan beyond the first {limits.scanned_pages} and was left out")
                continue
            if ocr:
                scanned += 1
                if recognizer is None:
                    raise NeedsOcr
                segments, rules, turns = recognizer.segments(*_render(page, width, height))
                width, height = (height, width) if turns % 2 else (width, height)
            characters += sum(len(s.text) for s in segments)
            if characters > 2 * limits.characters:
                raise DocumentError("too_big", f"more than {limits.characters} characters")
            size = {"width": round(width, 1), "height": round(height, 1)}
            builder.pages.append(Page(number=number, **size, ocr=ocr, turned=turns % 4))
            read.append(_ReadPage(number, height, segments, rules, [] if ocr else list(_links(pdf, page, to_page))))
    shown = without_furniture([(page.segments, page.height) for page in read])
    for one, segments in zip(read, shown, strict=True):
        for kind, lines in lay_out(segments, one.rules):
            builder.add_lines(lines, one.number, kind)
        for box, url in one.links:
            builder.link_place(one.number, box, url)
    return builder.build("pdf")


class _ReadPage(NamedTuple):
    number: int
    height: float
    segments: list[Segment]
    rules: list[Box]
    links: list[tuple[Box, str]]


def _transform(page: pdfium.PdfPage) -> Transform:
    """Return the map from PDF user space to points from the top left corner of the page as it is shown."""
    width, height = page.get_size()
    x, y = ctypes.c_double(), ctypes.c_double()

    def corner(px: int, py: int) -> tuple[float, float]:
        c.FPDF_DeviceToPage(page, 0, 0, _PAGE_UNITS, _PAGE_UNITS, 0, px, py, x, y)
        return x.value, y.value

    (x0, y0), (x1, y1), (x2, y2) = corner(0, 0), corner(_PAGE_UNITS, 0), corner(0, _PAGE_UNITS)
    ax, ay, bx, by = x1 - x0, y1 - y0, x2 - x0, y2 - y0  # user space vectors along the page's width and height
    across, down = ax * ax + ay * ay or 1.0, bx * bx + by * by or 1.0

    def transform(px: float, py: float) -> tuple[float, float]:
        dx, dy = px - x0, py - y0
        return (dx * ax + dy * ay) / across * width, (dx * bx + dy * by) / down * height

    return transform


def _box(to_page: Transform, left: float, bottom: float, right: float, top: float) -> Box:
    (x0, y0), (x1, y1) = to_page(left, top), to_page(right, bottom)
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def _segments(page: pdfium.PdfPage, to_page: Transform, limits: Limits) -> tuple[list[Segment], bool]:
    """Return the page's runs of text in the file's order, and whether the fonts say which characters they show."""
    with closing(page.get_textpage()) as text_page:
        return _runs(text_page.raw, to_page, limits)


def _runs(raw: Any, to_page: Transform, limits: Limits) -> tuple[list[Segment], bool]:
    count = c.FPDFText_CountChars(raw)
    if count > 2 * limits.characters:
        raise DocumentError("too_big", f"more than {limits.characters} characters")
    rectangle = c.FS_RECTF()
    segments: list[Segment] = []
    run: list[_Glyph] = []
    unmapped = shown = 0
    space: _Space = ""

    def flush() -> None:
        nonlocal space
        if run:
            segments.append(_segment(run, len(segments)))
        run.clear()
        space = ""

    for i in range(count):
        code = c.FPDFText_GetUnicode(raw, i)
        if code in (10, 13):
            flush()
            continue
        if code in (32, 160, 9, 0x3000):
            space = "guessed" if space != "drawn" and c.FPDFText_IsGenerated(raw, i) == 1 else "drawn"
            continue
        shown += 1
        if code == 0 or code == 0xFFFD or 0xE000 <= code <= 0xF8FF or code > 0x10FFFF:
            unmapped += 1
            continue
        if 0xD800 <= code < 0xE000:
            continue
        # A soft or non-breaking hyphen that is drawn is a hyphen; PDFium marks one that breaks a word at a line's end.
        character = "-" if code in _HYPHENS else BREAK if code == 2 else clean(chr(code))
        if not character or not c.FPDFText_GetLooseCharBox(raw, i, rectangle):
            continue
        box = _box(to_page, rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)
        if run:
            before, height = run[-1].box, max(box.bottom - box.top, 1.0)
            gap = box.left - before.right
            tallest = max(height, before.bottom - before.top)
            touches = -0.15 * tallest < gap < 0.15 * tallest  # a ligature's box is smaller than its letters'
            apart = (
                abs(box.top + box.bottom - before.top - before.bottom) > (tallest if touches else height)
                or abs((box.bottom - box.top) - (before.bottom - before.top)) > (0.7 if touches else 0.5) * tallest
            )
            if apart or gap > 1.2 * height or gap < -0.8 * height - (before.right - before.left):
                flush()
        for part in character:  # a ligature is several characters in one place
            run.append(_Glyph(part, box, space))
            space = ""
    flush()
    return segments, unmapped <= 0.3 * shown


_Space = Literal["", "guessed", "drawn"]
"""Before a character: none, one that PDFium takes a gap for, or one that the file has."""


class _Glyph(NamedTuple):
    text: str
    box: Box
    space: _Space


def _segment(run: Sequence[_Glyph], order: int) -> Segment:
    """Return a run of characters as a segment; a gap is a space where it is wider than the run's letters are spaced."""
    text: list[str] = []
    boxes: list[Box] = []
    least = _least_gap(run) if any(glyph.space == "guessed" for glyph in run) else 0.0
    for glyph in run:
        if glyph.space and boxes:
            before = boxes[-1]
            if glyph.space == "drawn" or glyph.box.left - before.right > _needed(least, text[-1], glyph):
                text.append(" ")
                boxes.append(Box(before.right, before.top, glyph.box.left, before.bottom))
        text.append(glyph.text)
        boxes.append(glyph.box)
    edges = [*(b.left for b in boxes), boxes[-1].right]
    tops, bottoms = (b.top for b in boxes), (b.bottom for b in boxes)
    return Segment("".join(text), Box(edges[0], min(tops), max(b.right for b in boxes), max(bottoms)), edges, order)


def _least_gap(run: Sequence[_Glyph]) -> float:
    """Return the gap that is a space in a run, whose letters may be spaced out."""
    height = max(run[0].box.bottom - run[0].box.top, 1.0)
    gaps = [b.box.left - a.box.right for a, b in pairwise(run)]
    spaced = sum(gap > _SPACED * height for gap in gaps)
    tracking = median(gaps) if len(gaps) >= 3 and spaced > 0.6 * len(gaps) else 0.0
    return 1.5 * tracking + _GAP * height


def _needed(least: float, before: str, glyph: _Glyph) -> float:
    if is_wide(before) and is_wide(glyph.text):  # 一 takes up less room than its square
        return max(least, _WIDE * (glyph.box.bottom - glyph.box.top))
    return least


_SPACED = 0.05
_GAP = 0.1
_WIDE = 0.45
"""Of the height: between letters that are spaced out, between words, and between Chinese ones."""


def _drawn(page: pdfium.PdfPage, to_page: Transform, area: float) -> tuple[list[Box], bool, bool]:
    """Return the rules drawn on the page, whether pictures cover much of it, whether glyphs of a font are not known.

    PDFium drops a text of one character whose glyph it does not know, as it takes up no room.
    """
    rules: list[Box] = []
    pictured = 0.0
    fonts_missing = False
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    for i in range(min(c.FPDFPage_CountObjects(page), MAX_OBJECTS)):
        thing = c.FPDFPage_GetObject(page, i)
        if not c.FPDFPageObj_GetBounds(thing, left, bottom, right, top):
            continue
        box = _box(to_page, left.value, bottom.value, right.value, top.value)
        match c.FPDFPageObj_GetType(thing):
            case c.FPDF_PAGEOBJ_TEXT:
                flat = box.right - box.left > 1 and box.bottom == box.top
                fonts_missing |= flat and c.FPDFFont_GetIsEmbedded(c.FPDFTextObj_GetFont(thing)) == 0
            case c.FPDF_PAGEOBJ_PATH:
                rules += _rules(thing, box, to_page)
            case c.FPDF_PAGEOBJ_IMAGE | c.FPDF_PAGEOBJ_FORM:
                pictured += (box.right - box.left) * (box.bottom - box.top)
    return rules, pictured > 0.4 * area, fonts_missing


def _rules(path: Any, box: Box, to_page: Transform) -> Iterator[Box]:
    if min(box.right - box.left, box.bottom - box.top) < 2.5:
        if max(box.right - box.left, box.bottom - box.top) > 5:
            yield box
        return
    count = c.FPDFPath_CountSegments(path)
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    if count > 400 or not c.FPDFPath_GetDrawMode(path, fill, stroke) or not stroke.value:
        return
    matrix = c.FS_MATRIX()
    c.FPDFPageObj_GetMatrix(path, matrix)
    x, y = ctypes.c_float(), ctypes.c_float()
    start = before = None
    for i in range(count):
        segment = c.FPDFPath_GetPathSegment(path, i)
        c.FPDFPathSegment_GetPoint(segment, x, y)
        point = to_page(
            matrix.a * x.value + matrix.c * y.value + matrix.e, matrix.b * x.value + matrix.d * y.value + matrix.f
        )
        if c.FPDFPathSegment_GetType(segment) == c.FPDF_SEGMENT_MOVETO:
            start = point
        elif before is not None and (rule := _rule(before, point)):
            yield rule
        if c.FPDFPathSegment_GetClose(segment) and start is not None and (rule := _rule(point, start)):
            yield rule
        before = point


def _rule(a: tuple[float, float], b: tuple[float, float]) -> Box | None:
    box = Box(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
    sides = sorted((box.right - box.left, box.bottom - box.top))
    return box if sides[0] < 1.5 and sides[1] > 5 else None


def _links(pdf: pdfium.PdfDocument, page: pdfium.PdfPage, to_page: Transform) -> Iterator[tuple[Box, str]]:
    position = ctypes.c_int(0)
    link = c.FPDF_LINK()
    rectangle = c.FS_RECTF()
    for _ in range(200):
        if not c.FPDFLink_Enumerate(page, position, link):
            return
        action = c.FPDFLink_GetAction(link)
        if not action or c.FPDFAction_GetType(action) != c.PDFACTION_URI:
            continue
        size = min(c.FPDFAction_GetURIPath(pdf, action, None, 0), 2000)
        buffer = ctypes.create_string_buffer(size)
        if size > 1 and c.FPDFAction_GetURIPath(pdf, action, buffer, size) <= size:
            url = clean(buffer.value.decode("utf-8", "ignore"))
            if url and c.FPDFLink_GetAnnotRect(link, rectangle):
                yield _box(to_page, rectangle.left, rectangle.bottom, rectangle.right, rectangle.top), url


def _render(page: pdfium.PdfPage, width: float, height: float) -> tuple[Any, float]:
    """Return the page as an RGB array and its pixels per point."""
    if not 1 <= width <= 20_000 or not 1 <= height <= 20_000:
        raise DocumentError("damaged", "impossible page size")
    scale = min(OCR_DPI / 72, (MAX_RENDERED_PIXELS / (width * height)) ** 0.5)
    bitmap = page.render(scale=scale, rev_byteorder=True)
    return bitmap.to_numpy()[:, :, :3], scale
