"""A pattern's matches in a text, found once and then asked for by place: many questions about one line stay cheap."""

import re
from bisect import bisect_left, bisect_right


class Matches:
    """The matches of a pattern in a text, in order, none inside another."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self._found = list(pattern.finditer(text))
        self._starts = [m.start() for m in self._found]
        self._ends = [m.end() for m in self._found]

    def last(self, low: int, high: int) -> re.Match[str] | None:
        """Return the last match inside `text[low:high]`."""
        index = bisect_right(self._ends, high) - 1
        return self._found[index] if index >= 0 and self._starts[index] >= low else None

    def first(self, low: int, high: int) -> re.Match[str] | None:
        """Return the first match inside `text[low:high]`."""
        index = bisect_left(self._starts, low)
        return self._found[index] if index < len(self._found) and self._ends[index] <= high else None

    def across(self, place: int) -> re.Match[str] | None:
        """Return the match that begins before a place and ends behind it."""
        index = bisect_left(self._starts, place) - 1
        return self._found[index] if index >= 0 and self._ends[index] > place else None
