"""Facts that answers are made of: a field of one revision of a record, in words of the participant's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from processors.lexicon.places import place_label, places
from processors.matching.profile import DEGREES, EDUCATION_RANKS
from schemas.base import Language
from schemas.chat import Citation

Kind = Literal["talent", "job", "company", "match"]
_CURRENCIES = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_PERIODS = {
    "hour": ("小时", "hour"),
    "day": ("天", "day"),
    "week": ("周", "week"),
    "month": ("月", "month"),
    "year": ("年", "year"),
}
_SIZES = {"10000+": ("10000 人以上", "more than 10000 people")}


@dataclass(frozen=True, slots=True)
class Fact:
    """What a record says, as an answer says it, and where it stands there."""

    text: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Card:
    """A record as answers speak of it. Of its contact data only `phones` and `emails` are facts, for who may know."""

    entity: Kind
    id: str
    revision: int
    fields: Mapping[str, Any]

    def fact(self, name: str, language: Language) -> Fact | None:
        """Return a field as a fact; None where the record does not say it."""
        text = _RENDER.get(name, _plain)(self.fields.get(name), language)
        return (
            Fact(text, Citation(entity=self.entity, id=self.id, field=name, revision=self.revision)) if text else None
        )


def _plain(value: Any, language: Language) -> str:
    return value.strip() if isinstance(value, str) else f"{value:g}" if isinstance(value, int | float) else ""


def _places(value: Any, language: Language) -> str:
    names = places(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()
    return ("、" if language == "zh" else ", ").join(place_label(name, language) for name in names[:3])


def _skills(value: Any, language: Language) -> str:
    names = [s["name"] for s in value if isinstance(s, Mapping) and s.get("name")] if isinstance(value, list) else []
    return ("、" if language == "zh" else ", ").join(names[:6])


def _texts(value: Any, language: Language) -> str:
    texts = [v for v in value if isinstance(v, str)] if isinstance(value, list) else []
    return ("、" if language == "zh" else ", ").join(texts[:3])


def _salary(value: Any, language: Language) -> str:
    if not isinstance(value, Mapping):
        return ""
    low, high = value.get("minimum"), value.get("maximum")
    if low is None and high is None:
        return ""
    currency = value.get("currency") or "CNY"
    sign = _CURRENCIES.get(currency, f"{currency} ")
    if low is not None and high is not None:
        amount = f"{sign}{low:,.0f}–{high:,.0f}"
    elif low is not None:
        amount = f"{sign}{low:,.0f} 以上" if language == "zh" else f"from {sign}{low:,.0f}"
    else:
        amount = f"{sign}{high:,.0f} 以内" if language == "zh" else f"up to {sign}{high:,.0f}"
    zh, en = _PERIODS[value.get("period") or "month"]
    return f"{amount}/{zh}" if language == "zh" else f"{amount} a {en}" if zh != "小时" else f"{amount} an hour"


def _education(value: Any, language: Language) -> str:
    rank = EDUCATION_RANKS.get(value) if isinstance(value, str) else None
    return DEGREES[language][rank] if rank else ""


def _size(value: Any, language: Language) -> str:
    if not isinstance(value, str):
        return ""
    if value in _SIZES:
        return _SIZES[value][language == "en"]
    return f"{value} 人" if language == "zh" else f"{value} people"


def _description(value: Any, language: Language) -> str:
    return " ".join(value.split())[:160] if isinstance(value, str) else ""


_RENDER = {
    "locations": _places,
    "skills": _skills,
    "phones": _texts,
    "emails": _texts,
    "salary": _salary,
    "salary_expected": _salary,
    "education_level": _education,
    "size": _size,
    "description": _description,
}
