"""The records that a message points at: `第二个`, `the last one`, `他`, an id."""

import re

from processors.chat.conversation import Conversation, Shown
from processors.lexicon.script import fold, plain
from processors.skills.levels import number

_ORDINALS = {word: n for n, word in enumerate(("first", "second", "third", "fourth", "fifth"), 1)}
ORDINAL = re.compile(
    r"第\s?(?P<han>[一二三四五六七八九十]|\d{1,2})\s?(?:个|份|位|条|家|名|项)?"
    r"|(?<![月\d十])(?P<number>[一二三四五1-5])号(?![线楼店])"
    r"|\b(?P<word>first|second|third|fourth|fifth)\b"
    r"|(?:number|no\.?|#)\s?(?P<digit>\d{1,2})\b"
    r"|(?P<last>最后(?:一)?[个份位条]|\blast one\b)"
)
_FIRST_FEW = re.compile(
    r"前(?P<han>[一二两三四五]|\d)\s?(?:个|份|位|条|家|名)|\bfirst (?P<word>two|three|four|five)\b"
    r"|(?P<two>\bboth\b|这两[个份位])"
)
_THIS = re.compile(
    r"(?<![其吉])[他她它](?!们)|这(?:个|份|位|家|间|条|人)|那(?:个|份|位|家|间|条)(?!什么|啥)|该(?:职位|岗位|公司|候选人|人)|上(?:面|述)(?:那|这)?[个份位]"
    r"|\b(?:it|him|her|he|she"
    r"|(?:this|that) (?:one|job|position|role|candidate|person|company)|the (?:job|position|role|candidate|company))\b"
)


def pointed_at(text: str, state: Conversation) -> tuple[Shown, ...]:
    """Return the records of the focus that a message means: by id, by place in the list, or as `this one`."""
    focus = state.focus
    if not focus:
        return ()
    folded = plain(fold(text))
    named = [
        shown for shown in focus if re.search(rf"(?<![a-z\d_-]){re.escape(shown.id.casefold())}(?![a-z\d_-])", folded)
    ]
    if named:
        return tuple(named)
    if few := _FIRST_FEW.search(folded):
        return focus[: 2 if few["two"] else _count(few["han"] or few["word"])]
    places = [
        len(focus) if match["last"] else _count(match["word"] or match["han"] or match["number"] or match["digit"])
        for match in ORDINAL.finditer(folded)
    ]
    if places:
        return tuple(focus[n - 1] for n in dict.fromkeys(places) if 0 < n <= len(focus))
    if not _THIS.search(folded):
        return ()
    return (state.current,) if state.current else focus[:1]


def _count(said: str) -> int:
    return _ORDINALS.get(said) or int(number(said))
