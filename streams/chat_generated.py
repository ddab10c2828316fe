"""Answers in a provider's words: rules find the facts, a model words them, rules check each sentence.

Whatever fails on the way, the answer that the rules have made is published instead.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from loguru import logger

from processors.chat.answers import Answer
from processors.chat.conversation import Conversation, Shown
from processors.chat.placeholders import TooMuchError
from processors.chat.protected import asks_protected
from processors.chat.tokens import of_prompt
from schemas.base import Language
from schemas.chat import ChatEvent, ChatMessage
from schemas.completions import Completions, Heard, NoAnswerError, Spending, unheard
from schemas.settings import ChatSettings
from sinks.chat_budget import DayBudget
from streams.chat import Decided, Draft, Templates
from streams.chat_exchange import Asked, Exchange, Said
from streams.chat_tools import Tools
from streams.metrics import chat_answers, chat_dropped, chat_tokens

RESERVED_TOKENS = 1000
"""Beside those of the prompt, until it is known what an answer has used."""
_WORDED = frozenset(("find", "explain", "compare", "pay", "company", "status", "advise"))
_OPEN = "out_of_scope"
"""What rules say where they know nothing to do: a model with tools may look for facts there."""


class Generated:
    """Has answers worded by providers, within a deadline and budgets."""

    def __init__(
        self, templates: Templates, tools: Tools, models: Completions, budget: DayBudget, settings: ChatSettings
    ) -> None:
        self._templates = templates
        self._tools = tools
        self._models = models
        self._budget = budget
        self._settings = settings

    async def decide(
        self,
        event: ChatEvent,
        message: ChatMessage,
        state: Conversation,
        until: float | None = None,
        show: Heard = unheard,
    ) -> Decided:
        """Return what becomes of a message after the turns before it, and show it while a provider words it."""
        draft = await self._templates.draft(event, message, state)
        if not self._may_word(draft, message, state):
            return self._templates.decided(event, message, state, draft)
        if until is None:
            until = asyncio.get_running_loop().time() + self._settings.deadline_ms / 1000
        asked = Asked(message.text, message.participant, draft.found.language, draft.answer, event.envelope.time.date())
        exchange, spending = Exchange(asked, state, self._tools, self._models), Spending()
        said = await self._said(exchange, until, spending, show)
        if said and said.worded.answer:
            draft = draft._replace(answer=said.worded.answer)
            show(draft.answer.text)
        else:
            show("")
        decided = self._templates.decided(event, message, state, draft)
        effect = replace(decided.effect, tokens=spending.tokens, private=exchange.hidden.new)
        by = said.provider if said and said.worded.answer else decided.reply.provider
        _measure(by, spending, said)
        return Decided(effect, decided.reply.model_copy(update={"provider": by, "usage": spending.usage}))

    async def announce(self, subject: Shown | None, ids: Sequence[str], language: Language) -> Answer:
        """Return the answer that tells of new matches; no provider is asked where nobody has asked."""
        return await self._templates.announce(subject, ids, language)

    def _may_word(self, draft: Draft, message: ChatMessage, state: Conversation) -> bool:
        if asks_protected(message.text) or state.tokens >= self._settings.conversation_tokens:
            return False
        if draft.planned.act in _WORDED:
            return any(sentence.facts for sentence in draft.answer.sentences)
        return draft.planned.say == _OPEN and self._models.has_tools

    async def _said(self, exchange: Exchange, until: float, spending: Spending, show: Heard) -> Said | None:
        """Return what a provider says; None if there is nothing."""
        try:
            async with asyncio.timeout_at(until):
                prompt = await exchange.prompt()
                reserved = of_prompt(prompt) + RESERVED_TOKENS
                day = await self._budget.reserve(reserved)
        except (TimeoutError, TooMuchError) as error:
            logger.info("chat: no provider is asked: {}", error or "no time is left")
            return None
        if day is None:
            logger.warning("chat: no provider is asked: the day's budget is spent")
            return None
        said = None
        try:
            async with asyncio.timeout_at(until):
                said = await exchange.answer(prompt, until, spending, show)
        except (NoAnswerError, TimeoutError, TooMuchError) as error:
            logger.warning("chat: templates answer: {}", error or "the time is up")
        except Exception as error:  # of a store that a tool asks: asking all over again would be paid for again
            logger.opt(exception=error).error("chat: templates answer: {}", type(error).__name__)
        await self._budget.settle(day, reserved, spending)
        return said


def _measure(by: str, spending: Spending, said: Said | None) -> None:
    chat_answers.add(1, {"provider": by})
    chat_tokens.add(spending.prompt_tokens, {"direction": "in"})
    chat_tokens.add(spending.completion_tokens, {"direction": "out"})
    if said:
        for reason, count in said.worded.dropped.items():
            chat_dropped.add(count, {"provider": said.provider, "reason": reason})
