"""The team somebody led or is to lead, and when they can or must start."""

import re

_NUMBER = r"\d{1,4}"
_TEAM_PATTERN = (
    rf"(?:带领?|管理|领导|负责|手下|团队|下属|组建)[^\n。；;,，]{{0,8}}?(?P<zh>{_NUMBER})\s?[+多余]?\s?(?:人|名|位)"
    rf"|团队管理\s?[(（]\s?(?P<zh2>{_NUMBER})"
    rf"|团队(?:规模)?\s?[:：]?\s?(?P<zh3>{_NUMBER})\s?人"
    rf"|(?:lead(?:ing|s)?|led|manag(?:es?|ed|ing)|supervis(?:es?|ed|ing)|head(?:s|ed|ing)?|coach(?:es|ed)?|team"
    rf"|staff)\b[^\n.;,]{{0,30}}?\b(?P<en>{_NUMBER}|\w+)\+?\s(?:direct reports|people|persons|colleagues|members|"
    rf"employees|staff|reports|engineers|developers|nurses|teachers|designers|lawyers|analysts|accountants|representatives|sales\w*|technicians|workers|direct)"
    rf"|team of (?:about |up to |over )?(?P<en2>{_NUMBER}|\w+)"
)
_REPORTS = "direct reports"
_TEAM = re.compile(_TEAM_PATTERN, re.IGNORECASE)
_TEAM_OR_REPORTS = re.compile(rf"{_TEAM_PATTERN}|(?P<en3>{_NUMBER}|\w+) {_REPORTS}", re.IGNORECASE)
"""Far slower: any word may be the number."""

_MANAGES = re.compile(
    r"团队管理|带团队|带过团队|管理经验|下属|people management|line management|managing people|team leadership"
    r"|manage a team"
    r"|lead a team"
    r"|leads? (?:the|our) team|direct reports",
    re.IGNORECASE,
)
_WORDS = {w: n for n, w in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)}  # noqa: SIM905
_SOME = 3
"""People led where the number is not said."""

_HAN = {"半": 0.5, "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6}
_SPAN = (
    rf"(?P<n>\d{{1,2}}|[{''.join(_HAN)}]|one|two|three|four|six|eight|twelve|a)\s?-?\s?"
    r"(?P<unit>个?月|周|个?星期|天|months?|weeks?|days?)"
)
_START = re.compile(r"到岗|入职|上班|交接|通知期|notice|start|available|join|availability|need you", re.IGNORECASE)
_AT_ONCE = re.compile(
    r"随时(?:到岗|可|入职|上班)|立即(?:到岗|入职|上岗)|即刻(?:到岗|入职)|马上(?:到岗|入职)|可立即"
    r"|immediate(?:ly)?(?: start"
    r"| joiner"
    r"| available)?|available (?:now|immediately)"
    r"|start (?:at once|now|immediately|right away)|free to start",
    re.IGNORECASE,
)
_LENGTH = re.compile(_SPAN, re.IGNORECASE)
_CLAUSES = re.compile(r"[\n。；;,，|]|\.\s")


def team(text: str) -> int | None:
    """Return how many people a text says are led, the most; None where it speaks of none."""
    sizes = []
    pattern = _TEAM_OR_REPORTS if _REPORTS in text.casefold() else _TEAM
    for match in pattern.finditer(text):
        said = next(value for value in match.groupdict().values() if value)
        size = int(said) if said.isdigit() else _WORDS.get(said.lower(), 0)
        if 0 < size < 5000:
            sizes.append(size)
    return max(sizes, default=_SOME if _MANAGES.search(text) else None)


def start_weeks(text: str) -> int | None:
    """Return in how many weeks somebody can, or must, start; 0: at once; None where it is not said."""
    found = None
    for clause in _CLAUSES.split(text):
        if not _START.search(clause) and not _AT_ONCE.search(clause):
            continue
        if _AT_ONCE.search(clause):
            return 0
        match = _LENGTH.search(clause)
        if match and found is None:
            number = (
                _HAN.get(match["n"])
                or _WORDS.get(match["n"].lower())
                or (1 if match["n"] == "a" else float(match["n"]))
            )
            unit = match["unit"].lower()
            weeks = (
                4
                if "月" in unit or "month" in unit
                else 1
                if "周" in unit or "星期" in unit or "week" in unit
                else 1 / 7
            )
            found = round(float(number) * weeks)
    return found
