"""Answers from facts: every sentence that names a record, a number or a date says where that stands."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from processors.chat.conversation import Shown
from processors.chat.facts import Card, Fact
from processors.chat.figures import figures
from processors.chat.wording import say
from schemas.base import Language
from schemas.chat import Citation
from schemas.feedback import FeedbackOutcome
from schemas.messages import Match

MAX_LISTED = 5
MAX_REASONS = 4
_LINE = {
    "job": ("title", "company", "locations", "salary"),
    "talent": ("title", "locations", "years_experience", "skills"),
}
_COMPARED = {
    "job": ("title", "company", "locations", "salary", "education_level", "skills"),
    "talent": ("title", "locations", "years_experience", "education_level", "skills", "salary_expected"),
}
_LABELS = {
    "title": ("职位", "title"),
    "company": ("公司", "company"),
    "locations": ("地点", "place"),
    "salary": ("薪资", "pay"),
    "salary_expected": ("期望薪资", "expected pay"),
    "education_level": ("学历", "education"),
    "skills": ("技能", "skills"),
    "years_experience": ("经验", "experience"),
}
Listed = Literal["job", "talent", "more_jobs", "more_talents", "new_job", "new_talent", "subscribed"]
_HEADS: dict[Listed, str] = {
    "job": "found_jobs",
    "talent": "found_candidates",
    "more_jobs": "more_jobs",
    "more_talents": "more_candidates",
    "new_job": "new_matches",
    "new_talent": "new_candidates",
    "subscribed": "subscribe_job",
}
_COMPANY = ("industry", "size", "locations", "description")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A line of an answer with the facts that it states; one without facts states nothing about records."""

    text: str
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply before it is checked. `focus` is what it lists, in its order; `asks` the slot that it asks for."""

    sentences: tuple[Sentence, ...]
    focus: tuple[Shown, ...] | None = None
    current: Shown | None = None
    asks: str | None = None

    @property
    def text(self) -> str:
        """The whole reply."""
        return "\n".join(s.text for s in self.sentences)

    @property
    def citations(self) -> list[Citation]:
        """Each place that the reply rests on, once."""
        return list(dict.fromkeys(f.citation for s in self.sentences for f in s.facts))


def simply(name: str, language: Language, *, asks: str | None = None) -> Answer:
    """Return an answer of one sentence that needs no record."""
    return Answer((Sentence(say(name, language)),), asks=asks)


def listing(cards: Sequence[Card], kind: Listed, language: Language, *, can_widen: bool) -> Answer:
    """Return the answer that lists jobs or talents; nothing found may be answered by asking for more freedom."""
    shown = cards[:MAX_LISTED]
    if not shown:
        nothing = Sentence(say("nothing_found", language))
        if not can_widen:
            return Answer((nothing,), focus=())
        return Answer((nothing, Sentence(say("ask_widen", language))), focus=(), asks="widen")
    head = Sentence(say(_HEADS[kind], language))
    lines = [_line(n, card, language) for n, card in enumerate(shown, 1)]
    return Answer((head, *lines), focus=tuple(_shown(c) for c in shown))


def _line(number: int, card: Card, language: Language) -> Sentence:
    facts = _facts(card, _LINE[card.entity], language)
    parts = [_with_unit(f, language) for f in facts]
    return Sentence(f"{number}. {' · '.join([*parts, card.id])}", tuple(facts))


def comparison(cards: Sequence[Card], language: Language) -> Answer:
    """Return the answer that sets records side by side, field by field."""
    lines = []
    for name in _COMPARED[cards[0].entity]:
        facts = [card.fact(name, language) for card in cards]
        if not any(facts):
            continue
        label = _LABELS[name][language == "en"]
        cells = [f"{card.id} {_with_unit(f, language) if f else '—'}" for card, f in zip(cards, facts, strict=True)]
        separator = "；" if language == "zh" else "; "
        colon = "：" if language == "zh" else ": "
        lines.append(Sentence(label + colon + separator.join(cells), tuple(f for f in facts if f)))
    return Answer(tuple(lines) or (Sentence(say("unknown", language)),))


def described(card: Card, language: Language) -> list[Fact]:
    """Return what a record says of all that records are compared by."""
    return _facts(card, _COMPARED[card.entity], language)


def pay(card: Card, language: Language) -> Answer:
    """Return the answer to what a job pays, or what a talent expects."""
    name = "salary" if card.entity == "job" else "salary_expected"
    return _one(card, (name,), language)


def reach(card: Card, language: Language) -> Answer:
    """Return how to reach a talent, for who may know."""
    return _one(card, ("phones", "emails"), language)


def company(card: Card | None, shown: Card, language: Language) -> Answer:
    """Return the answer about a job's employer: its record, or else the name that the job gives."""
    if card is None:
        return _one(shown, ("company",), language)
    return _one(card, ("name", *_COMPANY), language, current=_shown(shown))


