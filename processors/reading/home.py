"""Where somebody lives or wants to work, among the towns that a CV names."""

import re

from processors.lexicon.places import found_places

_LABEL = re.compile(
    r"(?:现居|现居住|居住|常住|所在|现住|坐标|期望|意向|目标|求职|工作地|人在|目前在|定居|base[ds]?|location|city|address|lives?|living"
    r"|at home"
    r"|residing"
    r"|resident|currently|relocat\w* to|prefer\w*|want\w* to (?:work|move|live))\W{0,3}(?:地点|城市|地区|地址|工作地"
    r"|位于"
    r"|在"
    r"|于|地|location|city|in|at|to|is)?\W{0,4}(?:in |at )?$",
    re.IGNORECASE,
)
_SCHOOL = re.compile(r"^\S{0,8}(?:大学|学院|学校|中学)|^ (?:\w+ ){0,3}(?:University|College|Institute|School)")
_SCHOOL_BEFORE = re.compile(r"(?:University|College|Institute|School) of $", re.IGNORECASE)
_NOW = re.compile(r"至今|现在|present|\bnow\b|current|till date|to date", re.IGNORECASE)
_HEAD = 300


def home(text: str) -> list[str]:
    """Return the towns that have a label, else the first of the beginning, of the position still held, or of the rest.

    Those of a school do not count.
    """
    labelled: list[str] = []
    rest: list[tuple[str, int]] = []
    for name, start, end in found_places(text):
        if _SCHOOL.match(text[end : end + 40]) or _SCHOOL_BEFORE.search(text[max(start - 24, 0) : start]):
            continue
        if _LABEL.search(text[max(start - 24, 0) : start]):
            labelled.append(name)
        rest.append((name, start))
    if labelled:
        return list(dict.fromkeys(labelled))
    head = [name for name, start in rest if start < _HEAD]
    now = [name for name, start in rest if _NOW.search(_line(text, start))]
    return (head[:1] if head and not now else now[:1]) or [name for name, _ in rest[:1]]


def _line(text: str, at: int) -> str:
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    return text[start : end if end >= 0 else len(text)][:300]
