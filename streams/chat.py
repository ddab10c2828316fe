"""The chat stage: each message gets one outcome, however often it is delivered.

What is generated may differ each time, so it is decided once: the turn with its reply is stored, then published, then
the state is saved. A message that comes again finds its turn and is answered with the same bytes.
"""

import asyncio
import hashlib
from collections.abc import Container, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import NamedTuple, Protocol

from opentelemetry.trace import SpanKind, format_trace_id

from processors.chat import answers
from processors.chat.answers import Answer
from processors.chat.asked import asked_in
from processors.chat.conversation import Conversation, Effect, Shown, apply
from processors.chat.days import day_in
from processors.chat.intents import IntentReader
from processors.chat.notices import Manners, Notices, heard, kept
from processors.chat.plan import Plan, ids_in, plan, watching
from processors.chat.understanding import Understanding, understand
from schemas import semconv
from schemas.base import Language
from schemas.chat import (
    REPLY,
    ChatClosed,
    ChatEvent,
    ChatHandover,
    ChatMessage,
    ChatNotice,
    ChatReply,
    Outcome,
    decode_chat,
)
from schemas.completions import Heard, unheard
from schemas.envelope import Envelope, derived_id, timestamp
from schemas.errors import BadMessageError
from schemas.settings import ChatSettings
from schemas.topics import CHAT_REPLIES
from sinks.conversations import TURNS, ConversationStore, Turn
from sinks.topic_sink import Message, TopicSink, refuse_oversized
from streams.chat_deltas import Partial, Send
from streams.chat_handovers import Handovers
from streams.chat_tools import Tools
from streams.delivery import Delivery, Inbound
from streams.tracing import batch_span, child_span, event_attributes

AT_ONCE = 8
"""Conversations of a batch that are worked on side by side."""


class Decided(NamedTuple):
    """What becomes of one message: its effect on the state, and the reply."""

    effect: Effect
    reply: ChatReply


class Answerer(Protocol):
    """Decides what is answered."""

    async def decide(
        self,
        event: ChatEvent,
        message: ChatMessage,
        state: Conversation,
        until: float | None = None,
        show: Heard = unheard,
    ) -> Decided:
        """Return what becomes of a message after the turns before it.

        Providers are waited for `until` then, by the event loop's clock; None for as long as the settings say. What is
        certain to be in the answer is shown while they word it.
        """
        ...

    async def announce(self, subject: Shown | None, ids: Sequence[str], language: Language) -> Answer:
        """Return the answer that tells of new matches of a talent or job, or of new candidates of a search (None).

        It lists none if they are none any more.
        """
        ...


class Draft(NamedTuple):
    """What rules make of a message."""

    planned: Plan
    found: Understanding
    answer: Answer


