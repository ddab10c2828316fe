"""A new match of a subscriber is told in their conversation: in order, once, and to nobody else."""

from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider

from processors.chat.answers import Answer, Sentence
from processors.chat.conversation import Conversation, Effect, Shown, apply
from processors.chat.facts import Card
from processors.chat.notices import Notices
from processors.chat.plan import Plan, Without, watching
from processors.search.criteria import Criteria
from schemas.base import Language
from schemas.chain import REPLAY
from schemas.chat import NOTICE, ChatNotice, ChatReply, Participant, decode_chat
from schemas.envelope import Envelope
from schemas.errors import BadMessageError
from schemas.messages import Match
from sinks.topic_sink import Message
from streams.chat import Decided, _reply
from streams.delivery import Delivery, Inbound
from streams.matching import result_message
from streams.notices import NoticeStage
from tests.streams.test_chat_stage import ANN, Moody, World, said, stage_of, through
from tests.support.events import BASE

RITA = Participant(kind="recruiter", id="r-1")
SINCE = "2026-01-01T00:00:00.000000Z"


class Subscriptions:
    def __init__(self, *states: Conversation) -> None:
        self._states = states

    async def subscribed(self, participants: Iterable[str]) -> dict[str, list[Conversation]]:
        found: dict[str, list[Conversation]] = {}
        for state in self._states:
            if state.participant in set(participants) and state.notices.since:
                found.setdefault(state.participant, []).append(state)
        return found

    async def watching(self, jobs: Iterable[str]) -> dict[str, list[Conversation]]:
        found: dict[str, list[Conversation]] = {}
        for state in self._states:
            if state.notices.job in set(jobs):
                found.setdefault(state.notices.job, []).append(state)
        return found

    async def searching(self) -> list[Conversation]:
        return [state for state in self._states if state.notices.search]

    async def due(self, now: str) -> list[Conversation]:
        return [s for s in self._states if s.notices.due and s.notices.due <= now]


class Topic(list[Message]):
    async def publish(self, messages: Iterable[Message]) -> None:
        self += messages


def subscriber(id: str = "c-1", talent: str = "t-1", notices: Notices | None = None) -> Conversation:
    return Conversation(id, 1, f"candidate:{talent}", notices=notices or Notices(SINCE))


def matched(job: str, talent: str = "t-1", status: Any = "active", revision: int = 1) -> Inbound:
    match = Match(
        talent_id=talent, job_id=job, talent_revision=1, job_revision=revision, status=status, score=0.8,
        language="zh", features=[], model="m",
    )  # fmt: skip
    message = result_message(match)
    return Inbound(message.topic, 0, 0, message.key, message.value, message.headers, 0.0)


class Searches:
    """Finds talents for a search; each of them once more than there are."""

    def __init__(self, *talents: str) -> None:
        self.talents = talents
        self.asked: list[Plan] = []

    async def find(self, plan: Plan) -> list[Card]:
        self.asked.append(plan)
        return [Card("talent", id, 1, {}) for id in self.talents]


async def noticed(states: Sequence[Conversation], *inbounds: Inbound, find: Any = None) -> Topic:
    topic, tracer = Topic(), TracerProvider().get_tracer("test")
    stage: Any = NoticeStage(Subscriptions(*states), topic, find or Searches().find)  # type: ignore[arg-type]
    deliveries = [Delivery(i, stage.decode(i), tracer.start_span("notify")) for i in inbounds]
    await stage.process(deliveries)
    return topic


async def test_each_subscription_hears_of_a_pair_once_a_revision_of_the_job() -> None:
    states = [subscriber(), subscriber("c-2"), subscriber("c-3", "t-2"), Conversation("c-4", 1, "candidate:t-1")]
    topic = await noticed(states, matched("j-1"), matched("j-1"), matched("j-1", revision=2), matched("j-2", "t-9"))
    events = [decode_chat(m.key, m.value, m.headers) for m in topic]
    assert [(e.conversation, e.content) for e in events[:2]] == [
        (c, ChatNotice(conversation_id=c, participant=ANN, job_id="j-1", job_revision=1)) for c in ("c-1", "c-2")
    ]
    assert len({(e.conversation, e.envelope.id) for e in events}) == 4, "two conversations, two revisions"


