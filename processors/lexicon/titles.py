"""Words of job titles, in Chinese, English and other languages that resumes come in."""

import re

from processors.lexicon.parts import joined
from processors.lexicon.script import is_han
from processors.lexicon.short_texts import kept_if_short

_PARTS = joined("processors.lexicon", "titles")
_TITLE_HAN = re.compile(_PARTS["han"])
_TITLE_LATIN = re.compile(_PARTS["english"], re.IGNORECASE)

_TITLE_EUROPEAN = re.compile(_PARTS["european"], re.IGNORECASE)
_TITLE_OF_MORE = re.compile(_PARTS["more"], re.IGNORECASE)
_TITLE_ASIAN = re.compile(_PARTS["asian"])
_LATIN = (_TITLE_LATIN, _TITLE_EUROPEAN, _TITLE_OF_MORE)


@kept_if_short
def title_score(text: str) -> float:
    """How much a text looks like a job title."""
    if _TITLE_ASIAN.search(text):
        return 2.5
    if is_han(text):
        return 2.5 if _TITLE_HAN.search(text) else 0.0
    return 2.5 if any(words.search(text) for words in _LATIN) else 0.0
