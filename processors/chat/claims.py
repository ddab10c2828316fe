"""What a sentence states of the world. A provider's may state only what the facts do that it cites."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from processors.chat.facts import Fact
from processors.chat.figures import figures
from processors.chat.slots import read_edits
from processors.lexicon.script import all_han, fold, is_han, plain
from schemas.base import Language

_SLOTS = frozenset(("skills", "places", "education", "employment_type", "remote"))
_TOLD = ("brand", "day", "person", "private", "benefit", "ask")
"""Patterns whose own words must stand in a fact."""
_MEANT = (
    "negation", "month", "year", "of a day", "hour", "week", "yuan", "dollar", "euro", "pound", "least", "most",
)  # fmt: skip
"""Patterns that a fact must match too, in words of its own."""
_COUNTED = re.compile(
    r"\s?(?:[个份位条家项名]|(?:of (?:the|these|them)\b|(?:other |open |suitable |matching )?"
    r"(?:jobs?|positions?|roles?|openings?|candidates?|talents?|people|matches|results?|options?|records?)\b))"
)
_LATIN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9+#./&_-]*")
_QUOTED = re.compile(r"[「『“\"《]([^」』”\"》]{2,60})[」』”\"》]")
_BEGINS = re.compile(r"(?:^|[:：;；]|[-*•])\s*[\"“]?$")
_HAN_PAIR = re.compile(r"(?=([\u3400-\u9fff]{2}))")
_SHORTEST = 4
"""Letters by which two English words count as the same: `requires` and `required`."""


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    data = tomllib.loads(files("processors.chat").joinpath("data/claims.toml").read_text("utf-8"))
    return {name: re.compile(pattern, re.IGNORECASE) for name, pattern in data.items()}


def touches(sentence: str, fact: Fact) -> bool:
    """Whether a sentence has anything of a fact: a figure, a word, two characters in a row."""
    if {f.value for f in figures(sentence)} & {f.value for f in figures(fact.text)}:
        return True
    ours, its = plain(fold(sentence)), plain(fold(fact.text))
    if set(_HAN_PAIR.findall(ours)) & set(_HAN_PAIR.findall(its)):
        return True
    return bool(_stems(ours) & _stems(its))


def _stems(text: str) -> set[str]:
    return {word[:_SHORTEST] if len(word) > _SHORTEST else word for word in _LATIN.findall(text) if len(word) > 1}


def unfounded(sentence: str, facts: Sequence[Fact], language: Language, *, records: int) -> str | None:
    """Return what a sentence states that its facts do not, None if nothing is.

    How many records there are may be said. Ids of the facts' records are no claims.
    """
    for fact in facts:
        for id in (fact.citation.id, *fact.citation.id.split("|")):
            sentence = re.sub(rf"(?<![\w-]){re.escape(id)}(?![\w-])", " ", sentence)
    known = "\n".join(fact.text for fact in facts)
    return next(_unfounded(sentence, known, language, records), None)


def _unfounded(sentence: str, known: str, language: Language, records: int) -> Iterator[str]:
    patterns = _patterns()
    values = {f.value for f in figures(known)}
    for figure in figures(sentence):
        is_count = figure.value in (1, records) and _COUNTED.match(sentence, figure.end)
        if figure.value not in values and not is_count:
            yield "a figure"
    folded, said = plain(fold(known)), plain(sentence)
    stated = {(e.slot, str(e.value)) for e in read_edits(known, language) if e.slot in _SLOTS}
    for edit in read_edits(sentence, language):
        words = plain(fold(edit.text))
        is_stated = (edit.slot, str(edit.value)) in stated or words in folded
        if edit.slot in _SLOTS and not is_stated and not patterns["hiring"].fullmatch(words):
            yield edit.slot
    for name in _TOLD:
        if any(fold(match[0]) not in folded for match in patterns[name].finditer(said)):
            yield name
    for name in _MEANT:
        if patterns[name].search(said) and not patterns[name].search(plain(known)):
            yield name
    for name in ("organisation", "occupation"):
        for match in patterns[name].finditer(said):
            before = said[: match.start()]
            # Words in Latin letters before it are looked at below.
            if all_han(before[-2:]) and not patterns["no_name"].search(before) and before[-2:] + match[0] not in folded:
                yield name
    if any(plain(fold(match[1])) not in folded for match in _QUOTED.finditer(sentence)):
        yield "a quotation"
    named = {word.casefold() for word in _LATIN.findall(known)}
    for match in _LATIN.finditer(sentence):
        word = match[0].rstrip("./-&_")
        if word.casefold() not in named and word.casefold() not in folded and _names(sentence, word, match.start()):
            yield "a name"


def _names(sentence: str, word: str, start: int) -> bool:
    """Whether a word in Latin letters may be a name: any in a Chinese sentence, in an English one by its capitals."""
    if is_han(sentence):
        return True
    if word == "I" or not any(c.isupper() or c.isdigit() or c in "+#" for c in word):
        return False
    return not (_BEGINS.search(sentence[:start]) and _patterns()["opener"].fullmatch(word))
