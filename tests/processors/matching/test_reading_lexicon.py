"""Word lists: looking for the beginnings of patterns first misses nothing."""

import re

from hypothesis import given
from hypothesis import strategies as st

from processors.matching.reading.lexicon import DISCIPLINES, INDUSTRIES, Lexicon

LISTS = [INDUSTRIES, DISCIPLINES]
MATCHING = [st.from_regex(pattern) for words in LISTS for pattern in words.patterns.values()]
texts = st.lists(st.one_of(*MATCHING) | st.text("银行商 abe-", max_size=5), max_size=4).map("".join)


@given(texts)
def test_every_pattern_that_is_in_a_text_is_named(text: str) -> None:
    for words in LISTS:
        assert words.named(text) == [name for name, pattern in words.patterns.items() if pattern.search(text)]


def test_an_optional_letter_is_no_beginning() -> None:
    patterns = {"a": "e-?shop", "b": "(?:x|y)z", "c": "cars?|q*u", "d": r"\bdog{2}"}
    words = Lexicon({name: re.compile(pattern) for name, pattern in patterns.items()}, frozenset())
    for text, named in (("eshop", "a"), ("yz", "b"), ("car", "c"), ("u", "c"), ("dogg", "d"), ("nothing", "")):
        assert words.named(text) == list(named)
