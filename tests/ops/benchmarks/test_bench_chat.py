"""The account of a chat run: what was not answered, answered in two ways, or answered out of order."""

from ops.benchmarks.chat import Heard
from schemas.chat import ChatReply


def reply(id: str, number: int, conversation: str = "c", text: str = "x") -> bytes:
    made = ChatReply(conversation_id=conversation, in_reply_to=id, number=number, outcome="replied", text=text)
    return made.model_dump_json().encode()


def test_what_went_wrong_is_counted_and_repeats_are_not() -> None:
    heard = Heard()
    for value in (reply("a", 1), reply("a", 1), reply("b", 2), reply("x", 1, "d"), reply("a", 1)):
        heard.hear(value)
    assert heard.account(["a", "b", "x"]) == {"lost": 0, "duplicated": 0, "reordered": 0}
    for value in (reply("a", 1, text="another"), reply("y", 3, "d"), reply("z", 2, "d")):
        heard.hear(value)
    assert heard.account(["a", "b", "missing"]) == {"lost": 1, "duplicated": 1, "reordered": 1}
