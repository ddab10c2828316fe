"""From a resume's text to its profile."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel

from processors.lexicon.dates import numeric_order
from processors.lexicon.headings import SectionName
from processors.lexicon.script import detect_language, is_traditional, plain
from processors.resume import (
    certificates,
    education,
    extras,
    history,
    letters,
    linkedin,
    misplaced,
    person,
    rirekisho,
    skills,
)
from processors.resume import work as positions
from processors.resume.sections import Section, sections
from processors.resume.text import Line
from processors.unicode import whole
from schemas.resume import (
    Certificate,
    Found,
    HeldSkill,
    Listed,
    PageBox,
    PersonName,
    ResumeProfile,
    Span,
    SpokenLanguage,
    WebLink,
    Work,
)  # fmt: skip

Locate = Callable[[int, int], Iterable[PageBox]]
LONGEST = 200_000
"""Characters; a resume beyond is read no further."""


def parse_resume(
    text: str,
    *,
    links: Sequence[Found[WebLink]] = (),
    locate: Locate | None = None,
    today: date | None = None,
) -> ResumeProfile:
    """Read a resume's text, a newline between lines and a tab between cells.

    `links` are those behind the text, `locate` tells where on a page a span stands, `today` ends what lasts. Spans
    are offsets into `text`. Pure but for the default of `today`; linear in the length of the text.
    """
    original = whole(text[:LONGEST])
    text = _unmarked(
        plain(original)
    )  # of the same length: what is found in it stands at the same place in the original
    with numeric_order(text):
        profile = _parse(text, links, today or date.today(), traditional=is_traditional(original, text))
    if text != original:
        profile = as_written(profile, text, original)
    return located(profile, locate) if locate else profile


_MARKUP = re.compile(r"^[ \t]{0,3}#{1,6} |\*\*|__(?=\S)|(?<=\S)__", re.MULTILINE)
_LINKED = re.compile(r"(?<!!)\[([^\[\]\n]{1,80})\]\((?=(?:https?://|mailto:|/|#|www\.)[^()\s]{1,200}\))")
_EMPHASIS = re.compile(r"(?<![\w*])([*_])([^\W_](?:[^*_\n]{0,60}[^\s*_])?)\1(?![\w*])")


def _unmarked(text: str) -> str:
    """Return a text of the same length without Markdown's marks of headings, links and bold words."""
    shown = _LINKED.sub(r" \1  ", text)
    return _EMPHASIS.sub(r" \2 ", _MARKUP.sub(lambda m: " " * len(m[0]), shown))


def _parse(text: str, links: Sequence[Found[WebLink]], today: date, *, traditional: bool) -> ResumeProfile:
    tongue = detect_language(text)
    found = _with_studies(misplaced.with_positions(linkedin.arranged(sections(text))))
    mentioned = skills.mentions(text, tongue)
    work = [p for s in found if s.name == "work" for p in positions.work(s.lines, text)]
    studies = [
        study
        for s in found
        if s.name == "education"
        for study in education.education([x for x in s.lines if not extras.is_list_of_certificates(x)], text)
    ]
    if not studies:  # below `Training`, of trades
        schooled = [s.lines for s in found if s.name == "certificates" and education.tells_of_study(s.lines)]
        studies = [study for lines in schooled for study in education.education(lines, text)]
    work = positions.each_once(work)
    told = [line for s in found for line in s.lines]
    career, learnt = letters.positions(told), letters.studies(told)
    if career and (len(career) >= len(work) or letters.tell_all([*career, *learnt], work)):
        work = positions.of_entries(career, text)
        studies = studies or education.of_entries(learnt, text)
    licences: tuple[Certificate, ...] = ()
    if form := rirekisho.read(told):
        work = positions.of_entries(form.work(), text) or work
        studies, licences = form.studies(text) or studies, tuple(form.certificates())
    mentioned = skills.without_names(mentioned, [*(p.employer for p in work), *(s.school for s in studies)])
    work = [_with_skills(p, mentioned) for p in work]
    projects = [
        p.model_copy(update={"skills": skills.inside(mentioned, p)})
        for s in found
        if s.name == "projects"
        for p in positions.projects(s.lines, text)
    ]
    facts = person.facts(found, text, tongue, links, traditional=traditional)
    return ResumeProfile(
        language=tongue,
        **facts,
        summary=person.summary(found, text),
        work=tuple(work),
        gaps=history.gaps(work, today),
        overlaps=history.overlaps(work, today),
        projects=tuple(projects),
        education=tuple(studies),
        certificates=licences
        or tuple(certificates.certificates(_lines(found, "certificates"), _rows(found, "certificates"))),
        languages=_languages(found),
        publications=_listed(found, "publications"),
        patents=_listed(found, "patents"),
        awards=_listed(found, "awards"),
        skills=skills.held(mentioned, [*_lines(found, "skills"), *_rows(found, "skills")], work, today),
        years_total=history.years(work, today),
        years_relevant=_relevant(work, facts, today),
    )


def _with_studies(found: list[Section]) -> list[Section]:
    """Return the sections with one for studies that stand below no heading of theirs, if none has any."""
    found = [part for section in found for part in _unmixed(section)]
    if not any(s.name == "education" and s.lines for s in found):
        found = [part for section in found for part in _with_labelled_study(section)]
    if any(s.name == "education" and s.lines for s in found):
        return found
    result: list[Section] = []
    for section in found:
        start = education.apart(section.lines) if section.name in ("work", "top", "projects", "other") else None
        if start is None:
            result.append(section)
        else:
            above, below = section.lines[:start], section.lines[start:]
            if education.is_heading_of_studies(*below[:2]):
                below = below[1:]
            elif above and education.is_heading_of_studies(above[-1], below[0]):
                above = above[:-1]
            result += [Section(section.name, above), Section("education", below)]
    return result


