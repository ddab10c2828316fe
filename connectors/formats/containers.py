"""The files that documents come in, as JSON values: JSON, pages with JSON-LD, XML, tables, archives; all bounded."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree
from lxml import html as lxml_html

from connectors.csv_table import read_records
from connectors.documents.archive import Archive, parse_xml
from connectors.documents.decode import decode
from connectors.documents.errors import DocumentError
from connectors.documents.model import Limits
from connectors.formats.linkedin import TABLES
from connectors.json_text import loads
from connectors.lines import FileError, Lines, kind_of

MAX_DOCUMENT_BYTES = 32 << 20
_MAX_ROWS = 5000
_MAX_TABLE_BYTES = 8 << 20
_SEPARATORS = (",", ";", "\t", "|", "，")
_ZIP = b"PK\x03\x04"
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|div)\b", re.I)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
# What pages put around a script for browsers of long ago.
_BEFORE = re.compile(r"\A(?:<!--|//|/\*|\*/|<!\[CDATA\[|\s)*")
_AFTER = ("-->", "//", "/*", "*/", "]]>", ";")


class Part(NamedTuple):
    """A document of a file, or why there is none, and the line it stands in, if there are lines."""

    line: int | None
    value: Any
    raw: str | bytes | None = None
    problem: str | None = None


def parts(path: Path) -> Iterator[Part]:
    """Yield the documents of a file or of a folder of tables. Raises FileError, OSError."""
    if path.is_dir():
        yield Part(
            None, _tables(path.name, {file.name: file for file in sorted(path.rglob("*.csv")) if file.is_file()})
        )
        return
    if path.suffix.lower() == ".csv":
        yield from _rows(path)
        return
    if path.stat().st_size > MAX_DOCUMENT_BYTES:
        raise FileError(
            f"{path.name} has more than {MAX_DOCUMENT_BYTES >> 20} MiB; write one object a line, "
            "e.g. jq -c '.[]' FILE > FILE.jsonl"
        )
    data = path.read_bytes()
    if data.startswith(_ZIP):
        yield Part(None, _zipped(path.name, data))
    elif kind := kind_of(data[:16]):
        raise FileError(f"{path.name} is {kind[0]}; {kind[1]}")
    elif data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        is_page = path.suffix.lower() != ".xml" and _PAGE.search(data[:4096])
        yield from _page(path.name, data) if is_page else [Part(None, _xml(path.name, data))]
    else:
        yield from _json(path.name, data)


def _text(name: str, data: bytes) -> str:
    try:
        return decode(data, declared=True)[0].removeprefix("\ufeff")
    except DocumentError as error:
        raise FileError(f"{name} cannot be read: {error}") from None


def _json(name: str, data: bytes) -> Iterator[Part]:
    text = _text(name, data)
    try:
        yield Part(None, loads(text))
        return
    except json.JSONDecodeError as error:
        problem = error
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines or not problem.msg.startswith("Extra data") or problem.lineno == 1 == len(lines):
        found = "empty" if not lines else f"not JSON: {problem.msg} at line {problem.lineno} column {problem.colno}"
        raise FileError(f"{name} is {found}")
    for number, line in lines:
        try:
            yield Part(number, loads(line), line)
        except json.JSONDecodeError as error:
            yield Part(number, None, line, f"not JSON: {error.msg} at column {error.colno}")


def _page(name: str, data: bytes) -> Iterator[Part]:
    """Yield what a page's scripts of JSON-LD hold, then those that cannot be read."""
    parser = lxml_html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        text = _DECLARATION.sub("", _text(name, data).replace("\x00", ""))
        root = lxml_html.document_fromstring(text, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise FileError(f"{name} is a page that cannot be read") from None
    scripts = [s.text or "" for s in root.iter("script") if "ld+json" in (s.get("type") or "").casefold()]
    if not scripts:
        raise FileError(f'{name} is a page without JSON-LD (<script type="application/ld+json">)')
    values, broken = [], []
    for script in scripts:
        said = _BEFORE.sub("", script).rstrip()
        while said.endswith(_AFTER):
            said = next(said.removesuffix(end) for end in _AFTER if said.endswith(end)).rstrip()
        try:
            values.append(loads(said))
        except json.JSONDecodeError as error:
            problem = f"a page's script is not JSON: {error.msg} at line {error.lineno}"
            broken.append(Part(None, None, script, problem))
    # Most scripts of a page are of other things, which is no fault of theirs.
    yield from ([Part(None, values)] if values else [])
    yield from broken


def _xml(name: str, data: bytes) -> dict[str, Any]:
    try:
        root = parse_xml(data)
    except DocumentError as error:
        raise FileError(f"{name} is XML that is not read: {error.detail or error}") from None
    return {_name(root.tag): _value(root)}


def _value(element: etree._Element) -> Any:
    """Return an element as JSON: its attributes and children by their local names, several of one as a list."""
    found: dict[str, Any] = {
        _name(name): value for name, value in element.attrib.items() if "XMLSchema" not in str(name)
    }
    text = (element.text or "").strip()
    if not len(element) and not found:
        return text
    children: dict[str, list[Any]] = {}
    for child in element:
        children.setdefault(_name(child.tag), []).append(_value(child))
    found |= {name: values if len(values) > 1 else values[0] for name, values in children.items()}
    return found | ({"value": text} if text and not children else {})


def _name(tag: Any) -> str:
    local = str(tag).rpartition("}")[2]
    return local.lower() if local.isupper() else local[:1].lower() + local[1:]


def _zipped(name: str, data: bytes) -> dict[str, Any]:
    try:
        archive = Archive(data, Limits(unpacked_bytes=MAX_DOCUMENT_BYTES * 4))
        return _tables(
            name, {each: archive.read(each) for each in sorted(archive.names) if each.rpartition("/")[2] in TABLES}
        )
    except DocumentError as error:
        raise FileError(f"{name} cannot be read: {error}") from None


def _tables(name: str, files: dict[str, Any]) -> dict[str, Any]:
    """Return the rows of the tables that are known, by their names; an archive's are bytes, a folder's are files."""
    found = {}
    for each, held in files.items():
        table = each.rpartition("/")[2]
        if table in TABLES and table not in found:
            data = held.open("rb").read(_MAX_TABLE_BYTES + 1) if isinstance(held, Path) else held or b""
            if len(data) > _MAX_TABLE_BYTES:
                raise FileError(f"{table} has more than {_MAX_TABLE_BYTES >> 20} MiB")
            found[table] = _table(_text(table, data) if data.strip() else "")
    if not found:
        raise FileError(
            f"{name} is a folder or archive, and has none of LinkedIn's tables that are read: {', '.join(TABLES)}"
        )
    return found


def _table(text: str) -> list[dict[str, str]]:
    # LinkedIn may write notes before the header, a blank line between.
    if text.lstrip().lower().startswith("notes:"):
        text = text.replace("\r\n", "\n").partition("\n\n")[2]
    rows: list[dict[str, str]] = []
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = next(reader, [])
        for cells in reader:
            if any(cell.strip() for cell in cells) and len(rows) < _MAX_ROWS:
                rows.append(dict(zip((name.strip() for name in header), cells, strict=False)))
    except csv.Error:  # what follows cannot be told apart; what was read stays
        pass
    return rows


def _rows(path: Path) -> Iterator[Part]:
    lines = Lines(path)
    number = offset = 0
    for line in lines.read():
        if line.problem or line.text.strip():
            break
        number, offset = line.number, line.end
    headers = {one: next(read_records(lines.read, one, number, offset), None) for one in _SEPARATORS}
    separator, header = max(headers.items(), key=lambda each: len(each[1].cells) if each[1] else 0)
    if header is None or header.problem:
        raise FileError(
            f"{path.name}: the header line cannot be read: {header.problem if header else 'the file is empty'}"
        )
    names = [cell.strip().removeprefix("\ufeff") for cell in header.cells]
    last = header.lines[-1]
    for record in read_records(lines.read, separator, last.number, last.end, len(names)):
        at = record.lines[0].number
        if record.problem:
            yield Part(at, None, record.raw, record.problem)
        elif any(cell.strip() for cell in record.cells):
            said = dict(zip(names, record.cells, strict=False))
            lacking = len(record.cells) != len(names) and any(cell.strip() for cell in record.cells[len(names) :])
            problem = (
                f"{len(record.cells)} cells under {len(names)} columns"
                if lacking or len(said) < len(set(names))
                else None
            )
            yield Part(at, said, record.raw, problem)
