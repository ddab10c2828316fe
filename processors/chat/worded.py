"""What of a provider's words may be said: the sentences that cite facts and state nothing else."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from processors.chat.answers import Answer, Sentence
from processors.chat.claims import touches, unfounded
from processors.chat.conversation import Shown
from processors.chat.facts import Fact
from processors.chat.placeholders import is_complete
from processors.lexicon.script import detect_language
from processors.unicode import visible
from schemas.base import Language

MAX_CHARACTERS = 4000
MAX_SENTENCES = 20
_MARK = re.compile(r"\s*[\[【(（]\s*(f\d{1,3}(?:\s*[,，、;；\s]\s*f\d{1,3})*)\s*[\]】)）]", re.IGNORECASE)
_ID = re.compile(r"f\d{1,3}", re.IGNORECASE)
_END = re.compile(r"[。！？!?；]+[”」』\"]?|(?<!\d)\.(?=\s|$)|(?<=\d)\.(?=\s|$)(?!\s\d)")
_LISTED = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)、．])\s+")
_MARKUP = re.compile(r"\*\*|__|`+|^#{1,6}\s+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Worded:
    """An answer in a provider's words. `dropped` counts sentences that were left out, by why."""

    answer: Answer | None
    dropped: Mapping[str, int]


def worded(text: str, facts: Mapping[str, Fact], draft: Answer, language: Language, *, whole: bool = True) -> Worded:
    """Return what may be said of a provider's text; `facts` by the ids that it cites, `draft` what rules would answer.

    The answer is None where nothing is left. A list's order follows the text: `the second` is the second one it names.
    """
    dropped: dict[str, int] = {}
    lines: list[Sentence] = []
    records = len({fact.citation.id for fact in facts.values()})
    for line in _MARKUP.sub("", text[:MAX_CHARACTERS]).splitlines():
        kept: list[tuple[str, tuple[Fact, ...]]] = []
        listed = _LISTED.match(line)
        for words, marks, ends in _sentences(line[listed.end() :] if listed else line):
            cited = tuple(facts[m] for m in marks if m in facts)
            reason = _reason(words, marks, cited, language, records)
            if reason is None and not ends and not whole:
                reason = "cut"
            if reason:
                dropped[reason] = dropped.get(reason, 0) + 1
            else:
                kept.append((words, tuple(fact for fact in cited if touches(words, fact))))
        if kept:
            start = listed[0].strip() + " " if listed else ""
            joint = "" if language == "zh" else " "
            found = dict.fromkeys(fact for _, cited in kept for fact in cited)
            lines.append(Sentence(start + joint.join(words for words, _ in kept), tuple(found)))
    if not lines or detect_language("".join(s.text for s in lines)) != language:
        return Worded(None, dropped | ({"language": 1} if lines else {}))
    return Worded(_answer(lines[:MAX_SENTENCES], draft), dropped)


def _reason(words: str, marks: list[str], cited: tuple[Fact, ...], language: Language, records: int) -> str | None:
    """Return why a sentence may not be said, None if it may."""
    if not is_complete(words):
        return "placeholder"
    if not cited or len(cited) < len(marks):
        return "uncited"
    if not any(touches(words, fact) for fact in cited):
        return "unrelated"
    if len({fact.citation.id for fact in cited}) > 1:
        return "mixed"
    return unfounded(words, cited, language, records=records)


def _sentences(line: str) -> Iterator[tuple[str, list[str], bool]]:
    """Yield a line's sentences without their marks, the facts that each cites, and whether it comes to its end."""
    start = 0
    while start < len(line):
        end = _END.search(line, start)
        stop = end.end() if end else len(line)
        while mark := _MARK.match(line, stop):  # marks behind the full stop are of the sentence before
            stop = mark.end()
        said = line[start:stop]
        marks = [id.lower() for mark in _MARK.finditer(said) for id in _ID.findall(mark[1])]
        words = visible(_MARK.sub("", said))
        if any(map(str.isalnum, words)):
            yield words, list(dict.fromkeys(marks)), end is not None
        start = stop


def _answer(lines: list[Sentence], draft: Answer) -> Answer:
    named = dict.fromkeys(
        Shown("talent" if f.citation.entity == "talent" else "job", f.citation.id)
        for line in lines
        for f in line.facts
        if f.citation.entity in ("talent", "job")
    )
    if draft.focus is not None or len(named) > 1:
        return Answer(tuple(lines), tuple(named), None, draft.asks)
    return Answer(tuple(lines), None, draft.current or next(iter(named), None), draft.asks)
