"""A conversation on a terminal: what is certain of an answer as it comes, then the reply with where it stands."""

from ops.cli.context import console
from processors.chat.listening import Frame
from schemas.chat import ChatReply


class Screen:
    """Shows frames of a conversation."""

    def __init__(self) -> None:
        self._partial = ""

    def show(self, frame: Frame) -> None:
        """Show one thing more."""
        if frame.kind == "delta":
            self._partial += frame.text
            console.print(frame.text, end="", markup=False, highlight=False, soft_wrap=True)
            return
        is_whole = frame.reply is not None and frame.reply.text == self._partial
        if self._partial:
            console.print("" if is_whole else " …", style="dim")
        self._partial = ""
        if frame.reply is not None:
            show_reply(frame.reply, trace=frame.trace, with_text=not is_whole)


def show_reply(reply: ChatReply, *, trace: str = "", with_text: bool = True) -> None:
    """Show a reply, the records that it cites, and its trace."""
    if with_text:
        console.print(reply.text or f"({reply.outcome})", markup=False, highlight=False)
    cited = dict.fromkeys(f"{c.entity} {c.id} r{c.revision}" for c in reply.citations)
    notes = [", ".join(cited)] if cited else []
    if trace:
        notes.append(f"trace {trace}")
    if notes:
        console.print("  " + " · ".join(notes), style="dim", markup=False, highlight=False)
