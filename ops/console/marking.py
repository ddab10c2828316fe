"""Where a resume says what its profile has: marks on pages and in text, numbered alike."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from pydantic import BaseModel

from connectors.documents import Document
from schemas.resume import Found, HeldSkill, PageBox, PersonName, ResumeProfile, Span, WebLink

MAX_MARKS = 400
MAX_TEXT = 100_000
"""Characters of a text that are shown."""
_KINDS = {"work": "work", "projects": "work", "education": "education", "certificates": "education", "skills": "skills"}
PERSON = frozenset(
    ("name", "emails", "phones", "addresses", "links", "gender", "birth_date", "nationality", "right_to_work")
)


class Mark(NamedTuple):
    """One value: of which section and entry (from 1; 0 where there is one alone), and where it stands."""

    number: int
    section: str
    entry: int
    field: str
    value: str
    confidence: float
    kind: str
    spans: tuple[Span, ...]
    places: tuple[PageBox, ...]


class Piece(NamedTuple):
    """A part of a text, and the mark it is in."""

    text: str
    mark: Mark | None


def marks_of(profile: ResumeProfile, document: Document) -> list[Mark]:
    """Return the values of a profile that the document says itself, in the profile's order."""
    found: list[Mark] = []
    for section, entry, name, value in _values(profile):
        if len(found) >= MAX_MARKS:
            break
        spans, places, shown, confidence = _told(value)
        if not spans and not places:
            continue  # derived
        if not places:
            places = tuple(
                PageBox(place.page, *place.box) for span in spans for place in document.locate(span.start, span.end)
            )
        kind = "person" if section in PERSON else _KINDS.get(section, "other")
        found.append(Mark(len(found) + 1, section, entry, name, shown, confidence, kind, spans, places))
    return found


def _values(profile: ResumeProfile) -> Iterator[tuple[str, int, str, Any]]:
    for section in ResumeProfile.model_fields:
        value = getattr(profile, section)
        entries = value if isinstance(value, tuple) else (value,)
        for number, entry in enumerate(entries, start=1):
            several = number if isinstance(value, tuple) and section not in ("skills", "emails", "phones") else 0
            if isinstance(entry, Found | HeldSkill):
                yield section, several if len(entries) > 1 else 0, section, entry
            elif isinstance(entry, BaseModel):
                for name, each in _inner(entry):
                    yield section, several, name, each


def _inner(entry: BaseModel) -> Iterator[tuple[str, Found[Any]]]:
    for name in type(entry).model_fields:
        if name == "description" and getattr(entry, "achievements", None):
            continue  # it says the same, as one text
        value = getattr(entry, name)
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Found):
                yield name, each
            elif isinstance(each, BaseModel):
                yield from _inner(each)


def _told(value: "Found[Any] | HeldSkill") -> tuple[tuple[Span, ...], tuple[PageBox, ...], str, float]:
    if isinstance(value, HeldSkill):
        return value.evidence, (), value.name, value.confidence
    inner = value.value
    if isinstance(inner, PersonName):
        shown = inner.full
    elif isinstance(inner, WebLink):
        shown = inner.url
    elif isinstance(inner, BaseModel):
        told = inner.model_dump(mode="json", exclude_none=True)
        shown = str(told.get("text") or " ".join(map(str, told.values())))
    else:
        shown = str(inner)
    return value.spans, value.places, shown, value.confidence


def pieces(text: str, marks: Sequence[Mark]) -> list[Piece]:
    """Return a text in pieces, each in one mark or in none; of marks that overlap the shorter one is shown."""
    text = text[:MAX_TEXT]
    if not text:
        return []
    owner = np.full(len(text), -1, np.int32)
    for _, span, number in sorted(
        ((span.end - span.start, span, number) for number, mark in enumerate(marks) for span in mark.spans),
        reverse=True,
    ):
        owner[max(0, span.start) : max(0, span.end)] = number
    bounds = [0, *(np.flatnonzero(np.diff(owner)) + 1).tolist(), len(text)]
    return [Piece(text[a:b], marks[owner[a]] if owner[a] >= 0 else None) for a, b in pairwise(bounds)]
