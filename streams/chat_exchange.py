"""One message's talk with a model: what it is asked, the tools that it calls, and what of its words may be said."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from processors.chat.answers import Answer
from processors.chat.conversation import Conversation
from processors.chat.placeholders import Placeholders, Restorer, restored
from processors.chat.prompt import fenced, numbered, opening
from processors.chat.worded import Worded, certain, worded
from schemas.base import Language
from schemas.chat import Participant
from schemas.completions import Completions, Heard, Prompt, PromptMessage, Spending, ToolCall
from streams.chat_lookups import LookupRefusedError, Lookups
from streams.chat_tools import Tools

MAX_ROUNDS = 4
"""In which a model may call tools for one answer."""
MAX_CALLS = 4
"""Of one round; more are not carried out."""


class Asked(NamedTuple):
    """What a participant asked, and what rules would answer."""

    text: str
    participant: Participant
    language: Language
    draft: Answer
    today: date


class Said(NamedTuple):
    """What of a model's words may be said, and whose they are."""

    worded: Worded
    provider: str


class Exchange:
    """Asks for one answer. Texts leave without personal data and come back with it."""

    def __init__(self, asked: Asked, state: Conversation, tools: Tools, models: Completions) -> None:
        self.hidden = Placeholders(state.private, state.private_before)
        self._asked = asked
        self._state = state
        self._tools = tools
        self._models = models
        self._lookups = Lookups(tools, asked.participant, state, asked.language, asked.today)
        self._facts = numbered(fact for sentence in asked.draft.sentences for fact in sentence.facts)
        self._lookups.see(self._facts.values())
        self._learned: set[str] = set()

    async def prompt(self) -> Prompt:
        """Return what is asked first. Raises TooMuchError if it must not leave."""
        await self._learn()
        asked, with_tools = self._asked, self._models.has_tools
        messages = opening(
            asked.text, self._facts, asked.participant, self._state, asked.language, self.hidden, with_tools=with_tools
        )
        return Prompt(messages, self._lookups.offered if with_tools else ())

    async def answer(self, prompt: Prompt, until: float, spending: Spending, show: Heard) -> Said:
        """Return what may be said, and show what is certain to be while it is worded.

        Raises NoAnswerError, and TooMuchError if what a tool found must not leave.
        """
        heard = self._shown(show)
        for left in range(MAX_ROUNDS, -1, -1):
            completion = await self._models.complete(prompt._replace(may_call=left > 0), until, spending, heard)
            if not completion.calls or not left:
                break
            heard("")
            results = [await self._called(n, call) for n, call in enumerate(completion.calls)]
            calls = PromptMessage("assistant", completion.text, completion.calls)
            prompt = prompt._replace(messages=(*prompt.messages, calls, *results))
        text = restored(completion.text, self.hidden)
        return Said(self._worded(text, whole=completion.whole), completion.provider)

    def _worded(self, text: str, *, whole: bool = True) -> Worded:
        return worded(text, self._facts, self._asked.draft, self._asked.language, whole=whole)

    def _shown(self, show: Heard) -> Heard:
        """Return what shows the sentences of a text that is still coming, each as soon as it is certain to stay."""
        sure = ""

        def heard(text: str) -> None:
            nonlocal sure
            before, sure = sure, certain(Restorer(self.hidden).feed(text))
            if sure != before:
                answer = self._worded(sure).answer
                show(answer.text if answer else "")

        return heard

    async def _called(self, number: int, call: ToolCall) -> PromptMessage:
        try:
            if number >= MAX_CALLS:
                raise LookupRefusedError(f"at most {MAX_CALLS} calls at a time")
            found = numbered(await self._lookups.call(self._restored(call)), list(self._facts))
        except LookupRefusedError as refused:
            return PromptMessage("tool", f"refused: {refused}", answers=call.id)
        await self._learn()
        self._facts |= found
        return PromptMessage("tool", fenced(found, self.hidden) if found else "nothing found", answers=call.id)

    def _restored(self, call: ToolCall) -> ToolCall:
        return ToolCall(call.id, call.name, restored(call.arguments, self.hidden))

    async def _learn(self) -> None:
        """Learn what is personal of the people who are spoken of: their ids, names and contacts."""
        own = self._asked.participant.id if self._asked.participant.kind == "candidate" else None
        people = {shown.id for shown in self._lookups.seen if shown.entity == "talent"} | ({own} if own else set())
        if new := sorted(people - self._learned):
            self._learned |= people
            self.hidden.know("TALENT", *new)
            for card in await self._tools.cards("talent", new):
                fields = card.fields
                self.hidden.know("NAME", fields.get("name"))
                self.hidden.know("PHONE", *_texts(fields.get("phones")))
                self.hidden.know("EMAIL", *_texts(fields.get("emails")))


def _texts(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()
