"""What is told of a short text is kept: each rule that looks at a line asks for it again."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

T = TypeVar("T")
LONGEST = 200
"""Characters of a text whose answer is kept."""


def kept_if_short(function: Callable[[str], T]) -> Callable[[str], T]:
    """Have a function of a text remember its answers, as `lru_cache` does, but for long texts."""
    kept = lru_cache(maxsize=8192)(function)

    @wraps(function)
    def answered(text: str) -> T:
        return kept(text) if len(text) <= LONGEST else function(text)

    answered.cache_info, answered.cache_clear = kept.cache_info, kept.cache_clear  # type: ignore[attr-defined]
    return answered
