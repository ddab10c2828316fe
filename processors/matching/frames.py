"""A log inside a document: lines of text in compressed frames, so that adding one costs little."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

MAX_FRAMES = 16
"""With one more, a log is written anew as one frame."""
MAX_BYTES = 3 * 1024 * 1024
"""Of a log that is larger then, the older half is forgotten: a document has 16 MiB for all that is in it."""


@dataclass(slots=True)
class Log:
    """Lines of JSON, each under a key without a tab; the oldest first."""

    frames: list[bytes] = field(default_factory=list)

    def add(self, lines: Iterable[tuple[str, str]], keep: int) -> None:
        """Add lines; of those before, at least the last `keep` under each key are remembered while there is room."""
        self.frames = [*self.frames, _packed(lines)]
        if len(self.frames) <= MAX_FRAMES:
            return
        rows = list(self)
        under: dict[str, list[int]] = {}
        for number, (key, _) in enumerate(rows):
            under.setdefault(key, []).append(number)
        kept = [rows[number] for number in sorted(n for numbers in under.values() for n in numbers[-keep:])]
        packed = _packed(kept)
        while len(packed) > MAX_BYTES:
            kept = kept[len(kept) // 2 :]
            packed = _packed(kept)
        self.frames = [packed]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield (key, line)."""
        for frame in self.frames:
            for line in zlib.decompress(frame).decode().split("\n"):
                key, _, text = line.partition("\t")
                yield key, text


def _packed(lines: Iterable[tuple[str, str]]) -> bytes:
    """Return a frame; JSON in one line has neither a tab nor an end of a line in it."""
    return zlib.compress("\n".join(f"{key}\t{text}" for key, text in lines).encode(), 1)