class ChatStage:
    """Answers messages, conversation by conversation in the log's order."""

    name = "chat"
    operation = "process"

    def __init__(
        self,
        store: ConversationStore,
        answerer: Answerer,
        results: TopicSink,
        settings: ChatSettings | None = None,
        send_delta: Send = lambda message: None,
        ahead: Handovers | None = None,
    ) -> None:
        self._store = store
        self._answerer = answerer
        self._results = results
        self._send_delta = send_delta
        self._ahead = ahead or Handovers()
        settings = settings or ChatSettings()
        self._burst = timedelta(milliseconds=settings.debounce_ms)
        self._patience = settings.deadline_ms / 1000
        self._manners = Manners(settings.quiet_from, settings.quiet_to, settings.daily_notices)

    def decode(self, message: Inbound) -> ChatEvent:
        """Return the event; raises BadMessageError."""
        return decode_chat(message.key, message.value, message.headers)

    def attributes(self, item: ChatEvent) -> dict[str, str]:
        """Return what identifies the event on its span."""
        return event_attributes(item.envelope)

    async def process(self, deliveries: Sequence[Delivery[ChatEvent]]) -> None:
        """Give each message its outcome: store the turns, publish the replies, save the states."""
        known, states = await asyncio.gather(
            self._store.known(turn_id(d.item) for d in deliveries),
            self._store.states({d.item.conversation for d in deliveries}),
        )
        groups: dict[str, list[Delivery[ChatEvent]]] = {}
        for delivery in deliveries:
            groups.setdefault(delivery.item.conversation, []).append(delivery)
        limit = asyncio.Semaphore(AT_ONCE)
        # One for the whole batch: however many wait for a slow provider, the batch ends, and the next begins.
        until = asyncio.get_running_loop().time() + self._patience

        async def work(group: list[Delivery[ChatEvent]]) -> Conversation:
            async with limit:
                return await self._converse(group, known, states[group[0].item.conversation], until)

        ended = await asyncio.gather(*map(work, groups.values()), return_exceptions=True)
        if failed := next((e for e in ended if isinstance(e, BaseException)), None):
            raise failed
        turns = [known[turn_id(d.item)] for d in deliveries]
        with batch_span(f"write {TURNS}", deliveries, {semconv.DB_SYSTEM: "mongodb"}):
            await self._store.settle(
                [turn for turn in turns if turn.reply and not turn.published],
                [state for state in ended if isinstance(state, Conversation)],
            )

    async def _converse(
        self, group: Sequence[Delivery[ChatEvent]], known: dict[str, Turn], state: Conversation, until: float
    ) -> Conversation:
        """Decide what has not been decided yet of one conversation, and publish it, in order; return its state then."""
        held_back: list[ChatMessage] = []
        for delivery, following, is_taken in zip_longest(group, group[1:], _taken_since(group)):
            event = delivery.item
            partial = Partial(delivery, state.number + 1, self._send_delta)
            turn = known.get(turn_id(event))
            if turn is None:
                is_merged = following is not None and self._is_burst(event, following.item, known)
                is_taken = is_taken or self._ahead.taken_after(delivery.inbound)
                with child_span(delivery.span, "decide", {}):
                    effect, reply = await self._decided(
                        event, state, held_back, until, partial.show, is_merged=is_merged, is_taken=is_taken
                    )
                # Looked at again: nobody is talked over who has taken the conversation meanwhile.
                if effect.kind == "user" and self._ahead.taken_after(delivery.inbound):
                    partial.show("")
                    effect = Effect(
                        "user", participant=effect.participant, tokens=effect.tokens, private=effect.private
                    )
                    reply = _reply(event, state.number + 1, "silent", state.language)
                turn = _turn(delivery, state.number + 1, effect, reply)
                with child_span(delivery.span, f"insert {TURNS}", {semconv.DB_SYSTEM: "mongodb"}, SpanKind.CLIENT):
                    await self._store.add(turn)
                known[turn.id] = turn
                state = apply(state, effect)
            elif turn.digest != digest(delivery.inbound):
                raise BadMessageError("id_reused", "this ce_id has come before with other content")
            elif turn.published:
                delivery.outcome = "unchanged"
            await self._publish(delivery, turn)
            partial.end(reply_id(turn.id))
            said = event.content if isinstance(event.content, ChatMessage) else None
            held_back = [*held_back, said] if said and turn.outcome == "merged" else []
        return state

    def _is_burst(self, event: ChatEvent, following: ChatEvent, known: Container[str]) -> bool:
        """Whether the next message comes so soon that it is answered for both, or the next notice tells both."""
        if turn_id(following) in known or turn_id(following) == turn_id(event):
            return False  # it has come before: nothing more becomes of it
        one, other = event.content, following.content
        if isinstance(one, ChatNotice) and isinstance(other, ChatNotice):
            return True
        return (
            bool(self._burst)
            and isinstance(one, ChatMessage)
            and isinstance(other, ChatMessage)
            and one.role == other.role == "user"
            and one.participant == other.participant
            and abs(following.envelope.time - event.envelope.time) <= self._burst
        )

    async def _decided(
        self,
        event: ChatEvent,
        state: Conversation,
        held_back: Sequence[ChatMessage],
        until: float,
        show: Heard,
        *,
        is_merged: bool,
        is_taken: bool,
    ) -> tuple[Effect, ChatReply | None]:
        content = event.content
        if isinstance(content, ChatClosed):
            return Effect("closed"), None
        if isinstance(content, ChatHandover):
            back = timestamp(event.envelope.time + timedelta(minutes=content.minutes))
            return Effect(content.status, with_person_until=back if content.status == "taken" else None), None
        if isinstance(content, ChatNotice):
            return await self._announced(event, content, state, is_merged=is_merged)
        speaker = content.participant.name
        if content.role == "user" and state.participant not in ("", speaker):
            raise BadMessageError("participant_changed", "a conversation belongs to the participant who began it")
        if content.role != "user" or is_taken or state.is_with_person(event.envelope.time):
            asks = asked_in(content.text) if content.role == "assistant" else None
            of = speaker if content.role == "user" else ""
            silent = Effect(content.role, participant=of, asks=asks)
            return silent, _reply(event, state.number + 1, "silent", state.language)
        if is_merged:
            return Effect("user", participant=speaker), _reply(event, state.number + 1, "merged", state.language)
        if held_back:
            said = [*held_back, content]  # what one of them may not be told, none is
            joined = {"text": "\n".join(m.text for m in said), "contacts": all(m.contacts for m in said)}
            content = content.model_copy(update=joined)
        return await self._answerer.decide(event, content, state, until, show)

    async def _announced(
        self, event: ChatEvent, notice: ChatNotice, state: Conversation, *, is_merged: bool
    ) -> Decided:
        """Decide about a notice: told with what waits, kept for later, or silent for who has not asked for it."""
        recruits, at = notice.participant.kind == "recruiter", event.envelope.time
        is_of_before = recruits and notice.job_id not in (None, state.notices.job)
        if state.notices.since is None or state.participant != notice.participant.name or is_of_before:
            return Decided(Effect("notice"), _reply(event, state.number + 1, "silent", state.language))
        news = notice.talent_id if recruits else notice.job_id
        ids = [news] if news else []
        told: tuple[str, ...] = ()
        if is_merged:
            after = kept(state.notices, ids, at)
        else:
            after, told = heard(state.notices, ids, at, self._manners, not_before=state.with_person_until)
        if not told:
            effect = Effect("notice", notices=after)
            return Decided(effect, _reply(event, state.number + 1, "merged", state.language))
        subject = Shown("talent", notice.participant.id or "") if not recruits else None
        if after.job:
            subject = Shown("job", after.job)
        answer = await self._answerer.announce(subject, told, state.language)
        outcome: Outcome = "replied" if answer.focus else "silent"
        effect = Effect("notice", focus=answer.focus, notices=after)
        return Decided(effect, _reply(event, state.number + 1, outcome, state.language, answer))

    async def _publish(self, delivery: Delivery[ChatEvent], turn: Turn) -> None:
        """Publish a reply at once: it waits neither for the conversation's next answer nor for another's."""
        if not turn.reply or turn.published:
            return
        message = _message(delivery, turn)
        refuse_oversized([message])
        attributes = {semconv.SYSTEM: "kafka", semconv.OPERATION_TYPE: "send", semconv.DESTINATION: CHAT_REPLIES}
        with child_span(delivery.span, f"publish {CHAT_REPLIES}", attributes, SpanKind.PRODUCER):
            await self._results.publish([message])