def _one(card: Card, names: Iterable[str], language: Language, *, current: Shown | None = None) -> Answer:
    facts = _facts(card, names, language)
    current = current or _shown(card)
    if not facts:
        return Answer((Sentence(say("unknown", language)),), current=current)
    title = card.fact("title", language)
    separator = " · " if card.entity == "company" else "：" if language == "zh" else ": "
    parts = [_titled(title, card, language)] if title else []
    text = separator.join([*parts, *(_with_unit(f, language) for f in facts)])
    return Answer((Sentence(text, (*((title,) if title else ()), *facts)),), current=current)


def explanation(match: Match | None, shown: Shown, language: Language) -> Answer:
    """Return why two are a match: the features that count most, with the reasons that the match itself gives."""
    if match is None or match.status != "active":
        return Answer((Sentence(say("no_match", language)),), current=shown)
    revision = match.talent_revision
    pair = f"{match.talent_id}|{match.job_id}"

    def fact(text: str, field: str) -> Fact:
        return Fact(text, Citation(entity="match", id=pair, field=field, revision=revision))

    score = fact(f"{round(match.score * 100)}", "score")
    head = f"匹配度 {score.text}%：" if language == "zh" else f"Match {score.text} %:"
    best = sorted(match.features, key=lambda f: -f.contribution)[:MAX_REASONS]
    reasons = [Sentence(f"- {f.reason}", (fact(f.reason, f.name),)) for f in best if f.reason]
    return Answer((Sentence(head, (score,)), *reasons), current=shown)


def status(outcomes: Sequence[tuple[Card, FeedbackOutcome, str]], language: Language) -> Answer:
    """Return what became of a candidate's applications: (job, outcome, its day) each, the newest first."""
    if not outcomes:
        return simply("status_none", language)
    lines = []
    for card, outcome, day in outcomes[:MAX_LISTED]:
        title = card.fact("title", language)
        colon, comma = ("：", "，") if language == "zh" else (": ", ", ")
        became = f"{say(f'status_{outcome}', language)}{comma}{day}"
        cited = Fact(became, Citation(entity="job", id=card.id, field="feedback", revision=card.revision))
        text = f"{_titled(title, card, language)}{colon}{became}"
        lines.append(Sentence(text, (*((title,) if title else ()), cited)))
    return Answer(tuple(lines), focus=tuple(_shown(card) for card, _, _ in outcomes[:MAX_LISTED]))


def advice(sentences: Sequence[str], card: Card, language: Language) -> Answer:
    """Return advice on a talent's own resume, as the advice rules word it."""
    if not sentences:
        return simply("advice_none", language)
    citation = Citation(entity="talent", id=card.id, field="resume_text", revision=card.revision)
    return Answer(tuple(Sentence(f"- {s}", (Fact(s, citation),)) for s in sentences[:MAX_LISTED]))


def checked(answer: Answer, language: Language) -> Answer:
    """Return an answer without the sentences whose figures stand in none of their facts.

    The same holds for what a provider writes. A list's own numbers and ids are no claims.
    """
    kept = tuple(s for s in answer.sentences if is_grounded(s))
    if kept == answer.sentences:
        return answer
    sentences = kept or (Sentence(say("unknown", language)),)
    return Answer(sentences, answer.focus, answer.current, answer.asks)


def is_grounded(sentence: Sentence) -> bool:
    """Whether each figure of a sentence stands in one of its facts, or is part of a cited id."""
    text = re.sub(r"^\d+\. ", "", sentence.text)
    for fact in sentence.facts:
        for quoted in (fact.citation.id, *fact.citation.id.split("|"), fact.text):
            text = re.sub(rf"(?<![\d.,]){re.escape(quoted)}(?!\d|[.,]\d)", " ", text)
    known = {figure.value for fact in sentence.facts for figure in figures(fact.text)}
    return all(figure.value in known for figure in figures(text))


def _facts(card: Card, names: Iterable[str], language: Language) -> list[Fact]:
    return [fact for name in names if (fact := card.fact(name, language))]


def _titled(title: Fact | None, card: Card, language: Language) -> str:
    name = title.text if title else card.id
    return f"{name}（{card.id}）" if language == "zh" else f"{name} ({card.id})"


def _with_unit(fact: Fact, language: Language) -> str:
    if fact.citation.field != "years_experience":
        return fact.text
    return f"{fact.text} 年经验" if language == "zh" else f"{fact.text} years of experience"


def _shown(card: Card) -> Shown:
    return Shown("talent" if card.entity == "talent" else "job", card.id)
