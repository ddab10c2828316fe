"""The chat stage: one outcome a message, however often and wherever it is interrupted; the same bytes each time."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import TracerProvider

from connectors.message import build_chat
from processors.chat.answers import Answer
from processors.chat.conversation import MAX_STATE_BYTES, Conversation, Effect, Shown, apply
from schemas.base import Language
from schemas.chat import CLOSED, HANDOVER, ChatDelta, ChatEvent, ChatMessage, ChatReply, Participant
from schemas.completions import Heard, unheard
from schemas.envelope import Envelope
from schemas.errors import BadMessageError
from schemas.settings import ChatSettings
from sinks.conversations import Turn
from sinks.errors import ConflictError
from sinks.topic_sink import Message
from streams.chat import ChatStage, Decided, _reply
from streams.chat_deltas import MAX_QUEUED, Deltas
from streams.chat_handovers import Handovers
from streams.delivery import Delivery, Inbound
from tests.support.events import BASE

ANN = Participant(kind="candidate", id="t-1")


class Died(Exception):
    """The worker was killed here."""


class World:
    """MongoDB and Kafka as far as the stage needs them; dies at its n-th step, before or after it is done."""

    def __init__(self) -> None:
        self.turns: dict[str, dict[str, Any]] = {}
        self.states: dict[str, Conversation] = {}
        self.log: list[Message] = []
        self.dies_at: tuple[int, bool] | None = None
        self._steps = 0

    def revive(self, dies_at: tuple[int, bool] | None) -> None:
        self.dies_at, self._steps = dies_at, 0

    def _step(self, *, done: bool) -> None:
        self._steps += not done
        if self.dies_at == (self._steps, done):
            raise Died

    async def known(self, ids: Iterable[str]) -> dict[str, Turn]:
        return {id: Turn.from_document(self.turns[id]) for id in ids if id in self.turns}

    async def states_of(self, conversations: Iterable[str]) -> dict[str, Conversation]:
        found = {c: self.states.get(c, Conversation(c)) for c in conversations}
        for turn in sorted((Turn.from_document(d) for d in self.turns.values()), key=lambda t: t.number):
            if turn.conversation in found and turn.number > found[turn.conversation].number:
                found[turn.conversation] = apply(found[turn.conversation], turn.effect)
        return found

    async def add(self, turn: Turn) -> None:
        self._step(done=False)
        places = {(d["conversation"], d["number"]) for d in self.turns.values()}
        if turn.id in self.turns or (turn.conversation, turn.number) in places:
            raise ConflictError
        self.turns[turn.id] = turn.to_document()
        self._step(done=True)

    async def settle(self, turns: Sequence[Turn], states: Iterable[Conversation]) -> None:
        self._step(done=False)
        for turn in turns:
            self.turns[turn.id]["published"] = True
        for state in states:
            if state.number > self.states.get(state.id, Conversation(state.id)).number:
                self.states[state.id] = state
        self._step(done=True)

    async def publish(self, messages: Iterable[Message]) -> None:
        self._step(done=False)
        self.log += messages
        self._step(done=True)

    def replies(self) -> dict[str, ChatReply]:
        """What was published of each message; fails if one was answered in two ways."""
        found: dict[bytes, bytes] = {}
        for message in self.log:
            value, id = message.value or b"", dict(message.headers)["ce_id"]
            assert found.setdefault(id, value) == value, "a message was answered in two ways"
        replies = [ChatReply.model_validate_json(value) for value in found.values()]
        return {reply.in_reply_to: reply for reply in replies}


class Store:
    def __init__(self, world: World) -> None:
        self.known, self.states, self.add, self.settle = world.known, world.states_of, world.add, world.settle


class Moody:
    """Never answers twice in the same words."""

    def __init__(self) -> None:
        self._number = count()
        self.heard: list[str] = []
        self.granted: list[bool] = []

    async def decide(
        self,
        event: ChatEvent,
        message: ChatMessage,
        state: Conversation,
        until: float | None = None,
        show: Heard = unheard,
    ) -> Decided:
        self.heard.append(message.text)
        self.granted.append(message.contacts)
        reply = _reply(event, state.number + 1, "replied", "zh")
        effect = Effect("user", participant=message.participant.name, query=message.text)
        return Decided(effect, reply.model_copy(update={"text": f"answer {next(self._number)}"}))

    async def announce(self, subject: Shown | None, ids: Sequence[str], language: Language) -> Answer:
        raise NotImplementedError


def stage_of(world: World, answerer: Moody | None = None, **settings: int) -> ChatStage:
    stage: Any = ChatStage(Store(world), answerer or Moody(), world, ChatSettings(**settings))  # type: ignore[arg-type]
    return stage


def said(
    id: str,
    text: str = "hi",
    conversation: str = "c-1",
    who: Participant = ANN,
    second: float = 0,
    *,
    contacts: bool = False,
) -> Inbound:
    time = BASE + timedelta(seconds=second)
    message = build_chat(conversation, text, participant=who, contacts=contacts, source="app", event_id=id, time=time)
    return Inbound("chat-events", 0, int(second), message.key, message.value, message.headers, 0.0)


def event(type: str, kind: str, data: dict[str, Any], second: float = 0) -> Inbound:
    envelope = Envelope(f"{type}-{second}", "desk", type, "c-1", BASE + timedelta(seconds=second))
    value = json.dumps({"conversation_id": "c-1", **data}).encode()
    return Inbound("chat-events", 0, 0, b"c-1", value, envelope.headers(kind), 0.0)


def batch(stage: ChatStage, inbounds: Sequence[Inbound]) -> list[Delivery[ChatEvent]]:
    tracer = TracerProvider().get_tracer("test")
    return [Delivery(i, stage.decode(i), tracer.start_span("process")) for i in inbounds]


async def through(stage: ChatStage, *inbounds: Inbound) -> list[str]:
    deliveries = batch(stage, inbounds)
    await stage.process(deliveries)
    return [d.outcome for d in deliveries]


CRASHES = st.lists(st.tuples(st.integers(1, 12), st.booleans()), max_size=4)


@given(CRASHES, st.lists(st.sampled_from(["c-1", "c-2"]), min_size=1, max_size=6), st.data())
async def test_each_message_is_answered_once_wherever_workers_die(
    crashes: Any, conversations: list[str], data: Any
) -> None:
    world, answerer = World(), Moody()
    messages = [said(f"e-{n}", f"text {n}", c, second=n) for n, c in enumerate(conversations)]
    begin = 0
    for crash in [*crashes, None]:
        world.revive(crash)
        cut = len(messages) if crash is None else data.draw(st.integers(begin + 1, len(messages)))
        try:
            await through(stage_of(world, answerer), *messages[begin:cut])
            begin = data.draw(st.integers(begin, cut - 1)) if cut == len(messages) else cut - 1  # some come again
        except Died:
            continue
    await through(stage_of(world, answerer), *messages)
    replies = world.replies()
    assert set(replies) == {f"e-{n}" for n in range(len(messages))}
    for conversation in set(conversations):
        mine = [n for n, c in enumerate(conversations) if c == conversation]
        assert [replies[f"e-{n}"].number for n in mine] == list(range(1, len(mine) + 1)), "not in the log's order"
    assert len(world.turns) == len(messages)


async def test_a_message_that_comes_again_changes_nothing() -> None:
    world, answerer = World(), Moody()
    stage = stage_of(world, answerer)
    assert await through(stage, said("e-1")) == ["applied"]
    assert await through(stage, said("e-1"), said("e-2")) == ["unchanged", "applied"]
    assert len(world.log) == 2
    assert len(answerer.heard) == 2


async def test_other_content_under_a_known_id_and_another_participant_are_refused() -> None:
    stage = stage_of(World())
    await through(stage, said("e-1"))
    with pytest.raises(BadMessageError) as refused:
        await through(stage, said("e-1", "other"))
    assert refused.value.code == "id_reused"
    with pytest.raises(BadMessageError) as refused:
        await through(stage, said("e-2", who=Participant(kind="recruiter", id="r-1")))
    assert refused.value.code == "participant_changed"


async def test_one_source_may_use_the_id_of_another() -> None:
    world = World()
    stage = stage_of(world)
    headers = [(n, b"web" if n == "ce_source" else v) for n, v in said("e-1").headers]
    await through(stage, said("e-1"), replace(said("e-1", "again"), headers=headers))
    assert len(world.turns) == 2


async def test_nothing_is_answered_while_a_person_has_it() -> None:
    world, answerer = World(), Moody()
    taken = event(HANDOVER, "chat-handover", {"status": "taken", "minutes": 1}, 1)
    back = event(HANDOVER, "chat-handover", {"status": "returned"}, 20)
    await through(stage_of(world, answerer), said("e-0"))
    await through(stage_of(world, answerer), taken, said("e-2", second=2), back, said("e-21", second=21))
    assert {id: r.outcome for id, r in world.replies().items()} == {
        "e-0": "replied",
        "e-2": "silent",
        "e-21": "replied",
    }
    again = event(HANDOVER, "chat-handover", {"status": "taken", "minutes": 1}, 30)
    await through(stage_of(world, answerer), again, said("e-40", second=40), said("e-99", second=99))
    assert world.replies()["e-40"].outcome == "silent"
    assert world.replies()["e-99"].outcome == "replied", "the person's time was up"


async def test_a_person_who_has_taken_over_before_an_answer_was_begun_is_not_talked_over() -> None:
    world, answerer = World(), Moody()
    taken = event(HANDOVER, "chat-handover", {"status": "taken"}, 1)
    await through(stage_of(world, answerer), said("e-0"), taken)
    assert (world.replies()["e-0"].outcome, answerer.heard) == ("silent", [])


class Interrupted(Moody):
    """Is told of a hand-over while it words an answer, and shows a part of the answer."""

    def __init__(self, handovers: Handovers, *arriving: Inbound) -> None:
        super().__init__()
        self._handovers, self._arriving = handovers, arriving

    async def decide(
        self,
        event: ChatEvent,
        message: ChatMessage,
        state: Conversation,
        until: float | None = None,
        show: Heard = unheard,
    ) -> Decided:
        show("月薪")
        for message_of_the_log in self._arriving:
            self._handovers.note(message_of_the_log)
        decided = await super().decide(event, message, state, until)
        return Decided(replace(decided.effect, tokens=7, with_person_until="9999"), decided.reply)


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [((), "replied"), (("taken",), "silent"), (("returned",), "replied"), (("taken", "returned"), "silent")],
)
async def test_who_takes_over_while_an_answer_is_worded_is_not_talked_over(
    statuses: tuple[str, ...], outcome: str
) -> None:
    world, handovers, sent = World(), Handovers(), list[Message]()
    arriving = [
        replace(event(HANDOVER, "chat-handover", {"status": status}, n), offset=n)
        for n, status in enumerate(statuses, 1)
    ]
    stage: Any = ChatStage(
        Store(world),  # type: ignore[arg-type]
        Interrupted(handovers, *arriving),
        world,  # type: ignore[arg-type]
        ChatSettings(),
        sent.append,
        handovers,
    )
    await through(stage, said("e-0"))
    reply = world.replies()["e-0"]
    assert (reply.outcome, bool(reply.text)) == (outcome, outcome == "replied")
    state = world.states["c-1"]
    assert (state.tokens, state.with_person_until is None) == (7, outcome == "silent")
    shown = [ChatDelta.model_validate_json(m.value or b"").status for m in sent]
    assert shown == (["text", "reset"] if outcome == "silent" else ["text", "end"])
    await through(stage, *arriving)
    await through(stage, replace(said("e-9", second=9), offset=9))
    assert world.replies()["e-9"].outcome == ("replied" if statuses == ("returned",) or statuses[1:] else "silent")


async def test_an_answer_does_not_wait_for_the_next_one() -> None:
    class Waiting(Moody):
        async def decide(
            self,
            event: ChatEvent,
            message: ChatMessage,
            state: Conversation,
            until: float | None = None,
            show: Heard = unheard,
        ) -> Decided:
            published.append(len(world.log))
            return await super().decide(event, message, state, until)

    world, published = World(), list[int]()
    await through(stage_of(world, Waiting()), said("e-0"), said("e-1", second=1), said("e-2", second=2))
    assert published == [0, 1, 2]


async def test_a_thousand_messages_at_once_have_an_outcome_each() -> None:
    world, answerer = World(), Moody()
    burst = [said(f"e-{n}", str(n), second=n / 100) for n in range(1000)]
    await through(stage_of(world, answerer, debounce_ms=500), *burst)
    outcomes = Counter(reply.outcome for reply in world.replies().values())
    assert outcomes == {"merged": 999, "replied": 1}
    assert len(world.states["c-1"].to_json()) <= MAX_STATE_BYTES


async def test_a_person_who_answers_is_heard_and_not_answered() -> None:
    world = World()
    data = {"role": "assistant", "text": "我来处理", "participant": {"kind": "recruiter", "id": "r-9"}}
    by_person = event("looma.chat.message", "chat-message", data, 1)
    headers = [(n, b"urn:looma:chat-message:2" if n == "ce_dataschema" else v) for n, v in by_person.headers]
    await through(stage_of(world), said("e-0"), replace(by_person, headers=headers), said("e-2", second=2))
    assert [r.outcome for r in world.replies().values()] == ["replied", "silent", "replied"]


async def test_a_burst_is_answered_once_by_its_last_message() -> None:
    world, answerer = World(), Moody()
    burst = [
        said("e-0", "上海"),
        said("e-1", "Java", second=0.3),
        said("e-2", "两万", second=0.6),
        said("e-9", "好", second=9),
    ]
    await through(stage_of(world, answerer, debounce_ms=500), *burst)
    outcomes = {id: r.outcome for id, r in world.replies().items()}
    assert outcomes == {"e-0": "merged", "e-1": "merged", "e-2": "replied", "e-9": "replied"}
    assert answerer.heard == ["上海\nJava\n两万", "好"]


async def test_a_message_is_not_left_to_one_that_is_not_answered() -> None:
    """Not to itself, published twice, nor to an older one that comes again, nor to one that is refused."""
    world, answerer = World(), Moody()
    stage = stage_of(world, answerer, debounce_ms=500)
    await through(stage, said("e-0", "上海"), said("e-0", "上海"))
    await through(stage, said("e-1", "Java", second=0.1), said("e-0", "上海"))
    other = Participant(kind="recruiter", id="r-1")
    with pytest.raises(BadMessageError):
        await through(stage, said("e-2", "两万", second=0.2), said("e-3", "好", second=0.3, who=other))
    assert {id: r.outcome for id, r in world.replies().items()} == dict.fromkeys(("e-0", "e-1", "e-2"), "replied")
    assert answerer.heard == ["上海", "Java", "两万"]


async def test_a_grant_is_for_its_own_message_alone() -> None:
    recruiter = Participant(kind="recruiter", id="r-1")
    world, answerer = World(), Moody()
    burst = [
        said("e-0", "第一个的电话", who=recruiter),
        said("e-1", "谢谢", who=recruiter, second=0.3, contacts=True),
        said("e-9", "第一个的电话", who=recruiter, second=9, contacts=True),
    ]
    await through(stage_of(world, answerer, debounce_ms=500), *burst)
    assert answerer.granted == [False, True]


async def test_closing_begins_anew_and_is_no_message() -> None:
    world = World()
    await through(stage_of(world), said("e-0"), event(CLOSED, "chat-closed", {}, 1), said("e-2", second=2))
    assert set(world.replies()) == {"e-0", "e-2"}
    assert world.states["c-1"].number == 3


async def test_a_batch_waits_for_providers_until_one_time_however_many_it_holds() -> None:
    """So that a slow provider delays others by its deadline at most, not by as many as are before them."""

    ends: set[float | None] = set()

    class Slow(Moody):
        async def decide(
            self,
            event: ChatEvent,
            message: ChatMessage,
            state: Conversation,
            until: float | None = None,
            show: Heard = unheard,
        ) -> Decided:
            ends.add(until)
            await asyncio.sleep((until or 0) - asyncio.get_running_loop().time())
            return await super().decide(event, message, state, until)

    world = World()
    messages = [said(f"e-{n}", conversation=f"c-{n % 20}", second=n) for n in range(60)]
    await through(stage_of(world, Slow(), deadline_ms=200), *messages)
    assert len(ends) == 1
    assert len(world.replies()) == 60


class Showing(Moody):
    """Shows texts before it answers."""

    def __init__(self, *shown: str) -> None:
        super().__init__()
        self._shown = shown

    async def decide(
        self,
        event: ChatEvent,
        message: ChatMessage,
        state: Conversation,
        until: float | None = None,
        show: Heard = unheard,
    ) -> Decided:
        for text in self._shown:
            show(text)
        return await super().decide(event, message, state, until, show)


async def deltas_of(*shown: str) -> tuple[list[ChatDelta], World]:
    """Return the deltas of a message whose answer was shown so."""
    world, sent = World(), list[Message]()
    stage: Any = ChatStage(Store(world), Showing(*shown), world, ChatSettings(), sent.append)  # type: ignore[arg-type]
    await through(stage, said("e-1"))
    assert {(m.topic, m.key) for m in sent} <= {("chat-deltas", b"c-1")}
    assert len({dict(m.headers)["ce_id"] for m in sent}) == len(sent)
    return [ChatDelta.model_validate_json(m.value or b"") for m in sent], world


async def test_partial_text_goes_out_in_pieces_and_ends_with_the_reply_s_id() -> None:
    deltas, world = await deltas_of("你好", "你好", "你好。再见")
    assert [(d.status, d.position, d.text) for d in deltas] == [
        ("text", 0, "你好"),
        ("text", 2, "。再见"),
        ("end", 5, ""),
    ]
    assert len({d.attempt for d in deltas}) == 1
    assert {d.in_reply_to for d in deltas} == {"e-1"}
    assert deltas[-1].reply_id == dict(world.log[0].headers)["ce_id"].decode()


async def test_text_that_does_not_go_on_takes_back_what_was_shown() -> None:
    deltas, _ = await deltas_of("你好", "", "再见")
    assert [(d.status, d.text) for d in deltas] == [("text", "你好"), ("reset", ""), ("text", "再见"), ("end", "")]
    assert deltas[0].attempt == deltas[1].attempt != deltas[2].attempt
    assert not (await deltas_of(""))[0]


async def test_what_waits_for_kafka_is_bounded_and_lost_when_it_fails() -> None:
    class Failing:
        def __init__(self) -> None:
            self.published: list[list[Message]] = []

        async def publish(self, messages: Iterable[Message]) -> None:
            self.published.append(list(messages))
            if len(self.published) == 1:
                raise ConnectionError

    sink = Failing()
    deltas = Deltas(sink)  # type: ignore[arg-type]
    for n in range(MAX_QUEUED + 10):
        deltas.send(Message("chat-deltas", b"c", str(n).encode(), []))
    task = asyncio.create_task(deltas.run())
    await asyncio.sleep(0)
    deltas.send(Message("chat-deltas", b"c", b"next", []))
    for _ in range(10):
        await asyncio.sleep(0)
    task.cancel()
    assert [len(batch) for batch in sink.published] == [MAX_QUEUED, 1]
