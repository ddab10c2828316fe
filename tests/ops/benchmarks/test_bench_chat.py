"""The account of a chat run: what was not answered, answered in two ways, or answered out of order."""

from ops.benchmarks.chat import Heard
from ops.benchmarks.scripted_model import worded
from schemas.chat import ANONYMOUS, ChatDelta, ChatReply


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


def test_the_first_word_is_partial_text_or_else_the_reply() -> None:
    heard = Heard()
    delta = ChatDelta(conversation_id="c", participant=ANONYMOUS, in_reply_to="a", number=1, attempt="x", text="hi")
    heard.begin(delta.model_dump_json().encode())
    heard.hear(reply("a", 1))
    heard.hear(reply("b", 2))
    assert heard.begun["a"] < heard.at["a"]
    assert heard.begun["b"] == heard.at["b"]


def test_the_scripted_model_words_each_fact_with_its_id() -> None:
    facts = "<facts>\nf1 | job J1 | title | Java\nf2 | job J1 | locations | Shanghai\n</facts>"
    assert worded(facts) == "J1：Shanghai[f2]。"
    assert worded(f"Asked by: a candidate\n{facts}") == "J1: Shanghai [f2]."
