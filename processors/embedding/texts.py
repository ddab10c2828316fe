"""What of a record is embedded: professional content, never what identifies a person."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from processors.fairness import anonymous, impartial, private_words
from processors.lexicon.markup import plain_text
from schemas.entities import Side

MAX_CHARACTERS = 600
"""Bound of a text. Measured: cost grows with length, and beyond this length retrieval gets no better."""

_MAX_SKILLS = 30
_MAX_SKILL_CHARACTERS = 250
_RECENT_EMPLOYMENTS = 3
_HALF_WORD = re.compile(r"[!-~]+$")
_SPACES = re.compile(r"\s+")


def record_text(entity: Side, fields: Mapping[str, Any]) -> str:
    """Return the text that stands for a record: title, skills, recent work, description; at most MAX_CHARACTERS.

    Name, e-mail addresses, phone numbers and employers are no part of it; where free text mentions them they are cut.
    """
    return _parts_of(entity, fields)[:MAX_CHARACTERS].rstrip()


def compared_text(entity: Side, fields: Mapping[str, Any]) -> str:
    """Return the text by whose meaning a record is compared: of a talent, what `impartial` leaves of `record_text`."""
    if entity == "job":
        return record_text(entity, fields)
    # Cut before the end is, or else the length of an employer's name would move it.
    told = impartial(beginning(_parts_of(entity, fields), 2 * MAX_CHARACTERS), fields)
    return "\n".join(filter(None, map(_clean, told.split("\n"))))[:MAX_CHARACTERS].rstrip()


def compared_title(entity: Side, fields: Mapping[str, Any]) -> str:
    """Return the title as its meaning is compared."""
    title = said(fields, "title")
    return impartial(title, fields) if entity == "talent" else title


def _parts_of(entity: Side, fields: Mapping[str, Any]) -> str:
    parts: list[str] = [_clean(fields.get("title")), _skills(fields.get("skills") or ())]
    if entity == "talent":
        private = private_words(fields)
        parts.append(_free(fields.get("summary"), private))
        for employment in recent(fields.get("employments") or ()):
            title, description = _clean(employment.get("title")), _free(employment.get("description"), private)
            parts.append(f"{title}: {description}" if title and description else title or description)
    else:
        parts.append(_free(plain_text(said(fields, "description")), ()))
    return "\n".join(part for part in parts if part)


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
