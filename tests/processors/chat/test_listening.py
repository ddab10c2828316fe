"""Readers of a conversation: never two texts in one, each reply once, whatever the log brings again or leaves out."""

from collections.abc import Iterable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from processors.chat.listening import Frame, Listener
from schemas.chat import ANONYMOUS, ChatDelta, ChatReply


def delta(number: int, attempt: str, position: int = 0, text: str = "", status: Any = "text") -> ChatDelta:
    return ChatDelta(
        conversation_id="c", participant=ANONYMOUS, in_reply_to=f"e-{number}", number=number, attempt=attempt, status=status,
        position=position, text=text,
    )  # fmt: skip


def reply(number: int) -> ChatReply:
    return ChatReply(conversation_id="c", in_reply_to=f"e-{number}", number=number, outcome="replied", text=str(number))


def told(listener: Listener, items: Iterable[ChatDelta | ChatReply]) -> list[Frame]:
    frames: list[Frame] = []
    for item in items:
        frames += listener.delta(item) if isinstance(item, ChatDelta) else listener.reply(item, f"r-{item.number}")
    return frames


def test_partial_text_grows_and_the_reply_takes_its_place() -> None:
    items = [
        delta(1, "a", 0, "你好"),
        delta(1, "a", 2, "。"),
        delta(1, "a", 3, status="end"),
        reply(1),
        delta(1, "a", 0, "x"),
    ]
    assert [(f.kind, f.text) for f in told(Listener(), items)] == [("delta", "你好"), ("delta", "。"), ("reply", "1")]


def test_another_attempt_begins_anew_and_the_old_one_is_not_heard_any_more() -> None:
    items = [
        delta(1, "a", 0, "ab"),
        delta(1, "b", 0, "cd"),
        delta(1, "a", 2, "x"),
        delta(1, "b", 2, "e"),
        delta(1, "b", status="reset"),
    ]
    kinds = [(f.kind, f.text) for f in told(Listener(), items)]
    assert kinds == [("delta", "ab"), ("reset", ""), ("delta", "cd"), ("delta", "e"), ("reset", "")]


TEXTS = {f"{number}-{attempt}": f"{attempt}{number}" * 4 for number in (1, 2, 3) for attempt in "ab"}
PIECES = [
    delta(int(name[0]), name, at, text[at : at + size]) for name, text in TEXTS.items() for at in range(0, 8, 2) for size in (2, 4)
]  # fmt: skip
RESETS = [delta(int(name[0]), name, 8, status="reset") for name in TEXTS]
ITEMS = [*PIECES, *RESETS, *(reply(number) for number in (1, 2, 3) for _ in range(10))]


@given(st.lists(st.integers(0, len(ITEMS) - 1), max_size=40).map(lambda places: [ITEMS[n] for n in places]))
def test_what_is_shown_is_always_the_beginning_of_one_text(items: list[ChatDelta | ChatReply]) -> None:
    shown, replies = "", []
    for frame in told(Listener(), items):
        shown = shown + frame.text if frame.kind == "delta" else ""
        assert any(text.startswith(shown) for text in TEXTS.values())
        if frame.kind == "reply":
            replies.append(frame.number)
        else:
            assert frame.number > max(replies, default=0), "of an answer that is there already"
    assert replies == sorted(set(replies))
