"""Words of a text in Latin letters and runs of Chinese: what searching and matching both count."""

import re

# `c++`, `c#` and `.net` are words; so is a number with letters, as in `3d` or `es6`.
WORD = re.compile(r"\.?[a-z0-9\u00df-\u024f][a-z0-9\u00df-\u024f]*[+#]{0,2}|[\u3400-\u9fff]+")
"""Of a text in lower case."""
MAX_WORD = 40


def singular(word: str) -> str:
    """Return an English word without the plural's ending (Harman's S-stemmer, 1991)."""
    if len(word) < 4 or not word.endswith("s"):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    return word if word.endswith(("us", "ss")) else word[:-1]
