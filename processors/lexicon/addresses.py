"""Where somebody lives and when they were born, as people write it: street and number, postal code, date of birth."""

import re
import unicodedata
from typing import NamedTuple

from processors.lexicon.dates import dates
from processors.lexicon.places import US_STATES
from processors.lexicon.script import fold

_LONGEST = 200
_PARTS = re.compile(r"[,，;；|·•\t\n]|\s[-–—]\s")
_ISLANDS = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d"
"""Codes of Britain and Canada, which look like nothing else."""
_CODE = re.compile(
    rf"\b(?P<own>{_ISLANDS})\b|〒 ?(?P<jp>\d{{3}}-\d{{4}})|(?<!\d)(?P<cn>\d{{6}})(?!\d)"
    rf"|\b(?:{US_STATES}) (?P<us>\d{{5}}(?:-\d{{4}})?)(?!\d)"
)
_CODE_OF_PART = re.compile(
    r"(?:[A-Z]{1,2}-)?(?P<first>\d{4,5}(?: ?[A-Z]{2})?)(?: [^\W\d].*)?|[^\d]{2,40} (?P<last>\d{4,5})"
)
"""`79098 Freiburg`, `1017 AB Amsterdam`, `NSW 2000`, in a part behind the street."""
_STREET = re.compile(
    r"(?!(?:flat|apt|unit|suite|room)\b)(?:(?:No\.? ?)?\d{1,5}[A-Za-z]?(?:[-/]\d{1,4}[A-Za-z]?)? [^\W\d][^\d@:]{2,60}(?:(?:#|apt|unit|suite|flat)\.? ?\w{1,5})?"
    r"|[^\W\d][^\d@:]{2,60} (?!(?:19|20)\d\d\b)\d{1,4} ?[A-Za-z]?(?:[-/]\d{1,4})?)",
    re.IGNORECASE,
)
_HAN_STREET = re.compile(r"(?=.*\d)(?=.*[路街道巷弄村号號楼樓室栋幢])[\u3400-\u9fff][\w\-－—#()（） ]{3,80}")
_OF_CITY = re.compile(
    r"(?:中国)?(?:[\u3400-\u9fff]{2,8}?(?:省|自治区|特别行政区))?(?:[\u3400-\u9fff]{2,7}?(?<!城)[市州盟])?"
    r"(?:[\u3400-\u9fff]{1,7}?(?<![小园社校街片])[区县旗區縣])?"
)
_WRITTEN_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9 -]{1,11}")
_BIRTH = re.compile(r"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_TIME = re.compile(r"(?<=^\d{4}-\d\d-\d\d)[T ].*")
_EITHER = re.compile(r"(\d{1,2})/(\d{1,2})/((?:19|20)\d\d)")


class Address(NamedTuple):
    """A postal address, without its town: the street with the house's number, and the code."""

    street: str | None
    code: str | None


def address(text: str) -> Address:
    """Return what a written address says; nothing of a street without a number, which many share."""
    text = unicodedata.normalize("NFKC", text[:_LONGEST])
    coded = _CODE.search(text)
    code = coded[str(coded.lastgroup)] if coded else None
    if coded:
        text = f"{text[: coded.start()]},{text[coded.end() :]}"
    street: str | None = None
    for part in map(str.strip, _PARTS.split(text)):
        if street is None:
            if _HAN_STREET.fullmatch(part):
                street = part[named.end() :] if (named := _OF_CITY.match(part)) else part
            elif _STREET.fullmatch(part):
                street = part
        elif code is None and (told := _CODE_OF_PART.fullmatch(part)):
            code = told["first"] or told["last"]
    return Address(street or None, code)


def is_postal_code(text: str) -> bool:
    """Whether a text may be a postal code: at most 12 letters, digits, blanks and dashes, a digit among them."""
    return _WRITTEN_CODE.fullmatch(text) is not None


def birth_date(text: str) -> str | None:
    """Return a date of birth in ISO 8601, as precise as it is certain: of `5/6/1990`, which may be either, the year."""
    said = text.strip()[:40]
    if compact := _COMPACT.fullmatch(said):
        said = "-".join(compact.groups())
    said = _TIME.sub("", said)
    if either := _EITHER.match(said):
        day, month, year = map(int, either.groups())
        if day <= 12 and month <= 12 and day != month:
            return str(year)
    if _BIRTH.fullmatch(said):
        return said
    found = next(dates(fold(said)), None)
    return found.start if found and not found.end and _BIRTH.fullmatch(found.start) else None
