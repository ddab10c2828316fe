"""Hand-overs that have come before their turn: a person may take a conversation while it is being answered."""

from collections import OrderedDict

from schemas.chat import HANDOVER, ChatHandover, decode_chat
from schemas.errors import BadMessageError
from streams.delivery import Inbound

MAX_CONVERSATIONS = 10_000
MAX_OF_ONE = 20


class Handovers:
    """What the log says of messages that a worker has fetched, before their turn comes."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, bytes | None], dict[int, bool]] = OrderedDict()

    def note(self, message: Inbound) -> None:
        """Take note of a message that has come; those that are no hand-over are passed over."""
        if dict(message.headers).get("ce_type") != HANDOVER.encode():
            return
        try:
            content = decode_chat(message.key, message.value, message.headers).content
        except BadMessageError:
            return  # its turn comes
        if not isinstance(content, ChatHandover):
            return
        place = message.partition, message.key
        offsets = self._known.setdefault(place, {})
        offsets[message.offset] = content.status == "taken"
        while len(offsets) > MAX_OF_ONE:
            del offsets[min(offsets)]
        self._known.move_to_end(place)
        if len(self._known) > MAX_CONVERSATIONS:
            self._known.popitem(last=False)

    def taken_after(self, message: Inbound) -> bool:
        """Whether the next hand-over behind a message, in its conversation, is that a person has taken it."""
        offsets = self._known.get((message.partition, message.key), {})
        behind = [offset for offset in offsets if offset > message.offset]
        return bool(behind) and offsets[min(behind)]
