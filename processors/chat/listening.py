"""What a reader of a conversation is told, from replies and partial text that come in any order, twice, or not at all."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from schemas.chat import ChatDelta, ChatReply


class Frame(NamedTuple):
    """One thing to tell: a text to append to what is shown of an answer, to take that back, or the reply in its place.

    `number` is that of the turn; `id` the `ce_id` of a reply and `trace` the id of its trace, "" if that is not known.
    """

    kind: Literal["delta", "reset", "reply"]
    number: int
    text: str = ""
    in_reply_to: str = ""
    id: str = ""
    trace: str = ""
    reply: ChatReply | None = None


class Listener:
    """Tells each reply once and in order, and of each answer that is being worded one attempt at a time.

    Partial text is told without gaps: what a reader has appended since the last reply or reset is what an attempt has
    said so far. `heard` is the number of the last turn whose reply is known.
    """

    def __init__(self, heard: int = 0) -> None:
        self.heard = heard
        self._attempt = ""
        self._number = 0
        self._length = 0

    def reply(self, reply: ChatReply, id: str, trace: str = "") -> Iterator[Frame]:
        """Take a reply; yield it unless it has been told."""
        if reply.number > self.heard:
            self.heard = reply.number
            if self._number <= self.heard:
                self._attempt, self._length = "", 0
            yield Frame("reply", reply.number, reply.text, reply.in_reply_to, id, trace, reply)

    def delta(self, delta: ChatDelta) -> Iterator[Frame]:
        """Take partial text; yield what of it goes on from what was told."""
        if delta.number <= self.heard or delta.status == "end":
            return
        is_current = delta.attempt == self._attempt
        if delta.status == "reset":
            if is_current:
                yield from self._taken_back(delta)
            return
        if not is_current and delta.position == 0:
            yield from self._taken_back(delta)
            self._attempt, self._number = delta.attempt, delta.number
        if delta.attempt == self._attempt and delta.position == self._length:
            self._length += len(delta.text)
            yield Frame("delta", delta.number, delta.text, delta.in_reply_to)

    def _taken_back(self, delta: ChatDelta) -> Iterator[Frame]:
        if self._length:
            yield Frame("reset", delta.number, in_reply_to=delta.in_reply_to)
        self._attempt, self._length = "", 0
