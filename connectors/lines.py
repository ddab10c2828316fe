"""The physical lines of a text file in whatever encoding: each is accounted for, and none is held whole if it is long.

UTF-8, UTF-16 with or without a mark, and GB 18030 are told from the file's beginning. A file that is no text at all is
named for what it is.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from connectors.documents.decode import decode
from connectors.documents.errors import DocumentError
from schemas.errors import LoomaError
from schemas.exits import Exit

MAX_LINE_BYTES = 512 * 1024
_SAMPLE_BYTES = 1024 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NAMES = {"utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "gb18030": "GB 18030"}
# A zero byte in this share of the places of one parity is how UTF-16 writes what is in ASCII too.
_ZEROS = 0.2
_UNPACK = "unpack it first"
_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", "gzip", f"{_UNPACK}, e.g. gzip -dk FILE"),
    (b"BZh", "bzip2", f"{_UNPACK}, e.g. bzip2 -dk FILE"),
    (b"\xfd7zXZ", "xz", f"{_UNPACK}, e.g. xz -dk FILE"),
    (b"\x28\xb5\x2f\xfd", "zstd", f"{_UNPACK}, e.g. zstd -d FILE"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip", _UNPACK),
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "unpack it, or save the workbook as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Word file", "save the workbook as CSV UTF-8"),
    (b"PAR1", "Parquet", "name it .parquet and use looma sync run"),
    (b"Obj\x01", "Avro", "export JSON Lines, CSV or Parquet"),
    (b"ORC", "ORC", "export JSON Lines, CSV or Parquet"),
    (b"SQLite format 3\x00", "an SQLite database", "export the table as CSV"),
    (b"%PDF-", "PDF", "documents are read by looma submit"),
)


class FileError(LoomaError, ValueError):
    """A file that cannot be read at all; the text says what was found and what to do."""

    code = "file"
    exit_status = Exit.USAGE  # refused is what holds lines that were


@dataclass(frozen=True, slots=True)
class Line:
    """One physical line: its text, or why it has none. `raw` are its bytes, of a long line the first ones."""

    number: int
    text: str
    raw: bytes
    end: int
    problem: str | None = None


class Lines:
    """The lines of one file. Raises FileError if it holds no text, OSError if it cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            sample = file.read(_SAMPLE_BYTES)
        if kind := kind_of(sample):
            raise FileError(f"{path.name} is {kind[0]}; {kind[1]}")
        self._mark, self._encoding = _encoding(sample)
        if self._encoding == "utf-32":
            raise FileError(f"{path.name} is UTF-32; save it as UTF-8")
        last = sample[len(self._mark) :].decode(self._encoding, "replace")
        if "\n" not in last and "\r" in last.rstrip("\r\n"):
            raise FileError(f"{path.name} has lines that end in a carriage return alone; save it as CSV UTF-8")

    @property
    def encoding(self) -> str:
        """The name of the encoding, for people."""
        return _NAMES[self._encoding]

    def read(self, number: int = 0, offset: int = 0) -> Iterator[Line]:
        """Yield the lines that follow the `number`-th, which ends at byte `offset`."""
        with self._path.open("rb") as file:
            file.seek(offset or len(self._mark))
            while raw := self._line(file, MAX_LINE_BYTES + 1):
                number += 1
                if len(raw) > MAX_LINE_BYTES:
                    part = raw
                    while part and not self._ends(part):
                        part = self._line(file, MAX_LINE_BYTES)
                    yield Line(number, "", raw[:1000], file.tell(), f"longer than {MAX_LINE_BYTES} bytes")
                    continue
                try:
                    yield Line(number, raw.decode(self._encoding), raw, file.tell())
                except UnicodeDecodeError as error:
                    text = raw.decode(self._encoding, "replace")
                    yield Line(number, text, raw, file.tell(), self._undecodable(error))

    def _undecodable(self, error: UnicodeDecodeError) -> str:
        hint = "; save the file as UTF-8" if self._encoding == "utf-8" else ""
        return f"not {self.encoding} at byte {error.start + 1} of the line{hint}"

    def _line(self, file: BinaryIO, most: int) -> bytes:
        if not self._encoding.startswith("utf-16"):
            return file.readline(most)
        line = bytearray()
        most += most % 2
        while len(line) < most and (part := file.readline(most - len(line))):
            line += part
            if len(line) % 2:  # the newline's byte is the first of two, or the line goes on
                line += file.read(1)
            if self._ends(line):
                break
        return bytes(line)

    def _ends(self, line: bytes | bytearray) -> bool:
        return line.endswith("\n".encode(self._encoding))


def kind_of(head: bytes) -> tuple[str, str] | None:
    """Return what a file is that begins so, and what to do with it; None if it may be text."""
    return next(((name, advice) for magic, name, advice in _KINDS if head.startswith(magic)), None)


def _encoding(sample: bytes) -> tuple[bytes, str]:
    for mark, encoding in _MARKS:
        if sample.startswith(mark) and (encoding != "utf-32" or not len(sample) % 4):
            return mark, encoding
    half = max(1, len(sample) // 2)
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if len(sample) > 3 and max(even, odd) > _ZEROS * half and min(even, odd) < max(even, odd) / 10:
        return b"", "utf-16-be" if even > odd else "utf-16-le"
    return b"", _narrow(sample)


def _narrow(sample: bytes) -> str:
    """Return GB 18030 if no line beyond ASCII is UTF-8 and the characters are those that people write; else UTF-8."""
    foreign = []
    lines = sample.splitlines(keepends=True)
    for line in lines if len(sample) < _SAMPLE_BYTES else lines[:-1]:
        if line.isascii():
            continue
        try:
            line.decode()
            return "utf-8"
        except UnicodeDecodeError:
            foreign.append(line)
    try:
        return "gb18030" if foreign and decode(b"".join(foreign))[1] == "gb18030" else "utf-8"
    except DocumentError:
        return "utf-8"
