"""Which rules know which labels."""

from collections.abc import Iterable

from processors.resume.ner.en import EnglishRules
from processors.resume.ner.entity import Recogniser
from processors.resume.ner.zh import ChineseRules

RULES: dict[str, Recogniser] = {"zh": ChineseRules(), "en": EnglishRules()}


def rules_named(name: str | None) -> Recogniser | None:
    """Return the rules of a language, `zh` or `en`."""
    return RULES[name] if name else None


def rules_for(labels: Iterable[str]) -> str | None:
    """Return the language whose rules know most of the labels; None when none knows any."""
    wanted = set(labels)
    best = max(RULES, key=lambda name: len(RULES[name].labels & wanted))
    return best if RULES[best].labels & wanted else None
