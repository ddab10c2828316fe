"""Bytes to text in whatever encoding they were written."""

import codecs
import re

from charset_normalizer import from_bytes

from connectors.documents.errors import DocumentError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)|<\?xml[^>]*encoding=[\"']([A-Za-z0-9_.:-]+)", re.I)
_USUAL = re.compile("[\t\r\n -~À-ÿ–-”•\u3000-\u303f一-龥\uff00-\uffef]")
_USUAL_SHARE = 0.9
_WESTERN = re.compile("[À-ÿŒœŠšŽžŸ€‘’“”•–—…°·©®]")
_COMMON_SHARE = 0.8
_SAMPLE = 20_000
_DAMAGED_SHARE = 0.05
_CONTROL_SHARE = 0.05
_CONTROLS = [bytes([c]) for c in (*range(7), *range(14, 27), 28, 29, 30, 31)]


def decode(data: bytes, *, declared: bool = False) -> tuple[str, str]:
    """Return the text and its encoding: by its mark, as UTF-8, by zero bytes, as HTML declares it, by statistics."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _strict(data[len(bom) :], encoding) or _lenient(data[len(bom) :], encoding), encoding
    if (text := _strict(data, "utf-8")) is not None and "\x00" not in text:
        return text, "utf-8"
    if (wide := _utf16(data)) is not None:
        return wide
    text = _lenient(data, "utf-8")  # a few bytes may be damaged, the last character cut off
    if text.count("\ufffd") < _DAMAGED_SHARE * sum(c > "\x7f" for c in text):
        return text, "utf-8"
    if declared and (match := _DECLARED.search(data[:4096])):
        name = (match[1] or match[2]).decode().lower()
        name = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "iso-8859-1": "cp1252"}.get(name, name)
        try:
            if (text := _strict(data, codecs.lookup(name).name)) is not None:
                return text, name
        except (LookupError, UnicodeError):
            pass
    return _guess(data)


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeError:
        return None


def _lenient(data: bytes, encoding: str) -> str:
    return data.decode(encoding, "replace")


def _utf16(data: bytes) -> tuple[str, str] | None:
    """UTF-16 without a mark: zero bytes are there, and one of the two orders gives characters that people use."""
    if 0 not in data:
        return None
    options = (
        (len(_USUAL.findall(text)) / max(len(text), 1), encoding)
        for encoding in ("utf-16-le", "utf-16-be")
        if (text := _strict(data[: _SAMPLE - len(data) % 2], encoding)) is not None
    )
    share, encoding = max(options, default=(0.0, ""))
    return (_lenient(data, encoding), encoding) if share > _USUAL_SHARE else None


def _guess(data: bytes) -> tuple[str, str]:
    """Chinese by its standards' own statistics, everything else by charset-normalizer.

    GB 2312 and Big5 both order characters by frequency: a text's characters stand mostly in the first level of the one
    it was written in. On 20 characters of resumes charset-normalizer alone tells 80 % of GB 18030, this more than 99 %.
    """
    if sum(map(data.count, _CONTROLS)) > _CONTROL_SHARE * len(data):
        raise DocumentError("unsupported", "binary data")
    score, encoding = max((_common_share(data, encoding), encoding) for encoding in ("gb18030", "big5hkscs"))
    if score >= _COMMON_SHARE:
        return _lenient(data, encoding), encoding
    western = _strict(data, "cp1252")
    if western is not None and len(_WESTERN.findall(western)) == sum(c > "\x7f" for c in western) < len(western) / 3:
        return western, "cp1252"
    best = from_bytes(data[:_SAMPLE], cp_exclusion=["gb18030", "gbk", "gb2312", "big5", "big5hkscs"]).best()
    if best is None:
        raise DocumentError("unsupported", "binary data")
    return _lenient(data, best.encoding), best.encoding


def _common_share(data: bytes, encoding: str) -> float:
    """Return how much of what is not ASCII stands in an encoding's first level, or is its punctuation."""
    text = _lenient(data[:_SAMPLE], encoding)
    codes = [c.encode(encoding, "replace") for c in text if c > "\x7f"]
    last = 0xD7 if encoding == "gb18030" else 0xC6
    first = 0xB0 if encoding == "gb18030" else 0xA4
    floor = 0xA1 if encoding == "gb18030" else 0x40
    common = sum(
        len(code) == 2 and (first <= code[0] <= last or code[0] in (0xA1, 0xA3)) and code[1] >= floor for code in codes
    )
    return common / max(len(codes), 1)