async def test_a_recruiter_hears_of_each_candidate_of_their_job_once_a_revision_of_the_talent() -> None:
    watching = Conversation("c-9", 1, RITA.name, notices=Notices(SINCE, job="j-1"))
    others = [Conversation("c-8", 1, RITA.name, notices=Notices(SINCE, job="j-2")), subscriber("c-1", "t-7")]
    topic = await noticed([watching, *others], matched("j-1"), matched("j-1", revision=2), matched("j-1", "t-2"))
    events = [decode_chat(m.key, m.value, m.headers) for m in topic]
    assert {(e.conversation, e.content.talent_id) for e in events if isinstance(e.content, ChatNotice)} == {
        ("c-9", "t-1"), ("c-9", "t-2"),
    }  # fmt: skip
    assert len({e.envelope.id for e in events}) == 2, "another revision of the job is no news to who recruits for it"


async def test_a_search_is_made_again_and_its_best_who_have_new_matches_are_told_once() -> None:
    wanted = Plan(
        "find",
        "found",
        "candidates",
        query="Java",
        criteria=Criteria(("shanghai",), (5.0, None)),
        without=Without(("PHP",)),
    )
    watching_one = Conversation("c-9", 1, RITA.name, notices=Notices(SINCE, search=watching(wanted)))
    searches = Searches("t-1", "t-2")
    topic = await noticed([watching_one], matched("j-1"), matched("j-2"), matched("j-1", "t-3"), find=searches.find)
    told = [decode_chat(m.key, m.value, m.headers) for m in topic]
    assert {e.content.talent_id for e in told if isinstance(e.content, ChatNotice)} == {"t-1"}
    assert len({e.envelope.id for e in told}) == 1
    (asked,) = searches.asked
    assert (asked.query, asked.criteria.places, asked.criteria.years) == ("Java", ("shanghai",), (5.0, None))
    assert (asked.without, asked.goal) == (Without(("PHP",)), "candidates")
    assert not await noticed([watching_one], matched("j-1", status="withdrawn"), find=Searches("t-1").find)


async def test_what_a_recruiter_hears_is_of_the_job_that_was_said_last() -> None:
    world = World()
    stage = stage_of(world, Telling())
    await through(stage, said("e-1", "订阅 j-1", who=RITA), talent_notice("t-1", "j-1"))
    assert outcomes(world) == {"n-t-1": ("replied", "t-1")}
    await through(stage, said("e-2", "订阅 j-2", who=RITA), talent_notice("t-2", "j-1"), talent_notice("t-3", "j-2"))
    assert outcomes(world)["n-t-2"] == ("silent", "")
    assert outcomes(world)["n-t-3"] == ("replied", "t-3")
    await through(stage, said("e-3", "退订", who=RITA), talent_notice("t-4", "j-2"))
    assert outcomes(world)["n-t-4"] == ("silent", "")


async def test_what_is_withdrawn_replayed_or_older_than_the_subscription_is_no_news() -> None:
    replayed = matched("j-1")
    replayed.headers.append((REPLAY, b"r-1"))
    late = subscriber(notices=Notices("2999-01-01T00:00:00.000000Z"))
    assert not await noticed([subscriber()], replayed, matched("j-1", status="withdrawn"))
    assert not await noticed([late], matched("j-1"))


def test_what_is_no_match_is_refused() -> None:
    broken = Inbound("match-results", 0, 0, b"t|j", b"{}", matched("j").headers, 0.0)
    with pytest.raises(BadMessageError):
        NoticeStage(None, None, None).decode(broken)  # type: ignore[arg-type]


async def test_what_waits_is_said_to_be_due_under_one_id() -> None:
    due = subscriber(notices=Notices(SINCE, waiting=("j-1",), due=SINCE))
    topic = Topic()
    stage: Any = NoticeStage(Subscriptions(due, subscriber("c-2")), topic, Searches().find)  # type: ignore[arg-type]
    await stage.remind()
    await stage.remind()
    assert [m.key for m in topic] == [b"c-1", b"c-1"]
    assert len({dict(m.headers)["ce_id"] for m in topic}) == 1


