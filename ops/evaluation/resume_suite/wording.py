"""What resumes call their sections and the personal data."""

import tomllib
from functools import cache
from importlib.resources import files

from ops.evaluation.resume_suite.layouts import Layout
from ops.evaluation.resume_suite.people import Tongue

_NUMERALS = "一二三四五六七八九十"


@cache
def _words() -> dict[str, dict[Tongue, dict[str, list[str]]]]:
    return tomllib.loads((files(__package__) / "data" / "wording.toml").read_text("utf-8"))


def heading(layout: Layout, tongue: Tongue, section: str, number: int) -> str:
    """Return a section's heading; `number` counts from 0."""
    text = _words()["headings"][tongue][section][layout.wording]
    other = _words()["headings"]["en" if tongue == "zh" else "zh"][section][layout.wording]
    match layout.heading:
        case "caps":
            return text.upper()
        case "spaced":
            return " ".join(text.upper()) if tongue == "zh" else "   ".join(" ".join(w) for w in text.upper().split())
        case "brackets":
            return f"【{text}】"
        case "colon":
            return f"{text}：" if tongue == "zh" else f"{text}:"
        case "numbered":
            return f"{_NUMERALS[number]}、{text}" if tongue == "zh" else f"{number + 1}. {text}"
        case "marked":
            return f"■ {text}"
        case "bilingual":
            return f"{text} {other}"
        case "slashed":
            return f"{text} / {other}"
        case _:
            return text


def label(layout: Layout, tongue: Tongue, field: str) -> str:
    """Return what the layout calls a fact about the person."""
    text = _words()["labels"][tongue][field][layout.wording]
    if layout.language == "mixed" and field in ("phone", "email") and not text.isascii():
        text = f"{text} {_words()['labels']['en'][field][layout.wording]}"
    return text


def title(layout: Layout, tongue: Tongue) -> str:
    """Return what the document calls itself."""
    if tongue == "en":
        return ("Curriculum Vitae", "Resume", "CURRICULUM VITAE")[layout.wording % 3]
    return ("个人简历", "简历", "个 人 简 历")[layout.wording % 3]
