"""The documents as they stand in the data: their text, its marks, and what a careful reader takes from it."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from ops.evaluation.layout_suite.templates.registry import Half, Layout
from ops.evaluation.resume_suite.scoring import EDUCATION, WORK
from ops.evaluation.resume_suite.truth import Truth

_LANGUAGES = {"english": "en", "chinese": "zh", "others": "other"}
_PREFIXES: dict[Half, str] = {"documents": "", "unread": "unread-"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A document: how it is laid out, its text with marks, and its truth."""

    layout: Layout
    body: str
    truth: Truth


def entries(half: Half | Literal["all"] = "all") -> Iterator[Entry]:
    """Yield the documents of a half, in the order of the data."""
    for part, prefix in _PREFIXES.items():
        if half not in ("all", part):
            continue
        for name, language in _LANGUAGES.items():
            text = (files(__package__) / "data" / f"{prefix}{name}.toml").read_text("utf-8")
            for document in tomllib.loads(text)["document"]:
                layout = Layout(document["name"], part, document["country"], language, document["kind"], False)
                yield Entry(layout, document["body"].strip("\n"), _truth(document))


def _truth(document: dict[str, Any]) -> Truth:
    def rows(name: str, fields: tuple[str, ...]) -> list[dict[str, Any]]:
        return [
            {field: value or None for field, value in zip(fields, row, strict=True)} for row in document.get(name, ())
        ]

    return Truth(
        facts=document["facts"],
        work=rows("work", WORK),
        education=rows("education", EDUCATION),
        skills=document.get("skills", []),
        certificates=document.get("certificates", []),
        languages=document.get("languages", []),
    )
