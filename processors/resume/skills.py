"""What a resume's parts say of skills: level, months of use, when last, and where."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from processors.lexicon.headings import like_heading
from processors.lexicon.script import fold
from processors.resume.history import interval, iso, union
from processors.resume.text import Line
from processors.skills import Kind, Level, SkillMention, extract_skills, normalise, summarise, taxonomy
from schemas.base import SkillLevel
from schemas.resume import Found, HeldSkill, Project, Span, Work

_LEVELS: dict[Level, SkillLevel] = {
    Level.BASIC: "beginner",
    Level.FAMILIAR: "intermediate",
    Level.PROFICIENT: "advanced",
    Level.EXPERT: "expert",
}
_WORDS = re.compile(
    r"^(?:(?:sehr gute?|gute|fundierte|grundlegende|solide) (?:kenntnisse (?:in|von)[: ]*)?|(?:grund)?kenntnisse (?:in|von) |精通|熟练(?:掌握|使用|运用)?|熟悉|掌握|了解|擅长|具备|能够?|会|使用|包括|例如|如|expert|advanced|basic|proficient in|experience with)[:： ]*|(?:精通|熟练|了解|熟悉|expert|advanced|basic|intermediate|beginner|等|等[\u4e00-\u9fff]{2,4})$|[（(][^()（）]{0,20}[)）]$",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"[,，、;；|｜\t•·]|(?<!\S)#(?=\w)|\s/\s| {3,}|。|(?<=[)）])(?=[A-Z\u3400-\u9fff])")
_OPENS, _CLOSES = "(（[【", ")）]】"
_CATEGORY = re.compile(r"^[^:：]{1,30}[:：]\s*(?!\s|\d{1,3} ?(?:%|/ ?\d|年|years?|yrs?))")
_JOINT = re.compile(r"^(?:and|und|et|y|or|oder|as well as|以及|和|及|与)(?: |(?=[\u3400-\u9fff]))", re.IGNORECASE)
_MEASURE = re.compile(
    r"[ \-–—:(（]{0,3}(?:\d{1,3} ?%|\d{1,2} ?/ ?\d{1,2}|[●○★☆■□▪◆◇▮▯]{2,}|(?:level|stufe|niveau) ?\d|\d{1,2}\+? ?(?:years?|yrs?|jahre?|ans|年)(?: experience| 经验)?"
    r"|(?<=[ \-–—:(（])(?:expert|advanced|intermediate|beginner|basic|proficient|fluent|sehr gut|gut|grundkenntnisse|fortgeschritten|courant|avancé|débutant|notions))[)）]?$",
    re.IGNORECASE,
)
"""How well or how long: `Java (expert)`, `SQL 80 %`, `Excel ●●●○`."""
_ONLY_LEVEL = re.compile(
    r"(?:精通|熟练|熟悉|良好|一般|了解|掌握|优秀|expert|advanced|intermediate|beginner|basic|proficient|good|very good|excellent)?(?: ?[|｜/,，] ?)?(?:\d{1,3} ?(?:个?月|年|months?|years?))?",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"\b(?:fluent|native|conversational|bilingual|mother tongue|muttersprache|fließend|courant)\b|^(?:spoken )?(?:english|spanish|french|german|mandarin|chinese|italian"
    r"|portuguese|russian|arabic|hindi|japanese|korean|dutch)$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S{1,300}|[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,5}|(?<![\w.@])(?:[\w\-]{1,63}\.){1,3}(?:com|net|org|io|dev|me|cn|co|ai|app|page|site)(?:/\S{0,300})?(?![\w.])"
    r"|\b(?:github|gitlab|linkedin|bitbucket|stack ?overflow|behance|twitter|medium)(?: ?[:：] ?\S{1,100}|/\S{1,100})",
    re.IGNORECASE,
)
"""Where somebody can be found: what it names is no skill. A name with a dot such as Node.js is none of these."""
_HASH = re.compile(r"(?<!\S)#(?=\w)")
"""`#Excel #Git`: what a site marks a list's items with."""
_HEADS = frozenset(
    (
        "技能",
        "etc",
        "etc.",
        "and more",
        "n1",
        "n2",
        "n3",
        "cet-4",
        "cet-6",
        "cet4",
        "cet6",
        "程度",
        "skill",
        "level",
        "skills",
        "熟练度",
        "精通",
        "熟练",
        "了解",
        "expert",
        "advanced",
        "basic",
    )
)
LONGEST_TEXT = 120_000
"""Characters in which skills are looked for."""
_MOST_UNKNOWN = 500


def mentions(text: str, language: str) -> list[SkillMention]:
    """Return the mentions of skills in a resume, but for those in addresses."""
    text = _HASH.sub(" ", text)
    return extract_skills(_ADDRESS.sub(lambda m: " " * len(m[0]), text[:LONGEST_TEXT]), language)


def without_names(found: Sequence[SkillMention], names: Iterable[Found[str] | None]) -> list[SkillMention]:
    """Return the mentions that are not part of a name, such as an employer's: Larkspur Robotics."""
    spans = union((s.start, s.end) for name in names if name for s in name.spans)
    starts = [start for start, _ in spans]

    def named(mention: SkillMention) -> bool:
        at = bisect_right(starts, mention.start) - 1
        return at >= 0 and mention.end <= spans[at][1]

    return [mention for mention in found if not named(mention)]


