"""What a terminal shows of a conversation: no text twice, no text that was taken back as if it stood."""

from io import StringIO

import pytest
from rich.console import Console

from ops.cli import chat_screen
from ops.cli.chat_screen import Screen
from processors.chat.listening import Frame
from schemas.chat import ChatReply, Citation

REPLY = ChatReply(
    conversation_id="c", in_reply_to="e", number=1, outcome="replied", text="J1 在上海。月薪 2 万。",
    citations=[Citation(entity="job", id="J1", field="salary", revision=3)],
)  # fmt: skip


def shown(monkeypatch: pytest.MonkeyPatch, *frames: Frame) -> str:
    out = StringIO()
    monkeypatch.setattr(chat_screen, "console", Console(file=out, width=100))
    screen = Screen()
    for frame in frames:
        screen.show(frame)
    return out.getvalue()


def reply() -> Frame:
    return Frame("reply", 1, REPLY.text, "e", "r", "a" * 32, REPLY)


def test_a_text_that_came_in_pieces_is_not_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, Frame("delta", 1, "J1 在上海。"), Frame("delta", 1, "月薪 2 万。"), reply())
    assert text == f"J1 在上海。月薪 2 万。\n  job J1 r3 · trace {'a' * 32}\n"


def test_what_is_taken_back_is_marked_and_the_reply_is_said_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(monkeypatch, Frame("delta", 1, "J2"), Frame("reset", 1), reply())
    assert text.splitlines()[:2] == ["J2 …", REPLY.text]
