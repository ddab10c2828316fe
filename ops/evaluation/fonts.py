"""A TrueType font of just the characters that a suite needs, made of Noto Sans or Serif SC (OFL)."""

import hashlib
import io
from collections.abc import Iterable
from importlib.resources import files
from typing import Literal


def truetype(characters: Iterable[str], style: Literal["sans", "serif"]) -> bytes:
    """Return a font with these characters; with quadratic curves, since ReportLab embeds no PostScript outlines.

    Its name follows from the characters: ReportLab takes two fonts of one name for one.
    """
    from fontTools import subset
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import TTFont, newTable

    name = {"sans": "NotoSansSC-Regular.otf", "serif": "NotoSerifSC-Regular.otf"}[style]
    font = TTFont(io.BytesIO((files("pylopdf_fonts_zh_cn") / name).read_bytes()))
    wanted = sorted({ord(c) for c in characters} | set(range(32, 127)))
    face = f"{style}-{hashlib.sha256(repr(wanted).encode()).hexdigest()[:12]}"
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6):
            record.string = face
    options = subset.Options(
        layout_features=[], hinting=False, desubroutinize=True, name_IDs=["*"], notdef_outline=True
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    glyphs, order = font.getGlyphSet(), font.getGlyphOrder()
    outlines = {}
    for glyph in order:
        pen = TTGlyphPen(None)
        glyphs[glyph].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        outlines[glyph] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = table = newTable("glyf")
    table.glyphOrder = order
    table.glyphs = outlines
    for glyph in order:
        outlines[glyph].recalcBounds(table)
    metrics = font["hmtx"].metrics
    font["hmtx"].metrics = {g: (metrics[g][0], getattr(outlines[g], "xMin", 0)) for g in order}
    head = font["maxp"]
    head.tableVersion = 0x00010000
    for field in (
        "maxZones",
        "maxTwilightPoints",
        "maxStorage",
        "maxFunctionDefs",
        "maxInstructionDefs",
        "maxStackElements",
        "maxSizeOfInstructions",
        "maxComponentElements",
    ):
        setattr(head, field, 1 if field == "maxZones" else 0)
    head.maxPoints = head.maxContours = head.maxCompositePoints = head.maxCompositeContours = head.maxComponentDepth = 0
    for tag in ("CFF ", "VORG"):
        if tag in font:
            del font[tag]
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"
    font.recalcTimestamp = False
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()