def inside(found: Sequence[SkillMention], part: Work | Project) -> tuple[str, ...]:
    """Return the ids of the skills that a position or project names, in order."""
    spans = [
        f.spans[0] for f in (part.title if isinstance(part, Work) else part.name, part.description) if f and f.spans
    ]
    where = sorted(_between(found, span) for span in spans)
    return tuple(
        dict.fromkeys(m.skill_id for low, high in where for m in found[low:high] if m.kind is not Kind.LANGUAGE)
    )


def _between(found: Sequence[SkillMention], span: Span) -> tuple[int, int]:
    """Return the slice of the mentions, which are in text order, that begin in a span."""
    low, high = (bisect_left(found, place, key=lambda m: m.start) for place in (span.start, span.end))
    return low, high


def held(
    found: Sequence[SkillMention], listed: Iterable[Line], work: Sequence[Work], today: date
) -> tuple[HeldSkill, ...]:
    """Return one entry a skill, and one for each listed name that the taxonomy lacks and that is no employer."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for position in work:
        if months := interval(position, today):
            for skill_id in position.skills:
                spans.setdefault(skill_id, []).append(months)
    result: list[HeldSkill] = []
    for s in summarise(found):
        if s.category.partition("/")[0] == Kind.LANGUAGE:
            continue
        used = union(spans.get(s.skill_id, ()))
        stated = round(s.years * 12) if s.years else None
        result.append(
            HeldSkill(
                id=s.skill_id,
                name=s.name,
                category=s.category,
                level=_LEVELS[s.level] if s.level else None,
                months=stated or (sum(b - a for a, b in used) or None),
                last_used=iso(used[-1][1] - 1) if used else None,
                confidence=round(s.confidence, 2),
                evidence=tuple(Span(m.start, m.end) for m in s.mentions),
                implied=not s.mentions,
            )
        )
    employers = {fold(position.employer.value) for position in work if position.employer}
    result += (skill for skill in _unknown(listed, found) if fold(skill.name) not in employers)
    return tuple(result)


def _stops(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield where the items of a list end and the next ones begin; what stands in brackets is of one item."""
    depth, seen = 0, at
    marks = list(_SPLIT.finditer(text, at))
    if not marks and len(levels := list(_LEVELLED.finditer(text, at))) > 1:
        marks = levels
    for mark in marks:
        for c in text[seen : mark.start()]:
            depth = max(depth + (c in _OPENS) - (c in _CLOSES), 0)
        seen = mark.start()
        if depth == 0 or mark.start() - at > _LONGEST_ITEM:  # a bracket that nothing closes
            depth = 0
            yield mark.span()
            at = mark.end()
    yield len(text), len(text)


_LEVELLED = re.compile(r"(?<=[^\s]{2}(?:掌握|熟练|精通|了解|熟悉|一般|良好))(?=[^\s的])")
"""文案撰写掌握数据分析掌握: a table's cells with nothing between them."""
_LONGEST_ITEM = 80


def _behind_heading(text: str) -> int:
    """Return where a list begins whose heading stands on its line: `Digital Skills Excel, Word`."""
    words = text[:60].split(" ")
    for count in (3, 2):
        start = " ".join(words[:count])
        if len(words) > count and "," in text and like_heading(start) == "skills":
            return len(start)
    return 0


def _unknown(lines: Iterable[Line], found: Sequence[SkillMention]) -> list[HeldSkill]:
    """Return the listed names that no mention covers: those that are no skill elsewhere (Rust), or unknown ones."""
    starts, ids = [m.start for m in found], {m.skill_id for m in found}
    result: dict[str, HeldSkill] = {}
    for line in lines:
        label = _CATEGORY.match(line.text)
        at = label.end() if label else _behind_heading(line.text)
        if label and _ONLY_LEVEL.fullmatch(line.text, at):  # Excel：熟练 | 36个月
            line, at = Line(line.piece.part(0, label.end()), line.bullet, line.cells), 0
            line = Line(line.piece.part(0, len(line.text.rstrip(" :："))), line.bullet, line.cells)
        for stop in _stops(line.text, at):
            part = line.piece.part(at, stop[0])
            at = stop[1]
            if mark := _CATEGORY.match(part.text):
                part = part.part(mark.end(), len(part.text))
            if mark := _JOINT.match(part.text):
                part = part.part(mark.end(), len(part.text))
            if mark := _MEASURE.search(part.text):
                part = part.part(0, mark.start())
            if len(result) == _MOST_UNKNOWN:
                return list(result.values())
            for _ in range(2):
                if mark := _WORDS.search(part.text):
                    part = part.part(0, mark.start()) if mark.start() else part.part(mark.end(), len(part.text))
            text = part.text.rstrip(".。")
            if not 1 < len(text) <= 40 or len(text.split()) > 4 or fold(text) in _HEADS or text.isdigit():
                continue
            if _SPOKEN.search(text) or any(
                text.count(a) != text.count(b) for a, b in zip(_OPENS, _CLOSES, strict=True)
            ):
                continue
            before = bisect_right(starts, part.start) - 1
            whole = before >= 0 and found[before].end >= part.start + len(text)
            skill = normalise(text)
            if whole or skill in ids:
                continue
            result.setdefault(
                fold(text),
                HeldSkill(
                    id=skill,
                    name=text,
                    category=taxonomy().skills[skill].category if skill else None,
                    confidence=0.8 if skill else 0.6,
                    evidence=(Span(part.start, part.start + len(text)),),
                ),
            )
    return list(result.values())
