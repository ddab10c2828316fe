"""Word 97–2003 (.doc): the text of its piece table, as [MS-DOC] section 2.4.1 tells to retrieve it."""

import io
import re
from struct import error as StructError
from struct import unpack_from

import olefile

from connectors.documents.builder import Builder
from connectors.documents.errors import DocumentError
from connectors.documents.model import Document, Limits

_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
_CLX = 0x01A2  # offset of FibRgFcLcb97.fcClx
_FIELD = re.compile("\x13[^\x13\x14\x15]*\x14([^\x13\x14\x15]*)\x15|\x13[^\x13\x14\x15]*\x15")
_WHITE = str.maketrans({"\r": "\n", "\x0b": "\n", "\x0c": "\n", "\x1e": "-", "\x1f": None, "\xa0": " "})
_ROW = re.compile("\x07\x07")


def read_doc(data: bytes, limits: Limits) -> Document:
    """Read the main text, tables and text boxes of a Word 97–2003 file; its macros are never run."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            if ole.exists("EncryptedPackage"):
                raise DocumentError("encrypted")
            if not ole.exists("WordDocument"):
                raise DocumentError("unsupported", "an OLE file other than a Word document")
            builder = Builder(limits)
            if ole.exists("Macros"):
                builder.warn("the document holds macros; they were not run")
            _read(ole, builder, limits)
    except (OSError, StructError, ValueError, IndexError, TypeError, AttributeError, OverflowError) as error:
        raise DocumentError("damaged", type(error).__name__) from None
    return builder.build("doc")


def _read(ole: olefile.OleFileIO, builder: Builder, limits: Limits) -> None:
    word = ole.openstream("WordDocument").read()
    magic, version, flags = *unpack_from("<HH", word, 0), unpack_from("<H", word, 10)[0]
    if magic == 0xA5DC:
        raise DocumentError("unsupported", "older than Word 97")
    if magic != 0xA5EC:
        raise DocumentError("damaged", "no Word header")
    if version < 0x00C1:
        raise DocumentError("unsupported", "older than Word 97")
    if flags & _ENCRYPTED:
        raise DocumentError("encrypted")
    table = ole.openstream("1Table" if flags & _TABLE_1 else "0Table").read()
    start, size = unpack_from("<II", word, _CLX)
    text = _pieces(word, table[start : start + size], limits)
    while True:  # fields hold fields: the innermost first
        plain = _FIELD.sub(lambda m: m[1] or "", text)
        if plain == text:
            break
        text = plain
    for paragraph in text.translate(_WHITE).split("\n"):
        for row in _ROW.split(paragraph):
            cells = [cell.strip() for cell in row.split("\x07")]
            builder.add("\t".join(filter(None, cells)), "table" if len(cells) > 1 else "text")


def _pieces(word: bytes, clx: bytes, limits: Limits) -> str:
    """Join the pieces: each is compressed (code page 1252) or UTF-16."""
    at = 0
    while clx[at] == 0x01:  # property modifiers come first
        at += 3 + unpack_from("<H", clx, at + 1)[0]
    if clx[at] != 0x02:
        raise DocumentError("damaged", "no piece table")
    size = unpack_from("<I", clx, at + 1)[0]
    plc = clx[at + 5 : at + 5 + size]
    count = (len(plc) - 4) // 12
    ends = unpack_from(f"<{count + 1}I", plc, 0)
    parts = []
    total = 0
    for i in range(count):
        length = ends[i + 1] - ends[i]
        total += length
        if length < 0 or total > 2 * limits.characters:
            raise DocumentError("too_big" if length > 0 else "damaged")
        (place,) = unpack_from("<I", plc, 4 * (count + 1) + 8 * i + 2)
        if place & 0x40000000:
            offset = (place & 0x3FFFFFFF) // 2
            parts.append(word[offset : offset + length].decode("cp1252", "replace"))
        else:
            parts.append(word[place : place + 2 * length].decode("utf-16-le", "replace"))
    return "".join(parts)