class Telling(Moody):
    """Subscribes whoever says so, and tells of jobs by their ids."""

    async def decide(
        self, event: Any, message: Any, state: Conversation, until: Any = None, show: Any = None
    ) -> Decided:
        wanted, _, job = message.text.partition(" ")
        wish = {"订阅": Notices(SINCE, message.timezone, job=job), "退订": Notices()}.get(wanted)
        effect = Effect("user", participant=message.participant.name, notices=wish)
        return Decided(effect, _reply(event, state.number + 1, "replied", "zh"))

    async def announce(self, subject: Shown | None, ids: Sequence[str], language: Language) -> Answer:
        open_ones = [job for job in ids if job != "closed"]
        lines = tuple(Sentence(job) for job in open_ones)
        return Answer(lines, focus=tuple(Shown("job", job) for job in open_ones))


def notice(job: str | None, who: Participant = ANN, second: float = 0, id: str = "") -> Inbound:
    body = ChatNotice(conversation_id="c-1", participant=who, job_id=job, job_revision=1)
    envelope = Envelope(id or f"n-{job}", "looma/notices", NOTICE, "c-1", BASE.replace(hour=4, second=int(second)))
    value = body.model_dump_json(exclude_none=True).encode()
    return Inbound("chat-events", 0, 0, b"c-1", value, envelope.headers("chat-notice"), 0.0)


def talent_notice(talent: str, job: str) -> Inbound:
    body = ChatNotice(conversation_id="c-1", participant=RITA, job_id=job, talent_id=talent, talent_revision=1)
    envelope = Envelope(f"n-{talent}", "looma/notices", NOTICE, "c-1", BASE.replace(hour=4))
    value = body.model_dump_json(exclude_none=True).encode()
    return Inbound("chat-events", 0, 0, b"c-1", value, envelope.headers("chat-notice"), 0.0)


def outcomes(world: World) -> dict[str, tuple[str, str]]:
    return {id: (reply.outcome, reply.text) for id, reply in world.replies().items() if id.startswith("n-")}


async def test_notices_are_told_together_in_order_with_what_is_said_and_none_after_unsubscribing() -> None:
    world = World()
    stage = stage_of(world, Telling())
    await through(stage, notice("early"), said("e-1", "订阅"), notice("j-1"), notice("j-2"), notice("closed"))
    await through(stage, notice("j-3"), said("e-2", "第一个"), said("e-3", "退订"), notice("j-4"), notice("j-1"))
    assert outcomes(world) == {
        "n-early": ("silent", ""),
        "n-j-1": ("merged", ""),
        "n-j-2": ("merged", ""),
        "n-closed": ("replied", "j-1\nj-2"),
        "n-j-3": ("replied", "j-3"),
        "n-j-4": ("silent", ""),
    }
    numbers = [ChatReply.model_validate_json(m.value or b"").number for m in world.log]
    assert numbers == sorted(numbers)


async def test_nobody_hears_of_anothers_matches_and_only_so_often_a_day() -> None:
    world = World()
    stage = stage_of(world, Telling(), daily_notices=1)
    await through(stage, said("e-1", "订阅"), notice("j-9", Participant(kind="candidate", id="t-2")))
    await through(stage, notice("j-1"))
    await through(stage, notice("j-2"))
    assert outcomes(world) == {
        "n-j-9": ("silent", ""),
        "n-j-1": ("replied", "j-1"),
        "n-j-2": ("merged", ""),
    }
    assert world.states["c-1"].notices.waiting == ("j-2",)
    assert world.states["c-1"].focus == (Shown("job", "j-1"),)
    tomorrow = notice(None, id="n-due")
    moved = [(n, b"2026-02-01T04:00:00Z" if n == "ce_time" else v) for n, v in tomorrow.headers]
    await through(stage, Inbound("chat-events", 0, 0, b"c-1", tomorrow.value, moved, 0.0))
    assert outcomes(world)["n-due"] == ("replied", "j-2")


def test_a_state_of_before_notices_reads_on() -> None:
    body = Conversation("c-1").to_json().replace(b'"notices":', b'"subscribed":true,"was":').decode()
    start = body.index('"was":')
    end = body.index("}", start) + 1
    old = body[:start] + body[end:].lstrip(",")
    assert Conversation.from_json(old.encode()) == Conversation("c-1")
    document = Effect("user").to_document()
    del document["notices"]
    assert Effect.from_document({**document, "subscribed": None}) == Effect("user")
    assert apply(Conversation("c"), Effect("notice")).number == 1