class Templates:
    """Answers by rules and templates: always there, and never says what no record says."""

    def __init__(self, tools: Tools, intents: IntentReader, settings: ChatSettings | None = None) -> None:
        self._tools = tools
        self._intents = intents
        self._handover = timedelta(minutes=(settings or ChatSettings()).handover_minutes)

    async def decide(
        self,
        event: ChatEvent,
        message: ChatMessage,
        state: Conversation,
        until: float | None = None,
        show: Heard = unheard,
    ) -> Decided:
        """Return what becomes of a message after the turns before it; it is there as a whole at once."""
        return self.decided(event, message, state, await self.draft(event, message, state))

    async def draft(self, event: ChatEvent, message: ChatMessage, state: Conversation) -> Draft:
        """Return what rules make of a message."""
        found = await asyncio.to_thread(self._understood, event, message, state)
        planned = plan(message.text, found, state, message.participant, contacts=message.contacts)
        if planned.act == "subscribe" and message.participant.kind == "recruiter":
            planned = await self._subscribed(planned, message.text)
        answer = await self._answer(planned, event, message, found)
        return Draft(planned, found, answers.checked(answer, found.language))

    def decided(self, event: ChatEvent, message: ChatMessage, state: Conversation, draft: Draft) -> Decided:
        """Return what becomes of a message with this answer."""
        planned, found, answer = draft
        until = event.envelope.time + self._handover if planned.act == "hand_over" else None
        effect = _effect(event, message, planned, found, answer, until)
        reply = _reply(event, state.number + 1, "replied", found.language, answer)
        return Decided(effect, reply.model_copy(update={"handed_over": until is not None}))

    async def announce(self, subject: Shown | None, ids: Sequence[str], language: Language) -> Answer:
        """Return the answer that tells of new matches of a talent or job, or of new candidates of a search (None)."""
        cards = await (self._tools.matched(subject, ids) if subject else self._tools.available(ids))
        kind: answers.Listed = "new_job" if subject and subject.entity == "talent" else "new_talent"
        return answers.checked(answers.listing(cards, kind, language, can_widen=False), language)

    def _understood(self, event: ChatEvent, message: ChatMessage, state: Conversation) -> Understanding:
        (guess,) = self._intents.read([message.text])
        return understand(
            message.text,
            guess,
            state,
            message.language,
            recruits=message.participant.kind == "recruiter",
            today=day_in(message.timezone, event.envelope.time),
            zone=message.timezone,
        )

    async def _subscribed(self, planned: Plan, text: str) -> Plan:
        """Return what to do about a recruiter's wish to hear of candidates: a job that the text names goes first."""
        if named := await self._tools.cards("job", ids_in(text)):
            return Plan("subscribe", "subscribe_job", about=(Shown("job", named[0].id),))
        if planned.about or planned.say == "subscribe_search":
            return planned
        return Plan("ask", "subscribe_which", asks="which")

    async def _answer(self, planned: Plan, event: ChatEvent, message: ChatMessage, found: Understanding) -> Answer:
        language, tools = found.language, self._tools
        match planned.act:
            case "find":
                cards = await tools.find(planned)
                jobs = planned.goal == "jobs"
                if planned.behind:
                    if not cards:
                        return answers.simply("no_more", language)
                    return answers.listing(cards, "more_jobs" if jobs else "more_talents", language, can_widen=False)
                return answers.listing(cards, "job" if jobs else "talent", language, can_widen=_is_narrow(planned))
            case "explain":
                shown = planned.about[0]
                return answers.explanation(await tools.match_for(message.participant, shown), shown, language)
            case "compare":
                cards = [card for shown in planned.about if (card := await tools.card(shown))]
                return answers.comparison(cards, language) if cards else answers.simply("gone", language)
            case "pay" | "company" | "reach":
                card = await tools.card(planned.about[0])
                if card is None:
                    return answers.simply("gone", language)
                if planned.act == "pay":
                    return answers.pay(card, language)
                if planned.act == "reach":
                    return answers.reach(card, language)
                return answers.company(await tools.employer(card), card, language)
            case "subscribe" if planned.about:
                card = await tools.card(planned.about[0])
                return answers.listing([card] if card else [], "subscribed", language, can_widen=False)
            case "status":
                return answers.status(await tools.outcomes(message.participant.id or ""), language)
            case "advise":
                card = await tools.card(Shown("talent", message.participant.id or ""))
                if card is None:
                    return answers.simply("advice_none", language)
                return answers.advice(await tools.advice(card, event.envelope.time.date()), card, language)
            case _:
                return answers.simply(planned.say, language, asks=planned.asks)


