"""Words that the reasons of several features share."""

from typing import Any

from schemas.base import Language


def have_want(facts: tuple[Any, ...], language: Language) -> dict[str, str]:
    """Return the first fact as what somebody has, and the last as what is wanted."""
    return {"have": str(facts[0]), "want": str(facts[-1])}


def years(value: float, language: Language) -> str:
    """Return years; the unit is part of the English words only."""
    return f"{value:g}" if language == "zh" else f"{value:g} year{'' if value == 1 else 's'}"
