"""What a query does not want: `NOT recruiter`, `-java`, `go developer, not java`, 不要外包."""

import re
from functools import lru_cache

from processors.lexicon.script import fold

_GROUP = r'"[^"\n]{1,80}"|\([^()\n]{1,120}\)'
_WORD = r"[^\s,;()\"]+"
_UNTIL = r"(?=$|[,;，；。、)(\"]| (?:and|or|but|not|with|in|who|that)\b)"
_NOT = r"(?:and )?(?:not|excluding|except(?: for)?|without)(?! (?:only|just|necessar|sure|more|less|limited))"
_HAN_NOT = r"不要|不需要|不考虑|不含|不招|谢绝|拒绝|排除|勿投|非(?=外包|中介|猎头|应届|实习|兼职)"  # 非常, 是非
_HAN = r"[^\s，,、；;。]{1,12}?"
_WANTS_NOT = re.compile(
    rf"\b{_NOT}[ :]{{1,2}}(?:an? |any |the )?(?P<a>{_GROUP}|{_WORD}(?: {_WORD}){{0,3}}?{_UNTIL})"
    rf"|(?:(?<=\s)|^)-(?=[^\s\d-])(?P<b>{_GROUP}|[^\s,;()\"]{{1,40}})"
    rf"|(?:{_HAN_NOT})[ ]?(?P<c>{_HAN})(?:的|背景|出身|经历|勿扰)?(?=$|[\s，,、；;。])"
    rf"|除(?:了|去)?(?P<d>{_HAN})(?:以外|之外)(?!.{{0,3}}[还也])"
)


@lru_cache(maxsize=1_000)
def parted(query: str) -> tuple[str, str]:
    """Return what a query wants, of the same length, and what it does not, the one with spaces for the other.

    All of a query that wants nothing else is wanted: there is nothing to leave out of.
    """
    folded = fold(query)
    if len(folded) != len(query):
        return query, ""
    wanted, unwanted = list(query), [" "] * len(query)
    for found in _WANTS_NOT.finditer(folded):
        first, last = next(found.span(name) for name in "abcd" if found[name])
        unwanted[first:last] = query[first:last]
        wanted[found.start() : found.end()] = " " * (found.end() - found.start())
    rest = "".join(wanted)
    return (rest, "".join(unwanted)) if any(map(str.isalnum, rest)) else (query, "")
