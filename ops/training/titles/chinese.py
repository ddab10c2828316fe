"""Chinese titles put together from English ones, word by word: most Chinese titles are made that way too.

Not translations to be read: they tell training which Chinese words go with which English ones.
"""

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

GLOSSARY = Path(__file__).parents[1] / "data" / "titles_zh.txt"
"""Lines of `English=中文/another`, our own writing: words and phrases, in lower case."""
_TOKEN = re.compile(r"[a-z0-9][a-z0-9+#.'-]*|[,/&]")
_BRACKETS = re.compile(r"\(.*?\)")
_SILENT = frozenset(("the", "a", "an", "and", "or", "of", "in", "for", "to", "&", ","))
_TURNED = frozenset(("of", "in", "for"))
_LONGEST = 4
_TRIES = 2
_USUAL = 0.6


def translations(seed: str, titles: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the English titles whose words are all known, each with a Chinese one; always the same for a seed."""
    chance = random.Random(seed)
    found = [(title, translated(title, chance)) for title in titles for _ in range(_TRIES)]
    return tuple(dict.fromkeys((title, made) for title, made in found if made and len(made) > 1))


def translated(title: str, chance: random.Random) -> str | None:
    """Return a title in Chinese, each word by one of its translations; None if a word is not in the glossary."""
    words = _words(_BRACKETS.sub(" ", title.casefold()).split("/")[0])
    for place, word in enumerate(words[1:-1], 1):
        if word in _TURNED:  # professor of economics: 经济学教授
            head, rest = _composed(words[:place], chance), _composed(words[place + 1 :], chance)
            return rest + head if head and rest else None
    return _composed(words, chance)


def _words(text: str) -> list[str]:
    words = [word.strip(".'").removesuffix("'s") for word in _TOKEN.findall(text)]
    return [part for word in words for part in ([word] if word in glossary() else word.split("-")) if part]


def _composed(words: Sequence[str], chance: random.Random) -> str | None:
    known, composed, place = glossary(), "", 0
    while place < len(words):
        for size in range(min(_LONGEST, len(words) - place), 0, -1):
            phrase = " ".join(words[place : place + size])
            if meant := known.get(phrase) or known.get(phrase.removesuffix("s")):
                composed += meant[0] if chance.random() < _USUAL else chance.choice(meant)
                place += size
                break
        else:
            if words[place] not in _SILENT:
                return None
            place += 1
    return composed or None


@cache
def glossary() -> Mapping[str, Sequence[str]]:
    """Return the translations of each word and phrase, the usual one first."""
    lines = GLOSSARY.read_text("utf-8").splitlines()
    return {english: chinese.split("/") for english, chinese in (line.split("=") for line in lines)}
