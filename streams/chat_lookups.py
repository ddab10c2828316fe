"""Tools that a provider's model may call. They only read, and only what the participant may see: code decides that.

Filters come from the participant and the conversation. A model gives words to search for, and names records that this
participant has already been shown or that its searches have found; nothing that it writes reaches further.
"""

import json
from collections.abc import Iterable
from datetime import date

from processors.chat import answers
from processors.chat.conversation import Conversation, Goal, Shown
from processors.chat.facts import Fact
from processors.chat.plan import Plan, Without, criteria_of
from processors.chat.protected import asks_protected
from processors.unicode import visible
from schemas.base import Language
from schemas.chat import Participant
from schemas.completions import Tool, ToolCall
from streams.chat_tools import Tools

MAX_QUERY = 200
MAX_ARGUMENTS = 4000
_NOTHING = {"type": "object", "properties": {}}


class LookupRefusedError(Exception):
    """A tool cannot be called so; the text tells the model why."""


def _with(name: str, what: str) -> dict[str, object]:
    return {"type": "object", "properties": {name: {"type": "string", "description": what}}, "required": [name]}


_SEARCH_JOBS = Tool("search_jobs", "Search open jobs.", _with("query", "role and skills in a few words"))
_SEARCH_CANDIDATES = Tool("search_candidates", "Search candidates.", _with("query", "role and skills in a few words"))
_READ = Tool("read_record", "Read a job or candidate of the facts.", _with("id", "its id, as the facts have it"))
_EXPLAIN = Tool("explain_match", "Say why a job or candidate of the facts fits.", _with("id", "its id"))
_APPLICATIONS = Tool("my_applications", "What became of the asker's applications.", _NOTHING)
_ADVICE = Tool("my_resume_advice", "Advice on the asker's resume.", _NOTHING)
_OFFERED = {
    "anonymous": (_SEARCH_JOBS, _READ),
    "candidate": (_SEARCH_JOBS, _READ, _EXPLAIN, _APPLICATIONS, _ADVICE),
    "recruiter": (_SEARCH_JOBS, _SEARCH_CANDIDATES, _READ, _EXPLAIN),
}


class Lookups:
    """The tools of one message. `seen` are the records that a model may name."""

    def __init__(
        self, tools: Tools, participant: Participant, state: Conversation, language: Language, today: date
    ) -> None:
        self._tools = tools
        self._participant = participant
        self._state = state
        self._language = language
        self._today = today
        self.seen = set(state.focus) | ({state.current} if state.current else set())
        self.offered = _OFFERED[participant.kind]

    def see(self, facts: Iterable[Fact]) -> None:
        """Take note of records that the participant is shown."""
        for fact in facts:
            if fact.citation.entity in ("talent", "job"):
                self.seen.add(Shown("talent" if fact.citation.entity == "talent" else "job", fact.citation.id))

    async def call(self, call: ToolCall) -> list[Fact]:
        """Return what a tool finds. Raises LookupRefusedError."""
        if call.name not in {tool.name for tool in self.offered}:
            raise LookupRefusedError("there is no such tool")
        match call.name:
            case "search_jobs":
                return await self._found("jobs", _argument(call, "query"))
            case "search_candidates":
                return await self._found("candidates", _argument(call, "query"))
            case "read_record":
                card = await self._tools.card(self._named(call))
                return answers.described(card, self._language) if card else []
            case "explain_match":
                return await self._explained(self._named(call))
            case "my_applications":
                outcomes = await self._tools.outcomes(self._participant.id or "")
                return self._facts(answers.status(outcomes, self._language))
            case _:
                card = await self._tools.card(Shown("talent", self._participant.id or ""))
                said = await self._tools.advice(card, self._today) if card else []
                return self._facts(answers.advice(said, card, self._language)) if card else []

    async def _found(self, goal: Goal, query: str) -> list[Fact]:
        if goal == "candidates" and asks_protected(query):
            raise LookupRefusedError("nobody is searched for by sex, age, family, ethnicity, religion or origin")
        without = Without.of(self._state)
        criteria = criteria_of(goal, self._state)
        cards = await self._tools.find(
            Plan("find", "found", goal, query=visible(query)[:MAX_QUERY], criteria=criteria, without=without)
        )
        facts = [fact for card in cards[: answers.MAX_LISTED] for fact in answers.described(card, self._language)]
        self.see(facts)
        return facts

    async def _explained(self, shown: Shown) -> list[Fact]:
        match = await self._tools.match_for(self._participant, shown)
        return self._facts(answers.explanation(match, shown, self._language))

    def _named(self, call: ToolCall) -> Shown:
        id = _argument(call, "id")
        found = next((shown for shown in self.seen if shown.id == id), None)
        if found is None:
            raise LookupRefusedError("the facts name no such record")
        return found

    def _facts(self, answer: answers.Answer) -> list[Fact]:
        facts = [fact for sentence in answer.sentences for fact in sentence.facts]
        self.see(facts)
        return facts


def _argument(call: ToolCall, name: str) -> str:
    try:
        value = json.loads(call.arguments[:MAX_ARGUMENTS])
    except (ValueError, RecursionError):
        raise LookupRefusedError("the arguments are no JSON") from None
    given = value.get(name) if isinstance(value, dict) else None
    if not isinstance(given, str) or not given.strip():
        raise LookupRefusedError(f"{name} must be a text")
    return given.strip()
