"""Conversations over HTTP: whose word it is, what was said, and a stream that a cut neither shortens nor repeats.

The client of sockets is aiohttp's: its protocol is none of the server's code.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import httpx
import pytest

from ops.api.problems import Problem
from ops.api.routes.conversations import Said, learns_contacts, may_read, sees_personal, speaker
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
VISITOR, OTHER = Caller("key", "k3", CHAT), Caller("token", "k3", CHAT)


def test_the_participant_follows_from_the_caller() -> None:
    names = [speaker(c).name for c in (CANDIDATE, RECRUITER, SYSTEM, VISITOR)]
    assert names == ["candidate:t-1", "recruiter:r-1", "anonymous", "anonymous:key:k3"]
    assert speaker(SYSTEM, ANN) == speaker(Caller.local(), ANN) == speaker(CANDIDATE, ANN) == ANN
    for caller in (CANDIDATE, RECRUITER, VISITOR):
        with pytest.raises(Problem):
            speaker(caller, Participant(kind="candidate", id="t-2"))


def test_who_is_bound_reads_their_own_conversations_and_a_system_all_of_them() -> None:
    names = [ANN.name, RITA.name, "anonymous", "anonymous:key:k3"]
    callers = (CANDIDATE, RECRUITER, SYSTEM, VISITOR, OTHER)
    assert [[name for name in names if may_read(caller, name)] for caller in callers] == [
        [ANN.name], [RITA.name], names, ["anonymous:key:k3"], [],
    ]  # fmt: skip
    assert [sees_personal(c) for c in (CANDIDATE, RECRUITER, SYSTEM, VISITOR, Caller.local())] == [
        True, True, False, True, True,
    ]  # fmt: skip


def test_contact_data_is_granted_by_scope_or_by_a_system() -> None:
    asks, plain = Said(text="hi", contacts=True), Said(text="hi")
    trusted = Caller("key", "k4", CHAT | {"pii:read"}, recruiter="r-1")
    assert [learns_contacts(caller, plain) for caller in (RECRUITER, trusted, SYSTEM, VISITOR)] == [
        False, True, False, False,
    ]  # fmt: skip
    assert learns_contacts(SYSTEM, asks)
    assert not learns_contacts(RECRUITER, asks), "only the scope grants it"
    for caller in (CANDIDATE, VISITOR):
        with pytest.raises(Problem):
            learns_contacts(caller, asks)


class Worker:
    """Answers in a conversation as a chat worker does: partial text, the turn, the reply."""

    def __init__(
        self, cluster: Cluster, running: RunningApi, conversation: str, participant: Participant = ANN
    ) -> None:
        self._cluster, self._running, self._conversation = cluster, running, conversation
        self._participant = participant

    def begins(self, number: int, *texts: str) -> None:
        at, messages = 0, []
        for text in texts:
            delta = ChatDelta(
                conversation_id=self._conversation, participant=self._participant, in_reply_to=f"e-{number}", number=number,
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
            digest="", time="2026-01-05T08:00:00.000Z", participant=self._participant.name, kind="user",
            text="问 13812345678", effect=Effect("user", participant=self._participant.name), outcome="replied", reply=reply.model_dump_json().encode(),
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


class Talk:
    """An open socket."""

    def __init__(self, runner: asyncio.Runner, opened: aiohttp.ClientWebSocketResponse) -> None:
        self._runner, self._opened = runner, opened

    def says(self, text: str | bytes) -> None:
        send = self._opened.send_str(text) if isinstance(text, str) else self._opened.send_bytes(text)
        self._runner.run(send)

    def hears(self) -> tuple[str, Any]:
        message = self._runner.run(self._opened.receive_json(timeout=30))
        assert message.get("id") == (message["data"]["number"] if message["event"] == "reply" else None)
        return message["event"], message["data"]

    def closes(self) -> int:
        """How the server closes it."""
        message = self._runner.run(self._opened.receive(timeout=30))
        assert message.type == aiohttp.WSMsgType.CLOSE
        return int(message.data)


@contextmanager
def socket(http: httpx.Client, path: str, shown: dict[str, str] | None = None) -> Iterator[Talk]:

    async def client() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(str(http.base_url), headers=shown)

    with asyncio.Runner() as runner:
        session = runner.run(client())
        try:
            yield Talk(runner, runner.run(_connected(session, path)))
        finally:
            runner.run(session.close())


async def _connected(session: aiohttp.ClientSession, path: str) -> aiohttp.ClientWebSocketResponse:
    return await session.ws_connect(path)


def visitor(http: httpx.Client, cluster: Cluster, requests: int) -> tuple[str, dict[str, str]]:
    """Make a key that is nobody's, and wait until it is known; gives its id and the header that shows it."""
    made = json.loads(cluster.looma("keys", "create", "x", "--scope", "ai:chat", "--requests", str(requests), "--json"))
    shown = {"authorization": f"Bearer {made['key']}"}
    deadline = time.monotonic() + 30
    while http.get("/v1/conversations/none/messages", headers=shown).status_code == 401:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return made["id"], shown


