"""Conversations over HTTP: whose word it is, what was said, and a stream that a cut neither shortens nor repeats."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from ops.api.problems import Problem
from ops.api.routes.conversations import may_read, sees_personal, speaker
from processors.access import Caller
from processors.chat.conversation import Effect
from schemas.chat import ChatDelta, ChatReply, Participant
from sinks.conversations import ConversationStore, Turn
from streams.chat import reply_id
from tests.support.cluster import Cluster
from tests.support.running_api import RunningApi

ANN, RITA = Participant(kind="candidate", id="t-1"), Participant(kind="recruiter", id="r-1")
CHAT = frozenset(("ai:chat",))
CANDIDATE = Caller("token", "x", CHAT, subject="t-1")
RECRUITER = Caller("key", "k1", CHAT, recruiter="r-1")
SYSTEM = Caller("key", "k2", CHAT | {"events:write:chat"}, sources=frozenset(("chat",)))
VISITOR = Caller("key", "k3", CHAT)


def test_the_participant_follows_from_the_caller() -> None:
    assert [speaker(c).name for c in (CANDIDATE, RECRUITER, VISITOR)] == ["candidate:t-1", "recruiter:r-1", "anonymous"]
    assert speaker(SYSTEM, ANN) == speaker(Caller.local(), ANN) == speaker(CANDIDATE, ANN) == ANN
    for caller in (CANDIDATE, RECRUITER, VISITOR):
        with pytest.raises(Problem):
            speaker(caller, Participant(kind="candidate", id="t-2"))


def test_who_is_bound_reads_their_own_conversations_and_a_system_all_of_them() -> None:
    names = [ANN.name, RITA.name, "anonymous"]
    readable = {c.id: [n for n in names if may_read(c, n)] for c in (CANDIDATE, RECRUITER, SYSTEM, VISITOR)}
    assert readable == {"x": [ANN.name], "k1": [RITA.name], "k2": names, "k3": ["anonymous"]}
    assert [sees_personal(c) for c in (CANDIDATE, RECRUITER, SYSTEM, VISITOR, Caller.local())] == [
        True, True, False, True, True,
    ]  # fmt: skip


class Worker:
    """Answers in a conversation as a chat worker does: partial text, the turn, the reply."""

    def __init__(self, cluster: Cluster, running: RunningApi, conversation: str) -> None:
        self._cluster, self._running, self._conversation = cluster, running, conversation

    def begins(self, number: int, *texts: str) -> None:
        at, messages = 0, []
        for text in texts:
            delta = ChatDelta(
                conversation_id=self._conversation, participant=ANN, in_reply_to=f"e-{number}", number=number,
                attempt=f"a{number}", position=at, text=text,
            )  # fmt: skip
            at += len(text)
            messages.append(("chat-deltas", self._conversation.encode(), delta.model_dump_json().encode(), []))
        self._cluster.publish(messages)

    def stores(self, number: int) -> None:
        self._running.call(ConversationStore(self._running.api.database).add(self._turn(number)))

    def publishes(self, number: int) -> None:
        turn = self._turn(number)
        headers = [
            ("ce_id", reply_id(turn.id).encode()),
            ("traceparent", b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"),
        ]
        self._cluster.publish([("chat-replies", self._conversation.encode(), turn.reply, headers)])

    def _turn(self, number: int) -> Turn:
        reply = ChatReply(
            conversation_id=self._conversation, in_reply_to=f"e-{number}", number=number, outcome="replied",
            text=f"答复 {number}，电话 13812345678",
        )  # fmt: skip
        return Turn(
            id=f"{self._conversation}-{number}", conversation=self._conversation, number=number, event_id=f"e-{number}",
            digest="", time="2026-01-05T08:00:00.000Z", participant=ANN.name, kind="user", text="问 13812345678",
            effect=Effect("user", participant=ANN.name), outcome="replied", reply=reply.model_dump_json().encode(),
        )  # fmt: skip


@pytest.fixture
def worker(api_cluster: Cluster, running: RunningApi, prefix: str) -> Worker:
    return Worker(api_cluster, running, f"{prefix}-c")


@contextmanager
def following(http: httpx.Client, conversation: str, last: str = "") -> Iterator[Iterator[tuple[str, str, Any]]]:
    """Follow a stream; gives its events: name, id, data."""
    headers = {"Last-Event-ID": last} if last else {}
    with http.stream("GET", f"/v1/conversations/{conversation}/stream", params={"after": 0}, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events(answer)


def events(answer: httpx.Response) -> Iterator[tuple[str, str, Any]]:
    found: dict[str, str] = {}
    for line in answer.iter_lines():
        name, _, value = line.partition(": ")
        if name in ("event", "id", "data"):
            found[name] = value
        elif not line and "data" in found:
            yield found["event"], found.get("id", ""), json.loads(found["data"])
            found = {}


def test_a_message_is_in_the_log_under_its_conversation_and_names_who_said_it(
    http: httpx.Client, api_cluster: Cluster, prefix: str
) -> None:
    path = f"/v1/conversations/{prefix}-c/messages"
    body = {"text": "上海的 Java 后端", "id": f"{prefix}-e", "participant": {"kind": "candidate", "id": "t-1"}}
    answer = http.post(path, json=body)
    assert answer.status_code == 202, answer.text
    assert answer.json()["operations"][0]["event"] == f"{prefix}-e"
    (record,) = [r for r in api_cluster.read("chat-events") if r.key == f"{prefix}-c".encode()]
    assert json.loads(record.value)["participant"] == body["participant"]
    assert http.get(answer.headers["location"]).json()["state"] == "accepted", "no chat worker has come to it"
    once = {"Idempotency-Key": prefix}
    first, again = (http.post(path, json={"text": "hi"}, headers=once).json() for _ in range(2))
    assert first == again
    assert http.post(path, json={"text": ""}).status_code == 422
    assert http.post(path, json={"text": "hi", "role": "assistant"}).status_code == 422
    assert http.get(path).status_code == 404, "nobody has answered yet"


def test_history_comes_in_pages(http: httpx.Client, worker: Worker, prefix: str) -> None:
    for number in (1, 2, 3):
        worker.stores(number)
    path = f"/v1/conversations/{prefix}-c/messages"
    first = http.get(path, params={"limit": 2}).json()
    rest = http.get(path, params={"limit": 2, "cursor": first["next"]}).json()
    assert [turn["number"] for turn in first["items"] + rest["items"]] == [1, 2, 3]
    assert rest["next"] is None
    assert first["items"][0]["reply"]["text"] == "答复 1，电话 13812345678"


def test_a_stream_goes_on_where_it_was_cut(http: httpx.Client, worker: Worker, prefix: str) -> None:
    conversation = f"{prefix}-c"
    with following(http, conversation) as stream:
        worker.begins(1, "答", "复")
        assert [(name, data["text"]) for name, _, data in (next(stream), next(stream))] == [
            ("delta", "答"),
            ("delta", "复"),
        ]
        worker.stores(1)
        worker.publishes(1)
        name, id, data = next(stream)
        assert (name, id, data["number"], data["trace_id"]) == ("reply", "1", 1, "a" * 32)
        worker.begins(2, "答")
        assert next(stream)[0] == "delta"
    worker.stores(2)
    worker.publishes(2)
    worker.publishes(2)
    worker.begins(3, "答", "复")
    with following(http, conversation, last=id) as stream:
        assert next(stream)[:2] == ("reply", "2")
        assert [next(stream)[2]["text"] for _ in range(2)] == ["答", "复"], (
            "from its beginning, whoever comes in between"
        )
        worker.stores(3)
        worker.publishes(3)
        assert next(stream)[:2] == ("reply", "3")


def test_a_position_that_is_none_is_refused(http: httpx.Client, prefix: str) -> None:
    answer = http.get(f"/v1/conversations/{prefix}-c/stream", headers={"Last-Event-ID": "x"})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_position")
