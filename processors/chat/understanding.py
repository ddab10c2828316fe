"""What a message means where it stands: its intent, what it says of slots, and which records it points at."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from processors.chat.conversation import Conversation, Shown
from processors.chat.intents import Guess, Intent
from processors.chat.protected import asks_contacts, asks_protected
from processors.chat.slots import Edit, read_edits
from processors.lexicon.script import detect_language, fold, plain
from processors.skills.levels import number
from schemas.base import Language

_ORDINALS = {word: n for n, word in enumerate(("first", "second", "third", "fourth", "fifth"), 1)}
_ORDINAL = re.compile(
    r"第\s?(?P<han>[一二三四五六七八九十]|\d{1,2})\s?(?:个|份|位|条|家|名|项)?"
    r"|\b(?P<word>first|second|third|fourth|fifth)\b"
    r"|(?:number|no\.?|#)\s?(?P<digit>\d{1,2})\b"
    r"|(?P<last>最后(?:一)?[个份位条]|\blast one\b)"
)
_FIRST_FEW = re.compile(
    r"前(?P<han>[一二两三四五]|\d)\s?(?:个|份|位|条|家|名)|\bfirst (?P<word>two|three|four|five)\b"
    r"|(?P<two>\bboth\b|这两[个份位])"
)
_THIS = re.compile(
    r"[他她它](?!们)|这(?:个|份|位|家|条|人)|那(?:个|份|位|家|条)|该(?:职位|岗位|公司|候选人|人)|上(?:面|述)(?:那|这)?[个份位]"
    r"|\b(?:it|him|her|he|she"
    r"|(?:this|that) (?:one|job|position|role|candidate|person|company)|the (?:job|position|role|candidate|company))\b"
)
_FOLLOWS_UP = re.compile(r"呢[?？]?$|^(?:那|那么|再|还有|换)|^(?:and|what about|how about|only|just)\b")
_REFINES: frozenset[Intent] = frozenset(("affirm", "deny", "refine", "correction", "greeting_thanks"))
_SAYS: Mapping[Intent, frozenset[str] | None] = {
    **dict.fromkeys(("find_jobs", "find_candidates", "refine", "correction", "subscribe"), None),
    "salary": frozenset(("salary",)),
    "company_info": frozenset(("company",)),
}
"""Intents whose messages say what is looked for, and of which slots if not of all; others only mention things."""
_SEARCHED = frozenset(("role", "skills", "places", "salary"))
_PASSING: frozenset[Intent] = frozenset(("greeting_thanks", "affirm", "deny", "bot_question"))
_SEARCHES = re.compile(
    r"工作|职位|职缺|岗|机会|活(?!动)|实习|兼职|招|候选人|人选|人才|简历|谁|还有别|再给|再找|找"
    r"|\b(?:jobs?|roles?|positions?|openings?|work|vacanc(?:y|ies)|candidates?|people|profiles?|who|hir(?:e|ing)|find|show|search|more)\b"
)
_PEOPLE = re.compile(
    r"招|候选|人选|人才|简历|求职者|谁|有人|的人|员工|\b(?:candidates?|talents?|applicants?|people|someone|who|hir(?:e|ing)|profiles?|resumes?)\b"
)
_CERTAIN, _SURE, _UNSURE = 0.9, 0.8, 0.6


@dataclass(frozen=True, slots=True)
class Understanding:
    """A message, understood. `points_at` are records of the conversation's focus, in the message's order."""

    intent: Intent
    confidence: float
    language: Language
    edits: tuple[Edit, ...]
    points_at: tuple[Shown, ...]
    answers_question: bool


def understand(
    text: str, guess: Guess, state: Conversation, language: Language | None = None, *, recruits: bool = False
) -> Understanding:
    """Return what a message means after the turns before; `guess` is what its words alone want.

    A participant who `recruits` looks for candidates.
    """
    spoken = language or spoken_language(text, state)
    asked = state.question.slot if state.question else None
    edits = read_edits(text, spoken, bare=asked)
    points_at = pointed_at(text, state)
    answers = bool(asked) and any(edit.slot == asked for edit in edits)
    intent, confidence = _placed(text, guess, state, edits, answers=answers, recruits=recruits)
    if recruits and asks_protected(text):
        intent, confidence, edits = "find_candidates", _SURE, ()
    elif asks_contacts(text):
        intent, confidence, edits = "out_of_scope", _SURE, ()
    elif intent == "out_of_scope" and points_at and _FOLLOWS_UP.search(plain(fold(text))):
        intent, confidence = "explain_match", 0.5
    said = _SAYS.get(intent, frozenset())
    kept = edits if said is None else tuple(edit for edit in edits if edit.slot in said)
    return Understanding(intent, confidence, spoken, kept, points_at, answers)


def _placed(
    text: str, guess: Guess, state: Conversation, edits: Sequence[Edit], *, answers: bool, recruits: bool
) -> Guess:
    """Return a guess as it is where the message stands: behind a question, in a search, or at the beginning."""
    intent, confidence = guess
    if recruits and intent == "find_jobs":
        intent = "find_candidates"
    elif not recruits and intent == "find_candidates" and not _PEOPLE.search(plain(fold(text))):
        intent = "find_jobs"
    goal: Intent = "find_candidates" if (state.goal == "candidates" if state.goal else recruits) else "find_jobs"
    searches = state.goal is not None or bool(state.slots)
    narrows: Intent = "refine" if searches else goal
    slots = {edit.slot for edit in edits}
    if intent == "out_of_scope":
        sure = _CERTAIN if "role" in slots or answers else _SURE if searches else _UNSURE
        is_meant = bool(slots) if searches else bool(slots & _SEARCHED)
        return Guess(narrows, 0.7) if is_meant and confidence < sure else guess
    if slots and (answers or searches) and intent in _REFINES:
        return Guess("correction" if intent == "correction" else "refine", max(confidence, _SURE))
    if intent in _PASSING and "role" in slots:
        return Guess(narrows, confidence)
    if intent == "unsubscribe" and len(slots) > 1:
        return Guess(narrows, confidence)
    if intent == goal and searches and not ("role" in slots or _SEARCHES.search(plain(fold(text)))):
        return Guess("refine", confidence)
    if intent == "refine" and not searches:
        return Guess(goal, confidence)
    return Guess(intent, confidence)


def spoken_language(text: str, state: Conversation) -> Language:
    """Return the language of a text; a name or a number alone says nothing, so the conversation's goes on."""
    letters = sum(map(str.isalpha, text))
    if state.number and (letters < 4 or (text.isascii() and len(text.split()) < 3 and state.language == "zh")):
        return state.language
    return detect_language(text)


def pointed_at(text: str, state: Conversation) -> tuple[Shown, ...]:
    """Return the records of the focus that a message means: by id, by place in the list, or as `this one`."""
    focus = state.focus
    if not focus:
        return ()
    folded = plain(fold(text))
    named = [
        shown for shown in focus if re.search(rf"(?<![a-z\d_-]){re.escape(shown.id.casefold())}(?![a-z\d_-])", folded)
    ]
    if named:
        return tuple(named)
    if few := _FIRST_FEW.search(folded):
        return focus[: 2 if few["two"] else _count(few["han"] or few["word"])]
    places = [
        len(focus) if match["last"] else _count(match["word"] or match["han"] or match["digit"])
        for match in _ORDINAL.finditer(folded)
    ]
    if places:
        return tuple(focus[n - 1] for n in dict.fromkeys(places) if 0 < n <= len(focus))
    if not _THIS.search(folded):
        return ()
    return (state.current,) if state.current else focus[:1]


def _count(said: str) -> int:
    return _ORDINALS.get(said) or int(number(said))
