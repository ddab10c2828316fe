"""Finds skills in resumes and job ads and names every spelling of a skill alike."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from processors.lexicon.script import detect_language
from processors.skills.clauses import sentences
from processors.skills.context import confirmed, joined
from processors.skills.fold import Folded, fold, fold_name
from processors.skills.fuzzy import Typos
from processors.skills.levels import Levels, Years
from processors.skills.lexicon import Hit, Lexicon, variants
from processors.skills.models import Kind, Level, Requirement, SkillMention
from processors.skills.requirements import Requirements, Sections
from processors.skills.taxonomy import Taxonomy, taxonomy

_SUFFIX = re.compile(
    r"(?:语言|编程|开发|技术|框架|软件|工具|能力|技能|基础|知识|经验|系统|平台"
    r"| (?:programming|language|skills?|framework|development|software|knowledge|experience|certification|developer))+$"
)
_PREFIX = re.compile(
    r"^(?:精通|熟练掌握|熟练使用|熟练|熟悉|掌握|了解|良好的|较强的|apache |microsoft |advanced |strong |good |basic )+"
)
_TYPO_CONFIDENCE = 0.7
_LONGEST_LIST = 600
_MAX_TEXT = 1_000_000


class Extractor:
    """Extraction with one taxonomy, compiled once; safe to share between threads."""

    def __init__(self, source: Taxonomy) -> None:
        self.taxonomy = source
        self._lexicon = Lexicon(source)
        self._typos = Typos(self._lexicon.owners)

    def hits(self, folded: Folded) -> list[Hit]:
        """Return the spellings found in a folded text, before context rules."""
        return self._lexicon.find(folded)

    def extract(self, text: str, language: str | None = None) -> list[SkillMention]:
        """Return the skills that a text names, in its order. Texts of more than a million characters are cut there.

        `language` chooses the shown names, `zh` or `en`; without it, the script of the text does.
        """
        text = text[:_MAX_TEXT]
        folded = fold(text)
        hits = self._lexicon.find(folded)
        typos = self._typos.find(folded.text, hits)
        hits = sorted([*hits, *typos], key=lambda h: h.start)
        spans = [folded.span(h.start, h.end) for h in hits]
        sure = confirmed(hits, folded.text, text, spans)
        return _mentions(text, folded.span, sure, set(map(id, typos)), language or detect_language(text))

    def normalise(self, name: str) -> str | None:
        """Return the canonical id of a skill's name, or None: `K8s` is `kubernetes`, `机器学习` `machine-learning`.

        Words that add nothing are dropped (`Python编程`, `精通Java`, `SQL skills`), versions too, and one typing error
        in a long name is forgiven.
        """
        if len(name) > 200:
            return None
        for form in _forms(name):
            skill = self._lexicon.owners.get(form)
            if skill:
                return skill.id
        return self._typos.correct(fold_name(name))


def _forms(name: str) -> Iterable[str]:
    folded = fold_name(name)
    bare = re.sub(r"\s*[(（].*?[)）]\s*", " ", folded).strip() or folded
    for form in dict.fromkeys((folded, bare)):
        yield form
        yield from variants(form)
        yield form.replace(" ", "")
        yield form.removesuffix("s")
    stripped = _SUFFIX.sub("", _PREFIX.sub("", bare)).strip()
    if len(stripped) > 1:
        yield stripped
    unversioned = re.sub(r"[\s-]?v?\d+(?: \d+)*(?:\+| ?x)?$", "", stripped)
    if len(unversioned) > 1:
        yield unversioned


def _mentions(
    text: str,
    span: Callable[[int, int], tuple[int, int]],
    sure: list[tuple[Hit, float]],
    typos: set[int],
    language: str,
) -> list[SkillMention]:
    parts, sections = sentences(text), Sections(text)
    sure = [found for found in sure if not sections.offered(span(found[0].start, found[0].end)[0])]
    places = [span(hit.start, hit.end) for hit, _ in sure]
    heads = _lists(text, places, parts.around)
    levels, years, requirements = Levels(text), Years(text), Requirements(text, parts, sections)
    wanted: Requirement | None = None
    clause = head = (-1, -1)
    found = []
    for (hit, confidence), (start, end), (first, last) in zip(sure, places, heads, strict=True):
        if head != (first, last):
            head = (first, last)
            clause, wanted = parts.clause(first, last), requirements.at(first, last)
        rated = hit.skill.kind is not Kind.SOFT
        found.append(
            SkillMention(
                skill_id=hit.skill.id,
                name=hit.skill.name(language),
                category=hit.skill.category,
                start=start,
                end=end,
                text=text[start:end],
                level=levels.at(parts.around(start), start, end) if rated else None,
                years=years.at((clause[0], max(clause[1], end)), start, end) if rated else None,
                requirement=wanted,
                confidence=_TYPO_CONFIDENCE if id(hit) in typos else confidence,
            )
        )
    return found


def _lists(
    text: str, places: list[tuple[int, int]], sentence: Callable[[int], tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return for each mention the span of the list it stands in: what is said of a list is said of its members."""
    spans: list[tuple[int, int]] = []
    run: list[tuple[int, int]] = []
    for place in places:
        end = min(sentence(run[0][0])[1], run[0][0] + _LONGEST_LIST) if run else 0
        between = text[run[-1][1] : place[0]] if run else ""
        if run and not (place[0] < end and joined(between) and "(" not in between and "（" not in between):
            spans += [(run[0][0], run[-1][1])] * len(run)
            run = []
        run.append(place)
    return spans + [(run[0][0], run[-1][1])] * len(run) if run else spans


