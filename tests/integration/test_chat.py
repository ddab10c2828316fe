"""Chat through a running stack: answers cite records, a killed worker answers each message once, a person is forgotten."""

import asyncio
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiohttp import web

from connectors.message import build_chat
from schemas.chat import ChatDelta, ChatReply, Participant
from tests.support.cluster import Cluster
from tests.support.model_server import Asked, model_server
from tests.support.plans import scanned, shapes


def replies(cluster: Cluster, conversation: str) -> dict[str, list[ChatReply]]:
    """Return what was published in a conversation, by the message that it answers."""
    found: dict[str, list[ChatReply]] = {}
    for record in cluster.read("chat-replies"):
        if record.key == conversation.encode():
            reply = ChatReply.model_validate_json(record.value)
            found.setdefault(reply.in_reply_to, []).append(reply)
    return found


def all_replies(cluster: Cluster, conversation: str) -> list[ChatReply]:
    """Return all that was published in a conversation."""
    return [reply for again in replies(cluster, conversation).values() for reply in again]


def wait_for(look: Callable[[], list[ChatReply]]) -> list[ChatReply]:
    """Return what is found as soon as anything is."""
    deadline = time.monotonic() + 180
    while not (found := look()):
        assert time.monotonic() < deadline, "no reply came"
        time.sleep(0.2)
    return found