def _taken_since(group: Sequence[Delivery[ChatEvent]]) -> list[bool]:
    """Return of each event of a conversation whether a person has taken it since: who has it has read what was said."""
    found: list[bool] = []
    is_taken = False
    for delivery in reversed(group):
        found.append(is_taken)
        if isinstance(delivery.item.content, ChatHandover):
            is_taken = delivery.item.content.status == "taken"
    return found[::-1]


def turn_id(event: ChatEvent) -> str:
    """Return the id of an event's turn: the same however often it comes."""
    return derived_id("chat-turn", event.conversation, event.envelope.source, event.envelope.id)


def reply_id(turn: str) -> str:
    """Return the `ce_id` of the reply of a turn, by the turn's id."""
    return derived_id("chat-reply", turn)


def digest(message: Inbound) -> str:
    """Return what tells two contents under one event id apart."""
    return hashlib.sha256((message.value or b"") + b"\x00" + dict(message.headers).get("ce_type", b"")).hexdigest()


def _is_narrow(planned: Plan) -> bool:
    criteria = planned.criteria
    ranges = (criteria.years, criteria.salary)
    return bool(criteria.places or criteria.employment) or criteria.remote or ranges != ((None, None), (None, None))


def _effect(
    event: ChatEvent, message: ChatMessage, planned: Plan, found: Understanding, answer: Answer, until: datetime | None
) -> Effect:
    return Effect(
        "user",
        participant=message.participant.name,
        language=found.language,
        intent=found.intent,
        edits=found.edits,
        goal=planned.goal,
        query=planned.query,
        focus=answer.focus,
        current=answer.current,
        asks=answer.asks,
        goes_on=planned.say == "more",
        returns_to=planned.returns_to,
        with_person_until=timestamp(until) if until else None,
        notices={
            "subscribe": Notices(
                event.envelope.timestamp,
                message.timezone,
                job="".join(shown.id for shown in planned.about),
                search=watching(planned) if planned.say == "subscribe_search" else "",
            ),
            "unsubscribe": Notices(),
        }.get(planned.act),
    )