@lru_cache(maxsize=1)
def default_extractor() -> Extractor:
    """Return the extractor of the taxonomy that comes with the package."""
    return Extractor(taxonomy())


def extract_skills(text: str, language: str | None = None) -> list[SkillMention]:
    """Return the skills that a text names, by the taxonomy that comes with the package. See `Extractor.extract`."""
    return default_extractor().extract(text, language)


@lru_cache(maxsize=50_000)
def normalise(name: str) -> str | None:
    """Return the canonical id of a skill's name, or None if the taxonomy lacks it. See `Extractor.normalise`."""
    return default_extractor().normalise(name)


@dataclass(frozen=True, slots=True)
class SkillSummary:
    """All that a text says of one skill."""

    skill_id: str
    name: str
    category: str
    level: Level | None
    years: float | None
    confidence: float
    mentions: tuple[SkillMention, ...]
    implied_by: tuple[str, ...] = ()


def summarise(mentions: Iterable[SkillMention], source: Taxonomy | None = None) -> list[SkillSummary]:
    """Return one summary a skill, the explicit ones in text order, then those that they imply.

    Level and years are the greatest that any mention says. An implied skill has the surest of its reasons' confidence,
    halved, and no mention.
    """
    known = source or taxonomy()
    groups: dict[str, list[SkillMention]] = {}
    for mention in mentions:
        groups.setdefault(mention.skill_id, []).append(mention)
    explicit = [
        SkillSummary(
            key, group[0].name, group[0].category,
            max((m.level for m in group if m.level), default=None),
            max((m.years for m in group if m.years), default=None),
            max(m.confidence for m in group), tuple(group),
        )
        for key, group in groups.items()
    ]  # fmt: skip
    sure = {s.skill_id: s.confidence for s in explicit}
    chinese = any(not s.name.isascii() for s in explicit)
    implied = [
        SkillSummary(
            key, known.skills[key].name("zh" if chinese else "en"), known.skills[key].category, None, None,
            max(sure[r] for r in reasons) / 2, (), reasons,
        )
        for key, reasons in known.implied(groups).items()
    ]  # fmt: skip
    return explicit + implied