def test_a_socket_takes_messages_and_goes_on_where_it_was_cut(
    http: httpx.Client, api_cluster: Cluster, worker: Worker, prefix: str
) -> None:
    path = f"/v1/conversations/{prefix}-c/socket"
    with socket(http, f"{path}?after=0") as talk:
        said = {"text": "上海的 Java 后端", "id": f"{prefix}-e", "participant": {"kind": "candidate", "id": "t-1"}}
        talk.says(json.dumps(said))
        name, accepted = talk.hears()
        assert (name, accepted["event"]) == ("accepted", f"{prefix}-e")
        assert http.get(accepted["url"]).json()["state"] == "accepted"
        (record,) = [r for r in api_cluster.read("chat-events") if r.key == f"{prefix}-c".encode()]
        assert json.loads(record.value)["participant"] == said["participant"]
        worker.begins(1, "答", "复")
        assert [(name, data["text"]) for name, data in (talk.hears(), talk.hears())] == [
            ("delta", "答"),
            ("delta", "复"),
        ]
        worker.stores(1)
        worker.publishes(1)
        assert talk.hears()[0] == "reply"
    worker.stores(2)
    worker.publishes(2)
    with socket(http, f"{path}?after=1") as talk:
        name, data = talk.hears()
        assert (name, data["number"]) == ("reply", 2)


def test_what_is_no_message_is_answered_and_the_socket_stays(http: httpx.Client, prefix: str) -> None:
    with socket(http, f"/v1/conversations/{prefix}-c/socket") as talk:
        for said, code in (
            ("{", "invalid_json"),
            ("[]", "invalid_request"),
            ('{"text": ""}', "invalid_request"),
            ('{"text": "hi", "role": "assistant"}', "invalid_request"),
            (json.dumps({"text": "x" * 40_000}), "invalid_request"),
            ('{"text": "\\ud800"}', "invalid_json"),
        ):
            talk.says(said)
            name, data = talk.hears()
            assert (name, data["code"]) == ("problem", code), said
        talk.says('{"text": "你好"}'.encode())
        assert talk.hears()[0] == "accepted"


def test_a_socket_is_refused_as_a_request_is(
    http: httpx.Client, worker: Worker, prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    asks = {
        "connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    }  # fmt: skip
    path = f"/v1/conversations/{prefix}-c/socket"
    for headers, query, status, code in (
        ({"origin": "https://elsewhere.example"}, "", 403, "forbidden"),
        ({"host": "elsewhere.example"}, "", 403, "forbidden"),
        ({"authorization": "Bearer lk_none"}, "", 401, "unauthenticated"),
        ({}, "?after=-1", 422, "invalid_request"),
    ):
        answer = http.get(path + query, headers=asks | headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["content-type"] == "application/problem+json"
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]


def test_an_anonymous_conversation_is_of_the_key_that_began_it(
    http: httpx.Client, api_cluster: Cluster, running: RunningApi, prefix: str
) -> None:
    (owner, begun), (_, other) = (visitor(http, api_cluster, 1000) for _ in range(2))
    path = f"/v1/conversations/{prefix}-c"
    assert http.post(f"{path}/messages", headers=begun, json={"text": "你好"}).status_code == 202
    (record,) = [r for r in api_cluster.read("chat-events") if r.key == f"{prefix}-c".encode()]
    participant = Participant.model_validate(json.loads(record.value)["participant"])
    assert participant.name == f"anonymous:key:{owner}"
    Worker(api_cluster, running, f"{prefix}-c", participant).stores(1)

    assert len(http.get(f"{path}/messages", headers=begun).json()["items"]) == 1
    assert http.get(f"{path}/messages", headers=other).status_code == 404
    assert http.get(f"{path}/stream", headers=other).status_code == 404
    assert http.post(f"{path}/messages", headers=other, json={"text": "你好"}).status_code == 404
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused, socket(http, f"{path}/socket", other):
        pass
    assert refused.value.status == 404
    with socket(http, f"{path}/socket?after=0", begun) as talk:
        assert talk.hears()[0] == "reply"
        api_cluster.looma("keys", "revoke", owner)
        assert talk.closes() == 1008


def test_messages_of_a_socket_count_as_requests(http: httpx.Client, api_cluster: Cluster, prefix: str) -> None:
    _, shown = visitor(http, api_cluster, 4)
    with socket(http, f"/v1/conversations/{prefix}-c/socket", shown) as talk:
        for _ in range(5):
            talk.says('{"text": "hi"}')
        answers = [talk.hears() for _ in range(5)]
    assert answers[0][0] == "accepted"
    assert (answers[-1][1]["code"], answers[-1][1]["retry_after"] > 0) == ("rate_limited", True)


def test_a_process_that_drains_sends_its_readers_elsewhere(
    http: httpx.Client, running: RunningApi, prefix: str
) -> None:
    with socket(http, f"/v1/conversations/{prefix}-c/socket") as talk:
        running.loop.call_soon_threadsafe(running.api.stopping.set)
        try:
            assert talk.closes() == 1012
        finally:
            running.loop.call_soon_threadsafe(running.api.stopping.clear)