def _unmixed(section: Section) -> list[Section]:
    """Return a section of positions apart from the studies that are told between them: 2010–2014 某大学学习."""
    if section.name not in ("work", "top", "other"):
        return [section]
    studied = [line for line in section.lines if education.is_time_of_study(line)]
    if not studied:
        return [section]
    return [
        Section(section.name, [line for line in section.lines if line not in studied]),
        Section("education", studied),
    ]


_OF_STUDY = re.compile(
    r"(?:最高)?(?:学历|毕业院校|毕业学校|文化程度|教育)[:：] ?(?=.{0,30}(?:大学|学院|学校|中学|职高|中专))"
)


def _with_labelled_study(section: Section) -> list[Section]:
    """Return a section with one of its own for a line such as 学历：费县第二中学 初中毕业."""
    for n, line in enumerate(section.lines if section.name in ("top", "basics", "other") else ()):
        if (mark := _OF_STUDY.match(line.text)) and len(line.text) < 60 and not any(c.isdigit() for c in line.text):
            rest = line.piece.part(mark.end(), len(line.text))
            own = Section("education", [Line(rest, False, (rest,))])
            return [Section(section.name, section.lines[:n]), own, Section(section.name, section.lines[n + 1 :])]
    return [section]


def _with_skills(position: Work, mentioned: list[Any]) -> Work:
    projects = tuple(p.model_copy(update={"skills": skills.inside(mentioned, p)}) for p in position.projects)
    return position.model_copy(update={"skills": skills.inside(mentioned, position), "projects": projects})


def _lines(found: Sequence[Section], name: SectionName) -> list[Line]:
    return [line for section in found if section.name == name for line in section.lines]


def _listed(found: Sequence[Section], name: SectionName) -> tuple[Listed, ...]:
    return tuple(extras.listed(_lines(found, name)))


_ROWS_OF = ("top", "basics", "skills", "other", "objective", "summary", "hobbies")


def _rows(found: Sequence[Section], about: str) -> list[Line]:
    """Return what rows with a label say of certificates, skills or languages, in sections of something else."""
    return [
        line
        for section in found
        if section.name != about
        for line in extras.rows(section.lines, about, ruled=about != "skills" and section.name not in _ROWS_OF)
    ]


def _languages(found: Sequence[Section]) -> tuple[SpokenLanguage, ...]:
    spoken = list(extras.languages([*_lines(found, "languages"), *_rows(found, "languages")]))
    spoken += extras.spoken(
        [line for name in ("top", "basics", "summary", "work", "objective", "other") for line in _lines(found, name)]
    )
    for name in ("skills", "certificates", "awards", "basics", "top"):
        for line in _lines(found, name):
            spoken += extras.tested(line.piece)
    kept: dict[str, SpokenLanguage] = {}
    for one in spoken:
        before = kept.get(one.code or one.name.value)
        if before is None or (before.level is None and one.level):
            kept[one.code or one.name.value] = (
                one if before is None else before.model_copy(update={"level": one.level, "evidence": one.evidence})
            )
    return tuple(kept.values())


def _relevant(work: Sequence[Work], facts: dict[str, Any], today: date) -> Found[float] | None:
    """Years of the positions that share a skill or their title with the role sought, else with the last position."""
    if not work:
        return None
    sought = {positions.normal_title(role.value) for role in facts["target_roles"]} or {work[0].title_normalised or ""}
    core = {p.title_normalised for p in work if p.title_normalised in sought}
    known = {s for p in work[:1] for s in p.skills}
    like = [p for p in work if p.title_normalised in core or known & set(p.skills)]
    return history.years(like, today)


def as_written(model: BaseModel, read: str, original: str) -> Any:
    """Return the same model with the original's characters for those that were read in their place."""
    changed: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            changed[name] = as_written(value, read, original)
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            changed[name] = tuple(as_written(one, read, original) for one in value)
    spans = model.spans if isinstance(model, Found) else model.evidence if isinstance(model, HeldSkill) else ()
    if spans and isinstance(spans[0], Span):
        here, shown = read[slice(*spans[0])], original[slice(*spans[0])]
        if isinstance(model, HeldSkill):
            changed |= {"name": shown} if model.name == here else {}
        elif isinstance(model, Found) and model.value == here:
            changed["value"] = shown
        elif isinstance(model, Found) and isinstance(model.value, PersonName):
            back = {ord(a): b for a, b in zip(here, shown, strict=True)}
            person_name = model.value
            family, given = (part and part.translate(back) for part in (person_name.family, person_name.given))
            changed["value"] = PersonName(
                full=person_name.full.translate(back), family=family, given=given, order=person_name.order
            )
    return model.model_copy(update=changed) if changed else model


def located(model: BaseModel, locate: Locate) -> Any:
    """Return the same model with the places of every span."""
    changed: dict[str, Any] = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            changed[name] = located(value, locate)
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            changed[name] = tuple(located(one, locate) for one in value)
    if isinstance(model, Found):
        changed["places"] = tuple(place for span in model.spans for place in locate(*Span(*span)))
    return model.model_copy(update=changed) if changed else model
