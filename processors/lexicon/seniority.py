"""Seniority from a title's words, or else from years of experience."""

import re
from functools import lru_cache

RANKS: dict[str, int] = {"intern": 0, "junior": 1, "mid": 2, "senior": 3, "lead": 4, "executive": 5}

# The first that matches counts: an assistant to a director is an assistant, a senior director a director.
_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (rank, re.compile(pattern, re.IGNORECASE))
    for rank, pattern in (
        ("intern", r"实习|见习|\bintern(?:ship)?\b|\btrainee\b|\bworking student\b"),
        ("junior", r"助理|初级|应届|管培|\bjunior\b|\bjr\b|\bentry[- ]level\b|\bassistant\b|\bgraduate\b"),
        ("executive", r"总监|总经理|总裁|副总|首席(?!专家|工程师|科学家|架构师)|合伙人|创始人|部门?(?:负责人|经理|主任)"
                      r"|部长"
                      r"|\bdirector\b|\bvp\b|\bvice president\b|\bchief\b|\bhead of\b|\bhead,|\bc[etfo]o\b"
                      r"|\bfounder\b(?!['’]s)"),
        ("lead", r"资深|专家|首席|主管|负责人|组长|带头人|主任|护士长|\blead\b(?! gen)|\bprincipal\b"
                 r"|\bstaff (?:\w+ )?(?:engineer|scientist|designer)\b|\bteam leader\b"),
        ("senior", r"高级|高工|\bsenior\b|\bsr\b"),
        ("mid", r"中级|\bmid(?:dle)?\b|\bintermediate\b"),
    )
)  # fmt: skip
_VETERAN = re.compile("资深")
_VETERAN_YEARS = 8
"""Fewer years make a `资深` senior, not a lead."""


@lru_cache(maxsize=20_000)
def _from_title(title: str) -> str | None:
    return next((rank for rank, pattern in _WORDS if pattern.search(title)), None)


def seniority(given: str | None, title: str | None, years: float | None) -> str | None:
    """Return what is given, else what the title says, else what the years suggest: <3 junior, <6 mid, else senior.

    Years alone make nobody a lead.
    """
    if given:
        return given
    found = _from_title(title) if title else None
    if found == "lead" and title and years is not None and years < _VETERAN_YEARS and _VETERAN.search(title):
        return "senior"
    if found or years is None:
        return found
    return "junior" if years < 3 else "mid" if years < 6 else "senior"
