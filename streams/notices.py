"""The notice stage: a new match of a subscriber becomes an event of their conversation, in order with what they say."""

from collections.abc import Awaitable, Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime

from opentelemetry.trace import SpanKind

from processors.chat.conversation import Conversation
from processors.chat.facts import Card
from processors.chat.plan import Plan, watched
from schemas import semconv
from schemas.base import read_data
from schemas.chat import NOTICE, ChatNotice, Participant
from schemas.envelope import Envelope, derived_id, parse_headers, timestamp
from schemas.messages import Match
from schemas.topics import CHAT_EVENTS
from sinks.conversations import ConversationStore
from sinks.topic_sink import Message, TopicSink
from streams.delivery import Delivery, Inbound
from streams.tracing import batch_span, event_attributes

SOURCE = "looma/notices"
Find = Callable[[Plan], Awaitable[list[Card]]]


@dataclass(frozen=True, slots=True)
class Result:
    """A message of `match-results`."""

    envelope: Envelope
    match: Match


class NoticeStage:
    """Publishes a notice for each conversation in which a match's talent has subscribed, or a recruiter to its job.

    A recruiter may watch a search, too: `find` makes it again, and talents with new matches who are among its best are
    news.
    """

    name = "notices"
    operation = "notify"

    def __init__(self, store: ConversationStore, results: TopicSink, find: Find) -> None:
        self._store = store
        self._results = results
        self._find = find

    def decode(self, message: Inbound) -> Result:
        """Return the match; raises BadMessageError."""
        envelope, _ = parse_headers(message.key, message.headers)
        return Result(envelope, read_data(Match, message.value))

    def attributes(self, item: Result) -> dict[str, str]:
        """Return what identifies the match on its span."""
        return event_attributes(item.envelope)

    async def process(self, deliveries: Sequence[Delivery[Result]]) -> None:
        """Publish what is news; whether it is told, and when, the conversation decides."""
        news = [d for d in deliveries if d.item.match.status == "active" and not d.inbound.is_replayed]
        subscribed = await self._store.subscribed({_candidate(d.item).name for d in news})
        watching = await self._store.watching({d.item.match.job_id for d in news})
        searching = await self._searching({d.item.match.talent_id for d in news})
        told = [
            (
                d,
                [
                    *_to_candidate(d, subscribed.get(_candidate(d.item).name, ())),
                    *_to_recruiters(d, watching.get(d.item.match.job_id, ())),
                    *_to_searchers(d, searching.get(d.item.match.talent_id, ())),
                ],
            )
            for d in news
        ]
        causes = [delivery for delivery, notices in told if notices]
        for delivery in deliveries:
            delivery.outcome = "unchanged"
        for delivery in causes:
            delivery.outcome = "applied"
        if causes:
            attributes = {semconv.SYSTEM: "kafka", semconv.OPERATION_TYPE: "send", semconv.DESTINATION: CHAT_EVENTS}
            with batch_span(f"publish {CHAT_EVENTS}", causes, attributes, SpanKind.PRODUCER):
                await self._results.publish(notice for _, notices in told for notice in notices)

    async def _searching(self, talents: Set[str]) -> dict[str, list[Conversation]]:
        """Return the conversations that watch a search among whose best talents are, by talent."""
        found: dict[str, list[Conversation]] = {}
        for state in await self._store.searching() if talents else ():
            for card in await self._find(watched(state.notices.search)):
                if card.id in talents:
                    found.setdefault(card.id, []).append(state)
        return found

    async def remind(self) -> None:
        """Publish that what waits in conversations is due, under one id, however often it is said."""
        now = datetime.now(UTC)
        waiting = await self._store.due(timestamp(now))
        await self._results.publish(
            _message(
                derived_id("chat-notice-due", state.id, state.notices.due or ""),
                now,
                ChatNotice(conversation_id=state.id, participant=Participant.named(state.participant)),
            )
            for state in waiting
        )


def _candidate(result: Result) -> Participant:
    return Participant(kind="candidate", id=result.match.talent_id)


def _to_candidate(delivery: Delivery[Result], subscribed: Sequence[Conversation]) -> Iterator[Message]:
    """Yield a notice for each conversation of a talent: once a pair and revision of the job.

    What a talent changes in their own record is no news to them.
    """
    match = delivery.item.match
    for state in subscribed:
        notice = ChatNotice(
            conversation_id=state.id,
            participant=_candidate(delivery.item),
            job_id=match.job_id,
            job_revision=match.job_revision,
        )
        yield from _told(delivery, state, notice, match.job_id, match.job_revision)


def _to_recruiters(delivery: Delivery[Result], watching: Sequence[Conversation]) -> Iterator[Message]:
    """Yield a notice for each conversation that is about a job: once a pair and revision of the talent."""
    match = delivery.item.match
    for state in watching:
        notice = ChatNotice(
            conversation_id=state.id,
            participant=Participant.named(state.participant),
            job_id=match.job_id,
            job_revision=match.job_revision,
            talent_id=match.talent_id,
            talent_revision=match.talent_revision,
        )
        yield from _told(delivery, state, notice, f"{match.job_id}|{match.talent_id}", match.talent_revision)


def _to_searchers(delivery: Delivery[Result], searching: Sequence[Conversation]) -> Iterator[Message]:
    """Yield a notice for each conversation that watches a search: once for each revision of the talent."""
    match = delivery.item.match
    for state in searching:
        notice = ChatNotice(
            conversation_id=state.id,
            participant=Participant.named(state.participant),
            talent_id=match.talent_id,
            talent_revision=match.talent_revision,
        )
        yield from _told(delivery, state, notice, f"search|{match.talent_id}", match.talent_revision)


def _told(
    delivery: Delivery[Result], state: Conversation, notice: ChatNotice, news: str, revision: int
) -> Iterator[Message]:
    """Yield a notice if the match is younger than the subscription."""
    envelope = delivery.item.envelope
    if state.notices.since and state.notices.since <= envelope.timestamp:
        message = _message(derived_id("chat-notice", state.id, news, str(revision)), envelope.time, notice)
        yield message._replace(headers=delivery.derived_headers(message.headers))


def _message(id: str, time: datetime, body: ChatNotice) -> Message:
    envelope = Envelope(id=id, source=SOURCE, type=NOTICE, subject=body.conversation_id, time=time)
    value = body.model_dump_json(exclude_none=True).encode()
    return Message(CHAT_EVENTS, body.conversation_id.encode(), value, envelope.headers("chat-notice"))
