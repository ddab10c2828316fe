"""Tells a file's format from its bytes; names and declared types are not believed."""

import io
import json
import re
import zipfile
from typing import Literal

from connectors.documents.errors import DocumentError

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"{\\rtf", "rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
)
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc"}
_OTHER_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"%!PS", "PostScript"),
)
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|meta|title|div|table|p|span|h[1-6]|ul|ol|br|style|script)\b", re.I
)
# Markdown may have HTML inside.
_MARKDOWN_FIRST = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,100}#{1,6} {1,3}[^\s<]")
_MHTML = re.compile(rb"\A(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?content-type:\s*multipart/related", re.I)
_MARKDOWN = re.compile(
    r"^(?:#{1,6} \S|[-*+] \S|\d+\. \S|> |```|\|.+\|$|-{3,}$)|\*\*[^*\n]{1,200}\*\*|\[[^][\n]{1,200}\]\([^)\s]{1,500}\)",
    re.M,
)
_RESUME_KEYS = {"basics", "work", "education", "skills", "projects"}


def sniff(data: bytes) -> str:
    """Return the container: a format of `Format`, or `zip`, `ole`, `mhtml`, `text`. Raises on what is none or two."""
    if not data.strip(b"\x00 \t\r\n"):
        raise DocumentError("empty")
    found = _magic(data)
    inner = data.find(b"%PDF-", 1, 1024)
    if found is None and inner > 0 and not _HTML.search(data[:1024]):
        found = "pdf"  # PDF allows some bytes before its header
    if (found not in (None, "pdf") and inner > 0 and found != "zip") or (found != "zip" and _ends_as_zip(data)):
        raise DocumentError("ambiguous")
    if found is not None:
        return found
    for magic, name in _OTHER_MAGIC:
        if data.startswith(magic):
            raise DocumentError("unsupported", name)
    head = data[:4096]
    if _MHTML.match(head):
        return "mhtml"
    plain = head.replace(b"\x00", b"")  # also UTF-16
    if _HTML.search(plain) and not _MARKDOWN_FIRST.match(plain):
        return "html"
    return "text"


def text_format(text: str) -> Literal["json-resume", "json", "markdown", "text"]:
    """Tell JSON Resume, JSON and Markdown from plain text."""
    if text.lstrip()[:1] in ("{", "["):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            pass
        else:
            return "json-resume" if isinstance(value, dict) and len(_RESUME_KEYS & value.keys()) >= 2 else "json"
    marks = {m.group()[:2].strip() for m in _MARKDOWN.finditer(text[:100_000])}
    strong = any(m[0] in "#`[|" or m == "**" for m in marks)
    return "markdown" if (strong and len(marks) >= 2) or any(m.startswith("#") for m in marks) else "text"


def _magic(data: bytes) -> str | None:
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS:
        return "heif"
    return None


def _ends_as_zip(data: bytes) -> bool:
    """Whether a ZIP archive ends exactly where the file ends."""
    at = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if at < 0 or at + 22 + int.from_bytes(data[at + 20 : at + 22], "little") != len(data):
        return False
    try:
        return bool(zipfile.ZipFile(io.BytesIO(data)).namelist())
    except Exception:  # whatever a broken directory raises
        return False
