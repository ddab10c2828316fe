"""Reads what a job ad demands: required and preferred skills, years of experience, education."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from processors.skills.clauses import Sentences, sentences
from processors.skills.cues import alternatives, patterns
from processors.skills.levels import YEARS, number
from processors.skills.matches import Matches
from processors.skills.models import Level, Requirement, SkillMention

_CUE = patterns("requirement")
_MARK = r"[^\w\n:：]{0,6}(?:[\d一二三四五六七八九十]{1,2}[、.．)）]\s?)?[【\[*#]{0,3}"
_TAIL = r"[】\])）*\s]{0,4}(?:[（(][^()（）\n]{0,40}[)）])?[】\])）*]{0,4}[^\S\n]{0,4}"
# A heading is a line of its own, opens a line, or opens a sentence of a run-on ad: the last two with a colon. What
# follows belongs to it until the next one.
_HEADING = re.compile(
    rf"(?:(?P<line>(?:^|\n)[^\S\n]*+)|(?<=[。；;.!！\s】\]])(?![^\S\n]))(?P<mark>{_MARK})"
    rf"(?:{alternatives('heading').pattern}){_TAIL}(?(line)(?:[:：]|(?=\n|$)|(?<=】))|(?:[:：]|(?<=】)))",
    re.IGNORECASE,
)
_LEAD = re.compile(r"(?:^|\n)(?P<line>[^\n]{3,90}[:：])[^\S\n]*(?=\n|$)")
"""A line that introduces those below it."""
_ITEM = re.compile(r"[^\S\n]*(?:[-*–·●•▪◆■□★>]|[(（]?\d{1,2}\s?[、.．)）]|[一二三四五六七八九十]{1,2}、)")
_REACH = 200
_LEADS_ON = re.compile(r"(?:最好|若有|如有|ideally|preferably|prefer\b)(?!\s*(?:[,，。.;；\n]|$))", re.IGNORECASE)
"""Behind a comma these speak of what follows: `Vue、TypeScript，最好会React`."""
_SECTIONS = {"preferred": Requirement.PREFERRED, "required": Requirement.REQUIRED}


class Education(IntEnum):
    """Degrees in order; comparable."""

    SECONDARY = 1
    ASSOCIATE = 2
    BACHELOR = 3
    MASTER = 4
    DOCTOR = 5


_DEGREES = alternatives("education")
_TOTAL_YEARS = re.compile(
    r"经验|经历|工作|从业|驾龄|experience|\bexp\b|\byoe\b|work|industry|professional", re.IGNORECASE
)
_DEMANDED = re.compile(
    r"以上|至少|不少于|不低于|满|资历|at least|minimum|min\.|or more|required|\+|role|position|practice|track record",
    re.IGNORECASE,
)
_EMPLOYER = re.compile(
    r"成立|创立|创办|深耕|历史|行业(?:已有|已经)|上市|服务行业|in business"
    r"|founded|established|history of|our (?:company|firm)"
    r"|we have|we've|we’ve|since|contract\b|合同期?|质保|保修|warranty|years? old|aged?\b|周岁|age\b",
    re.IGNORECASE,
)
_NEWCOMERS = re.compile(
    r"(?:经验|年限)不限|零基础|无(?:工作|相关|行业)?经验(?:要求|限制)|欢迎小白|欢迎.{0,6}应届|应届(?:毕业)?生?.{0,4}(?:欢迎|可投)|不限(?:工作)?(?:经验|年限)|(?:无需|不需要?|不要求|无须)(?:相关|工作|任何|从业)*经验|无经验(?:亦可|也可|可)|有无经验(?:均|都|皆)可|小白(?:亦可|也可|可)|接受小白"
    r"|应届(?:毕业)?生?(?:亦可|也可|可|优先|均可)|接受应届|entry[- ]level"
    r"|no (?:\w+ ){0,3}experience (?:is )?(?:needed|required|necessary)"
    r"|(?:experience|it) (?:is )?not (?:required|needed|necessary)"
    r"|(?:graduates?|newcomers|beginners|career changers) (?:are )?(?:welcome|encouraged)|fresh(?:ers?| graduates?)",
    re.IGNORECASE,
)
# Facts in a row, as portals print them above an ad: `20-35K·15薪 上海 3-5年 本科`.
_OTHER_FACT = re.compile(
    r"\d\s?[kKwW万千](?![a-z])|元|薪|[$€£¥]|不限|本科|大专|硕士|博士|高中|中专"
    r"|bachelor|master|degree|diploma|全职|兼职|full[- ]time|part[- ]time",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class JobDemands:
    """What a job ad asks of a person, as far as it says so; of each of the `alternatives` one is enough.

    What it says is not needed is in neither list.
    """

    required: tuple[str, ...]
    preferred: tuple[str, ...]
    mentioned: tuple[str, ...]
    alternatives: tuple[tuple[str, ...], ...]
    years_min: float | None
    years_max: float | None
    education: Education | None
    education_preferred: Education | None
    skills: tuple[SkillMention, ...]


class Sections:
    """The headings of a text and what they say of the skills below them."""

    def __init__(self, text: str) -> None:
        found: dict[int, tuple[str, bool]] = {}
        for match in _LEAD.finditer(text):
            if kind := _introduces(match["line"]):
                found[match.end()] = kind, False
        headings = list(_HEADING.finditer(text))
        self.headings = [(m.start(), m.end()) for m in headings]
        for match in headings:
            kind = next(name for name in _KINDS if match[name])
            found[match.end()] = kind, kind == "preferred" and _is_item(text, match)
        self._starts: list[int] = []
        self._kinds: list[str] = []
        for start, (kind, is_item) in sorted(found.items()):
            before = self._kinds[-1] if self._kinds else "other"
            self._starts.append(start)
            self._kinds.append(kind)
            if is_item:  # `Preferred: Kafka`: of the line alone
                end = text.find("\n", start)
                if end >= 0:
                    self._starts.append(end)
                    self._kinds.append(before)

    def offered(self, position: int) -> bool:
        """Return whether a position is below a heading of what the employer offers: no skills are named there."""
        return self._kind(position) == "offered"

    def at(self, position: int) -> Requirement | None:
        """Return what the last heading before a position says."""
        return _SECTIONS.get(self._kind(position))

    def _kind(self, position: int) -> str:
        index = bisect_right(self._starts, position)
        return self._kinds[index - 1] if index else "other"


_KINDS = ("preferred", "required", "other", "offered")


def _introduces(line: str) -> str | None:
    """Return what a line that ends with a colon says of those below it."""
    if _CUE["preferred"].search(line):
        return "preferred"
    return "required" if _CUE["required"].search(line) and not _CUE["not_needed"].search(line) else None


def _is_item(text: str, heading: re.Match[str]) -> bool:
    """Return whether a heading speaks of the rest of its line only: not if a list begins behind it."""
    start, end = heading.end(), text.find("\n", heading.end())
    rest = text[start : end if end >= 0 else len(text)]
    if not rest.strip() or _ITEM.match(rest) or end < 0 or rest.rstrip()[-1] in ",，、":
        return False
    line = text.rfind("\n", 0, start) + 1
    return bool(_ITEM.match(text, line)) or not _ITEM.match(text, end + 1)


class Requirements:
    """What a text says of how much it wants the skills in it."""

    def __init__(self, text: str, parts: Sentences, sections: Sections) -> None:
        self._text, self._parts, self._sections = text, parts, sections
        self._preferred, self._required = Matches(_CUE["preferred"], text), Matches(_CUE["required"], text)
        self._not_needed = Matches(_CUE["not_needed"], text)

    def at(self, start: int, end: int) -> Requirement | None:
        """Return how much the list of skills at `text[start:end]` is wanted: by its clause, else by its section."""
        low, high = self._parts.clause(start, end)
        limit = self._parts.around(end - 1)[1]
        tail = self._text[min(high + 1, len(self._text)) : min(high + 40, limit)]
        opening = _CUE["trailing"].match(tail)
        behind = opening and not _LEADS_ON.match(tail, opening.end()) and _CUE["preferred"].match(tail, opening.end())
        if self._wished(low, high, end) or behind:
            return Requirement.PREFERRED
        if self._not_needed.first(low, high):
            return Requirement.NOT_NEEDED
        first = self._parts.around(start)[0]
        opened = self._preferred.first(first, start)  # `Ideally you know Docker, and ...`
        if opened and not self._text[first : opened.start()].strip(_TRIM) and not self._required.first(low, high):
            return Requirement.PREFERRED
        section = self._sections.at(start)
        if section is not None:
            return section
        # `Must hold a licence, a card and ...`: of all that the sentence goes on to name.
        required = self._required.first(low, high) or self._required.first(max(first, start - _REACH), start)
        return Requirement.REQUIRED if required else None

    def _wished(self, low: int, high: int, end: int) -> bool:
        """Return whether a clause makes wishes of the list that ends at `end`: not in brackets behind it."""
        cue = self._preferred.first(low, high)
        return cue is not None and not _in_brackets_behind(self._text, end, cue.start())


def _in_brackets_behind(text: str, end: int, place: int) -> bool:
    """Return whether a place behind `end` stands in brackets that open there: `React (TypeScript preferred)`."""
    between = text[end:place]
    return bool(between) and max(between.rfind("("), between.rfind("（")) > max(between.rfind(")"), between.rfind("）"))


def alternatives_in(text: str, mentions: Sequence[SkillMention]) -> tuple[tuple[str, ...], ...]:
    """Return the groups of skills of which one is enough: `Java or Kotlin`, `熟悉 MySQL、PostgreSQL 之一`."""
    parts, any_of = sentences(text), Matches(_CUE["any_of"], text)
    groups: list[tuple[str, ...]] = []
    run: list[SkillMention] = []
    joints: list[str] = []

    def close() -> None:
        if len(run) < 2:
            return
        low, high = parts.clause(run[0].start, run[-1].end)
        whole = any_of.first(low, min(high + 6, len(text)))
        split = [_joint(joint, a, b) for joint, a, b in zip(joints, run, run[1:], strict=False)]
        if whole and "and" not in split:
            groups.append(tuple(dict.fromkeys(m.skill_id for m in run)))
            return
        group = [run[0]]
        for index, (kind, mention) in enumerate(zip(split, run[1:], strict=True)):
            rest = split[index:]
            ends_in_or = kind == "or" or (kind == "comma" and "or" in rest and "and" not in rest)
            if not ends_in_or:
                keep(group)
                group = []
            group.append(mention)
        keep(group)

    def keep(group: list[SkillMention]) -> None:
        ids = tuple(dict.fromkeys(m.skill_id for m in group))
        if len(ids) > 1:
            groups.append(ids)

    for mention in mentions:
        joint = text[run[-1].end : mention.start] if run else ""
        if run and not (len(joint) <= 14 and _JOINT.fullmatch(joint) and mention.requirement is run[-1].requirement):
            close()
            run, joints = [], []
        elif run:
            joints.append(joint)
        run.append(mention)
    close()
    return tuple(dict.fromkeys(groups))


_JOINT = re.compile(r"\s*(?:(?:[,，、/|]|\band\b|\bor\b|和|及|与|或者?|以及|\band/or\b)\s*){1,3}", re.IGNORECASE)
_OR = re.compile(r"\bor\b|或", re.IGNORECASE)
_AND = re.compile(r"\band\b(?!/or)|和|及|与", re.IGNORECASE)


def _joint(text: str, left: SkillMention, right: SkillMention) -> str:
    """Return how two neighbours of a list are joined; a slash between two of a kind is an or."""
    if _OR.search(text):
        return "or"
    if _AND.search(text):
        return "and"
    return "or" if "/" in text and left.category == right.category else "comma"


def demands(text: str, mentions: Sequence[SkillMention]) -> JobDemands:
    """Return what a job ad demands, given the skills found in it.

    A skill that is both required and preferred somewhere is required; so is one of which an ad only says how well it is
    to be known: `精通Vue`. The years are those that are said of experience
    in general, else the greatest demanded for a skill; the education is the least that is enough.
    """
    mentions = [
        replace(m, requirement=Requirement.REQUIRED)
        if m.requirement is None and m.level is not None and m.level >= Level.FAMILIAR
        else m
        for m in mentions
    ]
    required = _ids(mentions, Requirement.REQUIRED)
    preferred = [i for i in _ids(mentions, Requirement.PREFERRED) if i not in required]
    others = [i for i in _ids(mentions, None) if i not in required and i not in preferred]
    low, high = _years(text, mentions)
    least, liked = _education(text)
    groups = alternatives_in(text, mentions)
    return JobDemands(
        tuple(required), tuple(preferred), tuple(others), groups, low, high, least, liked, tuple(mentions)
    )


def _ids(mentions: Sequence[SkillMention], requirement: Requirement | None) -> list[str]:
    return list(dict.fromkeys(m.skill_id for m in mentions if m.requirement is requirement))


def _years(text: str, mentions: Sequence[SkillMention]) -> tuple[float | None, float | None]:
    """Return the years demanded, the least and the most; 0 where newcomers are welcome and no years are named."""
    parts, headings = sentences(text), Sections(text).headings
    general, preferred = Matches(_TOTAL_YEARS, text), Matches(_CUE["preferred"], text)
    demanded, employer, unneeded = (Matches(p, text) for p in (_DEMANDED, _EMPLOYER, _CUE["not_needed"]))
    starts = sorted(m.start for m in mentions if m.kind in ("hard", "tool", "language"))
    most: tuple[float, float | None] | None = None
    for match in YEARS.finditer(text):
        least, highest = _least(text, match), number(match["high"]) if match["high"] else None
        if not 0 < least <= _MOST_YEARS or (highest or 0) > _MOST_YEARS:
            continue
        if highest is None and (
            _AT_MOST.search(text, max(match.start() - 16, 0), match.start()) or _OR_LESS.match(text, match.end())
        ):
            least, highest = 0.0, least
        if _is_header_fact(text, match) or any(a <= match.start() < b for a, b in headings):
            return least, highest
        low, high = parts.clause(match.start(), match.end())
        wish = preferred.first(low, high)
        if wish and not _in_brackets_behind(text, match.end(), wish.start()):
            continue
        if employer.first(low, high) or unneeded.first(low, high):
            continue
        alone = not text[low : match.start()].strip(_TRIM) and not text[match.end() : high].strip(_TRIM)
        of_work = _OF_WORK.match(text, match.end())  # two years in critical care
        if not (general.first(low, high) or demanded.first(low, high) or "+" in match[0] or alone or of_work):
            continue
        if bisect_left(starts, low) == bisect_left(starts, high):
            return least, highest
        if most is None or least > most[0]:
            most = least, highest
    if most is None:
        return (0.0, None) if _NEWCOMERS.search(text) else (None, None)
    return most


def _least(text: str, years: re.Match[str]) -> float:
    """Return the number of years; `1.5 年以上` above an item `2.` is five years in the first item."""
    item, dot, rest = years["low"].partition(".")
    if dot and not text[text.rfind("\n", 0, years.start()) + 1 : years.start()].strip():
        end = text.find("\n", years.end())
        if end >= 0 and re.match(rf"\s{{0,8}}{int(item) + 1}\s?[.、．]", text[end : end + 16]):
            return number(rest)
    return number(years["low"])


_OF_WORK = re.compile(
    r"['’]?\s(?:in|on|as|with|within|of|working|doing)\s(?!(?:a row|business|total|operation)\b)", re.IGNORECASE
)
_MOST_YEARS = 45
_AT_MOST = re.compile(r"(?:up to|at most|no more than|maximum(?: of)?|不超过|最多|至多)\s?$", re.IGNORECASE)
_OR_LESS = re.compile(r"\s?(?:以[下内]|or (?:less|fewer)|maximum)", re.IGNORECASE)
_EXPERIENCE_CLOSED = re.compile(r"\s?(?:(?:of )?experience|exp\.?|(?:工作)?经验)?\s?[)）\]]\s*$", re.IGNORECASE)
_TRIM = " \t\n•-*·●▪.。;；:："


def _is_header_fact(text: str, years: re.Match[str]) -> bool:
    """Return whether years stand by themselves in a row of facts."""
    start, end = text.rfind("\n", 0, years.start()) + 1, text.find("\n", years.end())
    line = text[start : end if end >= 0 else len(text)]
    if len(line) > 160:
        return False
    before, behind = text[start : years.start()], text[years.end() : start + len(line)]
    is_cell = re.search(r"(?:^|[\s·|｜/,，、;；•(（\[【]|经验[:：]?\s?)$", before) and re.match(
        r"\s?(?:(?:工作)?经验|(?:of )?experience|exp\b)?\s?(?:$|[\s·|｜/,，、;；•)）\]】])", behind
    )
    rest = before + " " + behind
    in_brackets = re.search(r"[(（\[]\s?$", before) and _EXPERIENCE_CLOSED.match(behind)
    if in_brackets and not text[:start].strip():
        return True  # `Senior Data Scientist (5-8 years)`, the ad's first line
    return (
        bool(is_cell)
        and _OTHER_FACT.search(rest) is not None
        and not re.search(r"[。；;]|[a-z]{2,} [a-z]+ [a-z]+ [a-z]+", rest)
    )


_OF_MAJOR = re.compile(r"(?:学历)?(?:[及或]其?)?以上(?:学历)?[^，,。；;]{0,30}(?:专业|背景|院校)")
"""大专以上文学类专业优先: the major is a wish, the degree is not."""


def _education(text: str) -> tuple[Education | None, Education | None]:
    parts, preferred = sentences(text), Matches(_CUE["preferred"], text)
    unneeded = Matches(_CUE["not_needed"], text)
    least: Education | None = None
    liked: Education | None = None
    for match in _DEGREES.finditer(text):
        degree = Education[str(match.lastgroup)]
        low, high = parts.clause(match.start(), match.end())
        wish = preferred.first(low, high)
        if wish and not _OF_MAJOR.match(text, match.end(), wish.start()):
            liked = min(liked or degree, degree)
        elif not unneeded.first(low, high):
            least = min(least or degree, degree)
    return least, liked
