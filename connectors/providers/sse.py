"""Server-sent events, as much of them as completions need: the data of each event, however the bytes are cut."""

import codecs

from schemas.completions import ProviderError

MAX_EVENT_CHARACTERS = 256 * 1024


class EventReader:
    """Reads the `data` of events from bytes. Comments, names and ids of events are passed over."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._rest = ""
        self._data: list[str] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[str]:
        """Return the events that end in this chunk. Raises ProviderError for one that does not end."""
        *lines, self._rest = self._lines(self._decoder.decode(chunk))
        events = []
        for line in lines:
            if not line and self._data:
                events.append("\n".join(self._data))
                self._data, self._size = [], 0
            elif line.startswith("data:"):
                self._data.append(line[5:].removeprefix(" "))
                self._size += len(line)
        if self._size + len(self._rest) > MAX_EVENT_CHARACTERS:
            raise ProviderError(f"an event is longer than {MAX_EVENT_CHARACTERS} characters")
        return events

    def _lines(self, text: str) -> list[str]:
        text = self._rest + text
        # A carriage return at the end may be half of a line's end.
        held = "\r" if text.endswith("\r") else ""
        lines = text.removesuffix(held).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        lines[-1] += held
        return lines
