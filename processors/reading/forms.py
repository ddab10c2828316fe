"""The form of the work: full or part time, permanent or for a while; as an ad offers it, as somebody wishes it."""

import re
from collections.abc import Iterator
from typing import Any

from processors.reading.cues import patterns
from processors.reading.workplace import workplace

_PATTERNS = {name: patterns(name) for name in ("employment_types", "contracts")}
_INTERN = re.compile(r"实习生?|\bintern(?:ship)?s?\b|\bworking student\b", re.IGNORECASE)
_NOT = re.compile(
    r"(?:\bno|\bnot|\bnon|isn['’]t|非|不招|不是|无|勿扰|不接受|不考虑|不收|不要|谢绝|拒绝)"
    r"[\s-]{0,2}(?:an? |招|接受|looking for |open to )?$",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"(?:期望|希望|求职|意向|寻求|寻找|想找|只考虑|仅考虑|接受(?!过)|(?:工作|求职|用工)(?:类型|性质)"
    r"|\b(?:looking for|seeking|open to|available for|interested in|prefer\w*|wants?|desired|wish\w*)\b)"
    r"[^\n。；;!！]{1,80}",
    re.IGNORECASE,
)


def forms_of_work(title: str, text: str) -> dict[str, list[str]]:
    """Return the kinds of employment and of contract that an ad names; the title alone decides if it names one."""
    return {field: _of_ad(field, title, text) for field in _PATTERNS}


def wishes(text: str) -> dict[str, Any]:
    """Return the form of the work, and where it is done, as far as a CV says which are wished.

    Positions held name forms of work, too, so only what stands behind a word of wishing counts.
    """
    wished = "\n".join(match[0] for match in _WISH.finditer(text))
    found = {**{field: _named(field, wished) for field in _PATTERNS}, **workplace(wished)}
    return {field: value for field, value in found.items() if value not in (None, [])}


def _of_ad(field: str, title: str, text: str) -> list[str]:
    for part in (title, text):
        found = _named(field, part)
        if part is title and field == "employment_types" and _INTERN.search(title):
            found = list(dict.fromkeys(["internship", *found]))
        if found:
            return found
    return []


def _named(field: str, text: str) -> list[str]:
    return [kind for kind, pattern in _PATTERNS[field].items() if any(_affirmed(pattern, text))]


def _affirmed(pattern: re.Pattern[str], text: str) -> Iterator[bool]:
    for match in pattern.finditer(text):
        yield not _NOT.search(text[max(match.start() - 16, 0) : match.start()])
