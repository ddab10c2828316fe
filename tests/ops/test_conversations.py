"""A conversation as it is read: all of it, and nothing personal unless that is asked for."""

from ops.conversations import document, markdown, masked, private_values
from processors.chat.conversation import Effect
from schemas.chat import ChatReply, Citation
from sinks.conversations import Turn

REPLY = ChatReply(
    conversation_id="c-1", in_reply_to="e-1", number=1, outcome="replied", text="1. 王小明，请拨 13812345678\n*J1*",
    citations=[Citation(entity="job", id="J1", field="salary", revision=3)],
)  # fmt: skip
TURN = Turn(
    id="t", conversation="c-1", number=1, event_id="e-1", digest="", time="2026-01-05T08:00:00.000Z", kind="user",
    participant="candidate:t-1", text="我叫王小明，电话 13812345678\n<b>上海</b>", effect=Effect("user", private=("NAME 王小明",)),
    outcome="replied", reply=REPLY.model_dump_json().encode(),
)  # fmt: skip


def test_a_conversation_is_masked_where_it_is_personal() -> None:
    (turn,) = masked([document(TURN)], private_values([TURN]))
    for text in (turn["text"], turn["reply"]["text"]):
        assert "王小明" not in text
        assert "13812345678" not in text
    assert "上海" in turn["text"]
    assert turn["reply"]["citations"] == document(TURN)["reply"]["citations"]


def test_texts_are_no_markup_in_markdown() -> None:
    text = "\n".join(markdown([document(TURN)]))
    assert r"> \<b\>上海\</b\>" in text
    assert r"\*J1\*" in text
    assert text.endswith("*job J1 r3*")