def talked(cluster: Cluster, text: str, *options: str) -> str:
    """Say one line to `looma chat`; return what it shows."""
    command = [sys.executable, "-m", "ops.cli", "chat", *options]
    done = subprocess.run(
        command, input=f"{text}\n".encode(), capture_output=True, env=cluster.environment, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


async def moody(asked: Asked) -> web.StreamResponse:
    """Say where jobs are and what they pay, each time in other words."""
    words = ("{}：{}", "{}，{}", "{} 写的是 {}")[asked.number % 3]
    found = re.findall(r"(f\d+) \| job (\S+) \| (?:locations|salary) \| (\S+)", asked.text)
    return await asked.say("\n".join(f"{words.format(job, said)}[{fact}]。" for fact, job, said in found))


@contextmanager
def moody_model() -> Iterator[str]:
    """Run a provider whose model never says the same twice; gives its setting."""
    started, over = threading.Event(), threading.Event()
    url = ""

    async def serve() -> None:
        nonlocal url
        async with model_server(moody) as server:
            url = server.url
            started.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    started.wait()
    try:
        yield json.dumps([{"name": "moody", "url": url, "model": "m"}])
    finally:
        over.set()
        thread.join()


@pytest.fixture(scope="module")
def providers() -> Iterator[str]:
    with moody_model() as setting:
        yield setting


def test_answers_cite_records_and_survive_a_kill(cluster: Cluster, make: Any, prefix: str, providers: str) -> None:
    cluster.publish(
        [
            make("job", f"{prefix}-j1", {"title": "Java 后端工程师", "skills": [{"name": "Java"}, {"name": "Kafka"}],
                 "locations": ["上海"], "salary": {"minimum": 20000, "maximum": 30000}, "status": "open"}),
            make("job", f"{prefix}-j2", {"title": "小学语文老师", "locations": ["成都"], "status": "open"}),
            make("talent", f"{prefix}-t1", {"title": "Java 工程师", "skills": [{"name": "Java"}, {"name": "Kafka"}],
                 "years_experience": 5, "locations": ["上海"], "status": "active"}),
        ]
    )  # fmt: skip
    cluster.worker()
    told_all = {"telemetry__log_format": "json", "mongodb__slow_seconds": 1e-6}
    chat = cluster.worker("--chat", chat__quiet_from=0, chat__quiet_to=0, providers=providers, **told_all)
    cluster.drained()
    who = ("--as", f"candidate:{prefix}-t1", "--conversation", f"{prefix}-c1", "--json")

    found = json.loads(cluster.looma("chat", "send", "上海的Java后端工作", *who))
    assert found["reply"]["provider"] == "moody"
    assert found["reply"]["usage"]["prompt_tokens"] > 0
    assert found["reply"]["focus"][:1] == [f"{prefix}-j1"]
    assert "¥20,000–30,000/月" in found["reply"]["text"]
    cited = {(c["id"], c["field"], c["revision"]) for c in found["reply"]["citations"]}
    assert (f"{prefix}-j1", "salary", 1) in cited
    partial = [
        ChatDelta.model_validate_json(r.value) for r in cluster.read("chat-deltas") if r.key == f"{prefix}-c1".encode()
    ]
    assert "".join(delta.text for delta in partial) == found["reply"]["text"]
    assert (partial[-1].status, len({delta.attempt for delta in partial})) == ("end", 1)
    why = json.loads(cluster.looma("chat", "send", "第一个为什么推荐给我", *who))
    assert why["intent"] == "explain_match"
    assert {c["id"] for c in why["reply"]["citations"]} == {f"{prefix}-t1|{prefix}-j1"}

    wished = json.loads(cluster.looma("chat", "send", "有新的匹配请通知我", *who))
    assert wished["intent"] == "subscribe"
    cluster.publish(
        [
            make("job", f"{prefix}-j3", {"title": "高级 Java 后端工程师", "skills": [{"name": "Java"}, {"name": "Kafka"}],
                 "locations": ["上海"], "salary": {"minimum": 30000, "maximum": 40000}, "status": "open"})
        ]
    )  # fmt: skip
    told = wait_for(lambda: [r for r in all_replies(cluster, f"{prefix}-c1") if r.focus == [f"{prefix}-j3"]])
    assert "¥30,000–40,000/月" in told[0].text
    pay = talked(cluster, "第一个薪资多少", *who[:-1])
    assert f"{prefix}-j3" in pay, "what was told can be asked about"
    assert re.search(rf"job {prefix}-j3 r\d+ · trace [0-9a-f]{{32}}", pay), pay

    rita = ("--as", "recruiter:r-1", "--conversation", f"{prefix}-r", "--json")
    watched = json.loads(cluster.looma("chat", "send", f"{prefix}-j3 有新的人选请通知我", *rita))
    assert watched["reply"]["focus"] == [f"{prefix}-j3"], watched
    cluster.publish(
        [
            make("talent", f"{prefix}-t2", {"title": "Java 工程师", "skills": [{"name": "Java"}, {"name": "Kafka"}],
                 "years_experience": 6, "locations": ["上海"], "status": "active"}),
        ]
    )  # fmt: skip
    wait_for(lambda: [r for r in all_replies(cluster, f"{prefix}-r") if r.focus == [f"{prefix}-t2"]])
    listed = json.loads(cluster.looma("chat", "send", "找上海的 Java 候选人", *rita))
    assert f"{prefix}-t1" in listed["reply"]["focus"], "so that forgetting t1 forgets this conversation, too"

    ann = Participant(kind="candidate", id=f"{prefix}-t1")
    burst = [
        build_chat(f"{prefix}-c{n % 3}", f"上海的工作 {n}", participant=ann, source="app", event_id=f"{prefix}-{n}")
        for n in range(24)
    ]
    cluster.publish([(m.topic, m.key, m.value, m.headers) for m in burst])
    wait_for(lambda: [r for n in (0, 2) for r in all_replies(cluster, f"{prefix}-c{n}")])
    chat.kill()
    asked = shapes(chat.log)
    assert ("insert", "chat_turns") in {(command, collection) for command, collection, _ in asked}
    assert scanned(cluster.settings, asked) == [], "every query of a chat worker has its index"
    cluster.worker("--chat", providers=providers)
    cluster.drained(("chat-events",), group=f"{cluster.settings.kafka.group_id}-chat")
    for conversation in range(3):
        told = replies(cluster, f"{prefix}-c{conversation}")
        mine = [f"{prefix}-{n}" for n in range(24) if n % 3 == conversation]
        assert set(mine) <= set(told)
        for again in told.values():
            assert len({reply.text for reply in again}) == 1, "one message was answered in two ways"
        numbers = [told[id][0].number for id in mine]
        assert numbers == sorted(numbers)
        checked = json.loads(cluster.looma("chat", "replay", f"{prefix}-c{conversation}", "--check", "--json"))
        assert checked["same"]

    cluster.looma("forget", f"{prefix}-t1", "--yes")
    assert not cluster.documents("chat_turns", {"conversation": {"$regex": f"^{prefix}"}})
    assert not any(replies(cluster, f"{prefix}-c{n}") for n in range(3))
    assert not [r for r in cluster.read("chat-events") if (r.key or b"").startswith(f"{prefix}-c".encode())]
    assert "there is no conversation" in cluster.refused("chat", "history", f"{prefix}-c1")
