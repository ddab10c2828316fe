"""The industries somebody knows and the field studied, and what an ad demands of both."""

import re
import unicodedata
from collections.abc import Iterator

from processors.matching.reading.lexicon import DISCIPLINES, INDUSTRIES

_CLAUSE = re.compile(r"[\n,，。;；|]|\.\s")
_BACKGROUND = re.compile(
    r"经验|经历|背景|从业|行业|资源|experience|background|worked in|exposure to|knowledge of the|industry"
)
_PREFERRED = re.compile(r"优先|更佳|尤佳|加分|preferred|a plus|ideally|nice to have|bonus")
_DEGREE = re.compile(
    r"专业|学历|本科|硕士|博士|大专|专科|学士|毕业|degree|bachelor|master|diploma|associate|ph\.?d|majored|major in"
    r"|b\.?sc"
    r"|m\.?sc"
    r"|b\.?tech|b\.?e\.? |mba|related field|qualification in"
)
_STUDIES = re.compile(r"^\W{0,4}(?:教育(?:背景|经历)?|学历|education\b.{0,20}|studies|academic.{0,20})\W{0,4}$")
_FIELD = re.compile(
    r"专业|degree in|degree or above in|related field|major(?:ed|ing)? in|diploma in|discipline|(?:bachelor"
    r"|master)(?:'s)? in|studies in"
)
_SHORT = 40


def industries_held(text: str) -> tuple[str, ...]:
    """Return the industries that a CV tells of, outside what it says of studies."""
    return tuple(INDUSTRIES.named("\n".join(clause for clause in _clauses(text) if not _DEGREE.search(clause))))


def industries_demanded(text: str) -> tuple[str, ...]:
    """Return the industries of which an ad demands experience; those that it would only like do not count."""
    found = (n for clause in _clauses(text) if _BACKGROUND.search(clause) and not _PREFERRED.search(clause)
             for n in INDUSTRIES.named(clause))  # fmt: skip
    return tuple(dict.fromkeys(found))


def studied(text: str) -> tuple[str, ...]:
    """Return the fields that a CV names beside a degree, or below a heading of studies."""
    found: list[str] = []
    below = False
    for line in _folded(text).splitlines():
        if _STUDIES.match(line):
            below = True
            continue
        below = below and bool(line.strip())
        clauses = _CLAUSE.split(line)
        for number, clause in enumerate(clauses):
            beside = any(_DEGREE.search(c) for c in clauses[max(number - 1, 0) : number + 2] if len(c) < _SHORT)
            if below or _DEGREE.search(clause) or (beside and len(clause) < _SHORT):
                found += DISCIPLINES.named(clause)
    return tuple(dict.fromkeys(found))


def study_demanded(text: str) -> tuple[str, ...]:
    """Return the fields of study that an ad asks for."""
    found = (n for clause in _clauses(text) if _FIELD.search(clause) and not _PREFERRED.search(clause)
             for n in DISCIPLINES.named(clause))  # fmt: skip
    return tuple(dict.fromkeys(found))


def _clauses(text: str) -> Iterator[str]:
    yield from _CLAUSE.split(_folded(text))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
