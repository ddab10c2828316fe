"""Chat through a running stack: answers cite records, a killed worker answers each message once, a person is forgotten."""

import json
import time
from typing import Any

from connectors.message import build_chat
from schemas.chat import ChatReply, Participant
from tests.support.cluster import Cluster


def replies(cluster: Cluster, conversation: str) -> dict[str, list[ChatReply]]:
    """Return what was published in a conversation, by the message that it answers."""
    found: dict[str, list[ChatReply]] = {}
    for record in cluster.read("chat-replies"):
        if record.key == conversation.encode():
            reply = ChatReply.model_validate_json(record.value)
            found.setdefault(reply.in_reply_to, []).append(reply)
    return found


def test_answers_cite_records_and_survive_a_kill(cluster: Cluster, make: Any, prefix: str) -> None:
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
    chat = cluster.worker("--chat")
    cluster.drained()
    who = ("--as", f"candidate:{prefix}-t1", "--conversation", f"{prefix}-c1", "--json")

    found = json.loads(cluster.looma("chat", "send", "上海的Java后端工作", *who))
    assert found["reply"]["focus"][:1] == [f"{prefix}-j1"]
    assert "¥20,000–30,000/月" in found["reply"]["text"]
    cited = {(c["id"], c["field"], c["revision"]) for c in found["reply"]["citations"]}
    assert (f"{prefix}-j1", "salary", 1) in cited
    why = json.loads(cluster.looma("chat", "send", "第一个为什么推荐给我", *who))
    assert why["intent"] == "explain_match"
    assert {c["id"] for c in why["reply"]["citations"]} == {f"{prefix}-t1|{prefix}-j1"}

    ann = Participant(kind="candidate", id=f"{prefix}-t1")
    burst = [
        build_chat(f"{prefix}-c{n % 3}", f"上海的工作 {n}", participant=ann, source="app", event_id=f"{prefix}-{n}")
        for n in range(60)
    ]
    cluster.publish([(m.topic, m.key, m.value, m.headers) for m in burst])
    deadline = time.monotonic() + 60
    while not any(replies(cluster, f"{prefix}-c{n}") for n in (0, 2)):
        assert time.monotonic() < deadline
    chat.kill()
    cluster.worker("--chat")
    cluster.drained(("chat-events",), group=f"{cluster.settings.kafka.group_id}-chat")
    for conversation in range(3):
        told = replies(cluster, f"{prefix}-c{conversation}")
        mine = [f"{prefix}-{n}" for n in range(60) if n % 3 == conversation]
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
    assert not [r for r in cluster.read("chat-events") if (r.key or b"").startswith(prefix.encode())]
    assert "there is no conversation" in cluster.refused("chat", "history", f"{prefix}-c1")
