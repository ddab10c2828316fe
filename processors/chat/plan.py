"""What to do about a message: which records an answer needs, or what to ask; whose they may be, no model decides."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from processors.chat.browsing import goes_on, returns_to, starts_over
from processors.chat.conversation import MAX_QUERY, SEARCHING, Conversation, Goal, Shown, edited
from processors.chat.currency import currency_of_places
from processors.chat.protected import asks_private, asks_protected, asks_reach
from processors.chat.understanding import WIDEN, Understanding, dislikes
from processors.lexicon.places import PROVINCES, with_city
from processors.lexicon.regions import REGIONS
from processors.lexicon.script import fold, plain
from processors.matching.filters import OPEN_STATUSES
from processors.matching.profile import EDUCATION_RANKS
from processors.matching.salary import monthly_cny
from processors.resume.terms import likely_period
from processors.search.criteria import Criteria
from schemas.chat import Participant
from schemas.entities import Side

Act = Literal[
    "find",
    "explain",
    "compare",
    "pay",
    "company",
    "reach",
    "status",
    "advise",
    "subscribe",
    "unsubscribe",
    "hand_over",
    "say",
    "ask",
]
MAX_ASKED = 2
"""How often one thing is asked before options or a person are offered."""

_SURE = 0.75
"""Below it a recruiter who only names skills and a place means candidates."""


@dataclass(frozen=True, slots=True)
class Without:
    """What no record may have that is found."""

    skills: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()

    @classmethod
    def of(cls, state: Conversation) -> "Without":
        """Return what a conversation excludes."""
        skills, places, companies = (
            tuple(str(v) for v in state.excluded(slot)) for slot in ("skills", "places", "company")
        )
        return cls(skills, places, companies)


@dataclass(frozen=True, slots=True)
class Plan:
    """One act with what it is about. `say` names wording; `asks` is the slot of a question, empty for a yes or no.

    What is found is none of `behind`, which were shown before. `returns_to` is the turn of an earlier search.
    """

    act: Act
    say: str = ""
    goal: Goal | None = None
    query: str | None = None
    criteria: Criteria = field(default_factory=Criteria)
    without: Without = field(default_factory=Without)
    about: tuple[Shown, ...] = ()
    asks: str | None = None
    behind: tuple[str, ...] = ()
    returns_to: int | None = None


def plan(
    text: str, found: Understanding, state: Conversation, participant: Participant, *, contacts: bool = False
) -> Plan:
    """Return what to do. Access follows from the participant, which the publisher has authenticated.

    With `contacts` a recruiter may be told how to reach candidates.
    """
    recruits = participant.kind == "recruiter"
    if recruits and contacts and asks_reach(text) and not asks_private(text):
        about = _spoken_of(found, state)
        return Plan("reach", about=about[:1]) if about else Plan("ask", "ask_which", asks="which")
    if found.intent in SEARCHING and state.goal and goes_on(text, found.edits, state):
        criteria, without = criteria_of(state.goal, state), Without.of(state)
        return Plan(
            "find", "more", state.goal, query=state.query, criteria=criteria, without=without, behind=state.listed
        )
    if found.intent in SEARCHING and (earlier := returns_to(text, found.edits, state)):
        back = replace(state, goal=earlier.goal, query=earlier.query, slots=earlier.slots)
        return replace(
            _find(earlier.goal, text, found, back, participant, words=earlier.query), returns_to=earlier.turn
        )
    match found.intent:
        case "handover":
            return Plan("hand_over", "handed_over")
        case "bot_question":
            return Plan("say", "bot")
        case "greeting_thanks":
            return Plan("say", _courtesy(text))
        case "find_candidates":
            return _find("candidates", text, found, state, participant)
        case "find_jobs":
            meant: Goal = "candidates" if recruits and found.confidence < _SURE else "jobs"
            return _find(meant, text, found, state, participant)
        case "refine" | "correction":
            goal = state.goal or ("candidates" if recruits else "jobs")
            if starts_over(text, state) and all(edit.value is None for edit in found.edits):
                return Plan("ask", "ask_role", goal, query="", asks="role")
            if found.edits or (found.intent == "refine" and _says_more(text, state)):
                return _find(goal, text, found, state, participant)
            return Plan("ask", "ask_correction", asks="any")
        case "affirm" | "deny":
            return _settle(text, found, state, participant)
        case "subscribe" | "unsubscribe":
            if participant.kind == "anonymous":
                return Plan("say", "needs_identity")
            if participant.kind == "recruiter" and found.intent == "subscribe":
                return _watch(text, found, state, participant)
            return Plan(found.intent, found.intent)
        case "scheduling":
            return Plan("hand_over", "scheduling")
        case "application_status":
            return (
                Plan("status", "status") if participant.kind == "candidate" else Plan("say", "status_candidates_only")
            )
        case "resume_advice":
            return (
                Plan("advise", "advice") if participant.kind == "candidate" else Plan("say", "advice_candidates_only")
            )
        case "explain_match" | "compare" | "salary" | "company_info":
            return _about(found, state, participant)
        case _:
            return Plan("say", "out_of_scope")


def _courtesy(text: str) -> str:
    folded = plain(fold(text))
    if re.search(r"谢|感|\bthank|\bcheers\b", folded):
        return "thanks"
    return (
        "farewell" if re.search(r"再见|拜拜|回见|回聊|\b(?:bye|goodbye|see you|good night)\b", folded) else "greeting"
    )


def _watch(text: str, found: Understanding, state: Conversation, participant: Participant) -> Plan:
    """Return what a recruiter wants to hear of: a job that is pointed at, else a search, else the job spoken of last."""
    pointed = tuple(shown for shown in found.points_at if shown.entity == "job")
    if not pointed and (found.edits or (state.goal == "candidates" and state.query)):
        wanted = _find("candidates", _WISH.sub(" ", text), found, state, participant)
        if wanted.act != "find":
            return wanted
        return replace(wanted, act="subscribe", say="subscribe_search")
    current = (state.current,) if state.current and state.current.entity == "job" else ()
    return Plan("subscribe", "subscribe_job", about=(pointed or current)[:1])


def watching(wanted: Plan) -> str:
    """Return a search for candidates in one line, for `watched` to read."""
    criteria = wanted.criteria
    return json.dumps(
        {
            "query": wanted.query or "",
            "places": criteria.places[:MAX_WATCHED],
            "years": criteria.years,
            "salary": criteria.salary,
            "education_rank": criteria.education_rank,
            "remote": criteria.remote,
            "employment": criteria.employment,
            "without": {name: values[:MAX_WATCHED] for name, values in asdict(wanted.without).items()},
        },
        ensure_ascii=False,
    )


def watched(search: str) -> Plan:
    """Return the search that `watching` has written."""
    body = json.loads(search)
    criteria = Criteria(
        tuple(body["places"]),
        tuple(body["years"]),
        tuple(body["salary"]),
        body["education_rank"],
        statuses=tuple(OPEN_STATUSES["talent"]),
        remote=body["remote"],
        employment=tuple(body["employment"]),
    )
    without = Without(**{name: tuple(values) for name, values in body["without"].items()})
    return Plan("find", "found", "candidates", query=body["query"], criteria=criteria, without=without)


def _find(
    goal: Goal,
    text: str,
    found: Understanding,
    state: Conversation,
    participant: Participant,
    *,
    words: str | None = None,
) -> Plan:
    if goal == "candidates" and participant.kind != "recruiter":
        return Plan("say", "recruiters_only")
    if goal == "candidates" and asks_protected(text):
        return Plan("say", "no_protected")
    slots = edited(state.slots, found.edits, state.number + 1)
    after = replace(state, slots=slots)
    query = whole_query(_words(text, found, state, after) if words is None else words, state, after)
    if not query.strip() and not slots:
        return Plan("ask", "ask_role", goal=goal, asks="role")
    return Plan(
        "find",
        "found",
        goal,
        query=query,
        criteria=criteria_of(goal, after),
        without=Without.of(after),
    )


def _words(text: str, found: Understanding, state: Conversation, after: Conversation) -> str:
    """Return the words to search for by a message: its own if it names a role or begins, else those before, or both."""
    own = query_of(text, after)
    names_role = any(edit.slot == "role" and edit.operation in ("set", "add") for edit in found.edits)
    if not state.query or starts_over(text, state) or (names_role and found.intent in ("find_jobs", "find_candidates")):
        return own
    return state.query if found.edits else f"{state.query} {own}"


def _says_more(text: str, state: Conversation) -> bool:
    """Whether a message without a value adds words to a search: `要有驾照的`. What must not be, words cannot say."""
    return bool(state.query and query_of(text, state)) and _NEGATES.search(fold(text)) is None


_WIDE = REGIONS | frozenset(PROVINCES)
MAX_WATCHED = 10
"""Places, and skills that are excluded, of a search that somebody watches."""
_WISH = re.compile(
    r"通知|提醒|订阅|訂閱|告诉我|告訴我|有新|新的|新增|以后|之后|之後|就|再|\b(?:notify|alert|tell|let me know|subscribe|new|when|whenever|about|of)\b",
    re.IGNORECASE,
)
_ID = re.compile(r"[A-Za-z][A-Za-z0-9._:-]{0,60}[0-9](?![A-Za-z0-9])")
MAX_IDS = 5


def ids_in(text: str) -> list[str]:
    """Return what may be ids of records in a text: words of Latin letters that end in a digit."""
    return list(dict.fromkeys(match[0] for match in _ID.finditer(text)))[:MAX_IDS]


_FILLER = re.compile(
    r"重新(?:开始|来)|从头(?:再)?(?:来|开始)|\bstart over\b|请(?:问|帮)?|帮我|我(?:想|要|在|是|们)?|想(?:要|找|做|换)?|找(?:份|个|一[个份位])?|有没有|有什么|有哪些|推荐|看看|搜(?:索|一下)?|一下|给我|需要|招聘?"
    r"|合适的?|适合我?的?|工作(?!经验)|职位|岗位|机会|候选人|人选|人才|简历|的|了|吗|呢|吧"
    r"|\b(?:please|can you|could you|find|show|search|looking for|i(?:'m| am)?|want|need|me|some|any|a|an|the|for|in|at|of|with|and|are there"
    r"|jobs?|positions?|roles?|openings?|work|candidates?|talents?|people|someone|who|is|we|hire|hiring)\b",
    re.IGNORECASE,
)


def query_of(text: str, state: Conversation) -> str:
    """Return the words to search for: the message without what says only that something is looked for."""
    words = _FILLER.sub(" ", text)
    for held in (h for each in ("places", "salary", "years") for h in state.slots.get(each, ())):
        if str(held.value) not in _WIDE:  # those are no filters, so their words count
            words = words.replace(held.text, " ")
    return " ".join(re.sub(r"[^\w+#./\s-]", " ", words).split())[:200]


def whole_query(words: str, before: Conversation, after: Conversation) -> str:
    """Return the words of a search with each role and skill that is looked for, and without what no longer is.

    So a message that changes a search (`Java 换成 Go`) means what it would mean without the messages before it. A search
    that names neither has the words of its values.
    """
    wanted = {slot: [h.text for h in held if h.wanted] for slot, held in after.slots.items()}
    holds = [text for texts in wanted.values() for text in texts]
    for held in (h for state in (before, after) for values in state.slots.values() for h in values):
        if held.text not in holds:
            words = _spelt(held.text).sub(" ", words)
    named = [text for slot in ("role", "skills") for text in wanted.get(slot, ())]
    missing = [text for text in named if not _spelt(text).search(words)]
    return " ".join([*words.split(), *missing] or holds)[:MAX_QUERY]


def _spelt(text: str) -> re.Pattern[str]:
    before, behind = "(?<![a-z\\d])" * text[:1].isascii(), "(?![a-z\\d])" * text[-1:].isascii()
    return re.compile(before + re.escape(text) + behind, re.IGNORECASE)


_NEGATES = re.compile(r"不|别|没|非|除|\b(?:no|not|without|except|don'?t|never|but)\b")


def criteria_of(goal: Goal, state: Conversation) -> Criteria:
    """Return what must hold for what is found: the slots, and what anybody may be shown at all."""
    # Records name cities, neither provinces, districts nor countries.
    places = tuple(dict.fromkeys(with_city(str(v)) for v in state.wanted("places") if v not in _WIDE))
    salary: tuple[float | None, float | None] = (None, None)
    for value in state.wanted("salary"):
        low, high = monthly_cny(_priced(value, places)) if isinstance(value, Mapping) else (None, None)
        # A candidate's wish is a least, a recruiter's budget a most.
        salary = (low, None) if goal == "jobs" else (None, high or low)
    years: tuple[float | None, float | None] = (None, None)
    for value in state.wanted("years"):
        years = (None, float(str(value))) if goal == "jobs" else (float(str(value)), None)
    ranks = [EDUCATION_RANKS[str(v)] for v in state.wanted("education")]
    side: Side = "job" if goal == "jobs" else "talent"
    return Criteria(
        places,
        years,
        salary,
        ranks[-1] if ranks else None,
        None,
        tuple(OPEN_STATUSES[side]),
        remote=True in state.wanted("remote"),
        employment=tuple(form for v in state.wanted("employment_type") for form in _FORMS.get(str(v), (str(v),))),
    )


_FORMS = {"contract": ("fixed_term", "agency", "freelance")}
"""What records call the forms of work that are not called so in conversations."""


def _priced(salary: Mapping[str, Any], places: Sequence[str]) -> Mapping[str, Any]:
    """Return an amount with currency and period: without them, as is usual at the places, or at home."""
    currency = salary.get("currency") or currency_of_places(places) or salary.get("assumed") or "CNY"
    amount = salary.get("minimum") or salary.get("maximum") or 0
    return {"period": likely_period(amount, currency), **salary, "currency": currency}


def _settle(text: str, found: Understanding, state: Conversation, participant: Participant) -> Plan:
    if found.intent == "deny" and dislikes(text):
        return Plan("ask", "ask_correction", asks="any")
    if state.question is None:
        return Plan("say", "thanks" if found.intent == "deny" else "anything_else")
    if state.question.slot == WIDEN and found.intent == "affirm" and state.goal:
        return _find(state.goal, text, found, state, participant, words=state.query)
    return Plan("say", "anything_else")


def _about(found: Understanding, state: Conversation, participant: Participant) -> Plan:
    about = _spoken_of(found, state)
    if found.intent == "compare" and len(about) < 2:
        about = state.focus[:2]
    if not about:
        times = state.question.times if state.question and state.question.slot == "which" else 0
        if state.goal and not state.focus:
            return Plan("say", "none_listed")
        return Plan("say", "options") if times >= MAX_ASKED else Plan("ask", "ask_which", asks="which")
    match found.intent:
        case "compare":
            return Plan("compare", "compare", about=about) if len(about) > 1 else Plan("ask", "ask_which", asks="which")
        case "salary":
            return Plan("pay", "pay", about=about[:1])
        case "company_info":
            return Plan("company", "company", about=about[:1])
        case _:
            if participant.kind == "anonymous":
                return Plan("say", "needs_identity")
            return Plan("explain", "explain", about=about[:1])


def _spoken_of(found: Understanding, state: Conversation) -> tuple[Shown, ...]:
    return found.points_at or ((state.current,) if state.current else ())
