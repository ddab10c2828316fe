"""What of a provider's words may be said: the sentences that cite facts and state nothing else."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

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
_UNCLOSED = re.compile(r"[\[【(（][^\]】)）]*$")
_OPEN_ENDED = " \t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029\u3000*_`#"
"""What may be half of some markup, or of a line's end."""
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
    dropped: Counter[str] = Counter()
    records = len({fact.citation.id for fact in facts.values()})
    whole = whole and len(text) <= MAX_CHARACTERS
    kept: list[_Kept] = []
    lines = _cleaned(text[:MAX_CHARACTERS]).splitlines()
    for number, line in enumerate(lines, 1):
        listed = _LISTED.match(line)
        said = line[listed.end() :] if listed else line
        for sentence in _sentences(said):
            cited = tuple(facts[m] for m in sentence.marks if m in facts)
            reason = _reason(sentence.words, sentence.marks, cited, language, records)
            if reason is None and not (whole or sentence.ends) and number == len(lines) and sentence.stop == len(said):
                reason = "cut"
            if reason:
                dropped[reason] += 1
            else:
                touched = tuple(fact for fact in cited if touches(sentence.words, fact))
                kept.append(_Kept(number, listed[0].strip() + " " if listed else "", sentence.words, touched))
    spoken, foreign = _in_language(kept, language)
    if foreign:
        dropped["language"] += foreign
    return Worded(_answer(_joined(spoken, language), draft) if spoken else None, dropped)


def certain(text: str) -> str:
    """Return the beginning of a text, free of markup, whose sentences stay as they are whatever follows.

    What may be said of it is what the answer will begin with.
    """
    text = _cleaned(text[:MAX_CHARACTERS].rstrip(_OPEN_ENDED))
    *_, last = text.splitlines(keepends=True) or [""]
    listed = _LISTED.match(last)
    begin = len(text) - len(last) + (listed.end() if listed else 0)
    line = text[begin:]
    if unclosed := _UNCLOSED.search(line):  # facts may be named there
        line = line[: unclosed.start()].rstrip()
    return text[: begin + max((s.stop for s in _sentences(line) if s.stop < len(line)), default=0)]


class _Kept(NamedTuple):
    """A sentence that may be said, its line, what stands before the line, and the facts that it states."""

    line: int
    start: str
    words: str
    facts: tuple[Fact, ...]


def _in_language(kept: Sequence[_Kept], language: Language) -> tuple[list[_Kept], int]:
    """Return the sentences that keep a text in its language, from the first on with which it is; count the others."""
    spoken: list[_Kept] = []
    said, begun = "", False
    for each in kept:
        is_spoken = detect_language(said + each.words) == language
        begun = begun or is_spoken
        if is_spoken or not begun:
            spoken.append(each)
            said += each.words
    return (spoken, len(kept) - len(spoken)) if begun else ([], 1 if kept else 0)


def _joined(spoken: Iterable[_Kept], language: Language) -> list[Sentence]:
    """Return the lines that sentences make."""
    joint = "" if language == "zh" else " "
    lines = []
    for _, group in groupby(spoken, key=lambda each: each.line):
        line = list(group)
        found = dict.fromkeys(fact for each in line for fact in each.facts)
        lines.append(Sentence(line[0].start + joint.join(each.words for each in line), tuple(found)))
    return lines[:MAX_SENTENCES]


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


class _Said(NamedTuple):
    """A sentence of a line without its marks, the facts that it cites, where it stops, and whether it has an end."""

    words: str
    marks: list[str]
    stop: int
    ends: bool


def _sentences(line: str) -> Iterator[_Said]:
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
            yield _Said(words, list(dict.fromkeys(marks)), stop, end is not None)
        start = stop


def _cleaned(text: str) -> str:
    """Return a text without markup, also that which others' removal makes."""
    while (cleaned := _MARKUP.sub("", text)) != text:
        text = cleaned
    return text


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
