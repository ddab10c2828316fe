"""What to do about each alert, for people: a text in each language, a section a rule."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from schemas.base import Language

_FILES: Mapping[Language, Path] = {
    language: Path(__file__).with_name(f"runbook.{language}.md") for language in ("en", "zh")
}


def text(language: Language) -> str:
    """Return the whole runbook, in Markdown."""
    return _FILES[language].read_text("utf-8")


def meaning(name: str, language: Language) -> str:
    """Return the first sentences of a rule's section, in Markdown; nothing for a rule that is not ours."""
    parts = [each for each in sections(language).get(name, "").split("\n\n") if not each.startswith("*")]
    return parts[0] if parts else ""


@cache
def sections(language: Language) -> Mapping[str, str]:
    """Return the section of each rule by its name, in Markdown without its heading."""
    parts = re.split(r"^## (.+)$", text(language), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], map(str.strip, parts[1::2]), strict=True))