def _reply(
    event: ChatEvent, number: int, outcome: Outcome, language: Language, answer: Answer | None = None
) -> ChatReply:
    return ChatReply(
        conversation_id=event.conversation,
        in_reply_to=event.envelope.id,
        number=number,
        outcome=outcome,
        text=answer.text if answer else "",
        language=language,
        citations=answer.citations if answer else [],
        focus=[shown.id for shown in answer.focus or ()] if answer else [],
    )


def _turn(delivery: Delivery[ChatEvent], number: int, effect: Effect, reply: ChatReply | None) -> Turn:
    event = delivery.item
    return Turn(
        id=turn_id(event),
        conversation=event.conversation,
        number=number,
        event_id=event.envelope.id,
        digest=digest(delivery.inbound),
        time=event.envelope.timestamp,
        participant=effect.participant,
        kind=effect.kind,
        text=event.content.text if isinstance(event.content, ChatMessage) else "",
        effect=effect,
        outcome=reply.outcome if reply else "",
        reply=reply.model_dump_json().encode() if reply else None,
        trace=format_trace_id(delivery.span.get_span_context().trace_id),
    )


def _message(delivery: Delivery[ChatEvent], turn: Turn) -> Message:
    cause = delivery.item.envelope
    envelope = Envelope(
        id=reply_id(turn.id),
        source="looma/chat",
        type=REPLY,
        subject=turn.conversation,
        time=datetime.fromisoformat(turn.time),
    )
    headers = delivery.derived_headers(envelope.headers("chat-reply"))
    return Message(CHAT_REPLIES, cause.subject.encode(), turn.reply, headers)
