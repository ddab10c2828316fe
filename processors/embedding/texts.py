"""What of a record is embedded: professional content, never what identifies a person."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from processors.lexicon.markup import plain_text
from processors.matching.fairness import impersonal
from schemas.entities import Side

MAX_CHARACTERS = 600
"""Bound of a text. Measured: cost grows with length, and beyond this length retrieval gets no better."""

_MAX_SKILLS = 30
_MAX_SKILL_CHARACTERS = 250
_RECENT_EMPLOYMENTS = 3
_CONTACTS = re.compile(
    r"[a-z0-9._%+\-]{1,64}@[a-z0-9.\-]{1,190}"  # e-mail addresses
    r"|(?:https?://|www\.)[^\s，。；）)]+"
    r"|\+?\d[\d\s().\-]{5,30}\d"  # phone and identity numbers
    r"|(?:微信|wechat|qq|skype|telegram)(?:号|id)?\s*[:：]\s*[\w.\-]+",
    re.IGNORECASE,
)
_HALF_WORD = re.compile(r"[!-~]+$")
_SPACES = re.compile(r"\s+")


def record_text(entity: Side, fields: Mapping[str, Any]) -> str:
    """Return the text that stands for a record: title, skills, recent work, description; at most MAX_CHARACTERS.

    Name, e-mail addresses, phone numbers and employers are no part of it; where free text mentions them they are cut.
    """
    parts: list[str] = [_clean(fields.get("title")), _skills(fields.get("skills") or ())]
    if entity == "talent":
        private = private_words(fields)
        parts.append(_free(fields.get("summary"), private))
        for employment in recent(fields.get("employments") or ()):
            title, description = _clean(employment.get("title")), _free(employment.get("description"), private)
            parts.append(f"{title}: {description}" if title and description else title or description)
    else:
        parts.append(_free(plain_text(said(fields, "description")), ()))
    return "\n".join(part for part in parts if part)[:MAX_CHARACTERS].rstrip()


def said(fields: Mapping[str, Any], key: str) -> str:
    """Return a field's text, without the space around it; nothing if it is missing or no text."""
    value = fields.get(key)
    return value.strip() if isinstance(value, str) else ""


def text_hash(text: str) -> str:
    """Return the sha256 of a text, in hexadecimal: equal texts need no second embedding."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _clean(value: Any) -> str:
    return _SPACES.sub(" ", value).strip() if isinstance(value, str) else ""


def _free(value: Any, private: Sequence[str]) -> str:
    """Return free text without contact data; only its beginning is looked at, for it may be long."""
    if not isinstance(value, str):
        return ""
    return _clean(anonymous(beginning(value, 2 * MAX_CHARACTERS), private))


def beginning(text: str, most: int) -> str:
    """Return at most `most` characters; no half address ends them, which would not look like one."""
    return text if len(text) <= most else _HALF_WORD.sub("", text[:most])


def anonymous(text: str, private: Sequence[str]) -> str:
    """Return a text without the words of `private_words`, contact data and what `impersonal` cuts."""
    folded = text.casefold()
    mentioned = [word for word in private if word.casefold() in folded]
    if mentioned:  # rare; compiling a pattern for every record would cost more than the rest of this module
        text = re.sub("|".join(map(_bounded, mentioned)), " ", text, flags=re.IGNORECASE)
    return impersonal(_CONTACTS.sub(" ", text))


def private_words(fields: Mapping[str, Any]) -> list[str]:
    """Return the person's own name and contact data, the longest first."""
    known: set[str] = set()
    name = _clean(fields.get("name"))
    if name:
        known |= {name, *(part for part in name.split(" ") if len(part) > 2)}
    for key in ("emails", "phones"):
        known |= {value for value in fields.get(key) or () if isinstance(value, str)}
    return sorted((text for text in known if len(text) > 1), key=lambda text: (-len(text), text))


def _bounded(text: str) -> str:
    """Return a pattern for a text: parts of a Latin name count as whole words only."""
    left = r"(?<![A-Za-z])" if text[0].isascii() and text[0].isalpha() else ""
    right = r"(?![A-Za-z])" if text[-1].isascii() and text[-1].isalpha() else ""
    return f"{left}{re.escape(text)}{right}"


def _skills(skills: Sequence[Mapping[str, Any]]) -> str:
    """Return skill names, the required ones first, otherwise sorted: their order in a record means nothing."""
    ordered = sorted(skills, key=lambda s: (not s.get("required", True), str(s.get("name", ""))))
    names = dict.fromkeys(_clean(s.get("name")) for s in ordered[:_MAX_SKILLS])
    text = ", ".join(name for name in names if name)
    return text if len(text) <= _MAX_SKILL_CHARACTERS else text[:_MAX_SKILL_CHARACTERS].rsplit(",", 1)[0]


def recent(employments: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the newest positions first; one without an end is current."""
    ordered = sorted(employments, key=lambda e: (e.get("end") or "9999", e.get("start") or ""), reverse=True)
    return ordered[:_RECENT_EMPLOYMENTS]
