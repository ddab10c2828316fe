"""Positions, studies and projects: employer, title and time in any order, on one line or several, or in tables."""

from collections.abc import Callable
from dataclasses import replace

from ops.evaluation.resume_suite.blocks import Beside, Block, Bullet, Grid, Line, Row
from ops.evaluation.resume_suite.dates import known, month, span
from ops.evaluation.resume_suite.layouts import Layout
from ops.evaluation.resume_suite.people import Job, Month, Person, Project, Study, Tongue
from ops.evaluation.resume_suite.truth import Truth

_DEGREES: dict[Tongue, dict[str, tuple[str, ...]]] = {
    "zh": {
        "associate": ("大专", "专科", "大专"),
        "bachelor": ("本科", "学士", "本科"),
        "master": ("硕士", "硕士", "硕士研究生"),
        "doctorate": ("博士", "博士", "博士研究生"),
    },
    "en": {
        "associate": ("Associate Degree", "Associate of Science", "AAS"),
        "bachelor": ("Bachelor of Science", "B.Sc.", "Bachelor's Degree"),
        "master": ("Master of Science", "M.Sc.", "Master's Degree"),
        "doctorate": ("Doctor of Philosophy", "Ph.D.", "PhD"),
    },
}
_SAYS = {
    "zh": ("起止时间", "工作单位", "职位", "主要职责", "学校", "专业", "学历"),
    "en": ("Period", "Employer", "Position", "Duties", "School", "Major", "Degree"),
}


def work(layout: Layout, person: Person, truth: Truth) -> list[Block]:
    """Return the positions, the latest first."""
    jobs = _promoted(person) if layout.entry == "grouped" else list(person.jobs)
    for job in jobs:
        truth.work.append(
            {
                "employer": job.employer,
                "title": job.title,
                "start": known(layout.dates, job.start),
                "end": known(layout.dates, job.end) or "present",
            }
        )
    tongue = person.tongue
    if layout.entry in ("table", "table4"):
        four = layout.entry == "table4"
        rows = [_SAYS[tongue][: 4 if four else 3]]
        for job in jobs:
            cells = (span(layout.dates, job.start, job.end), job.employer, job.title)
            rows.append((*cells, ("；" if job.tongue == "zh" else "; ").join(job.did[:2])) if four else cells)
        return [Grid(tuple(rows))]
    blocks: list[Block] = []
    for i, job in enumerate(jobs):
        same = layout.entry == "grouped" and i > 0 and jobs[i - 1].employer == job.employer
        blocks += _position(layout, job, same=same)
    return blocks


def _promoted(person: Person) -> list[Job]:
    """Divide each long employment into two positions."""
    jobs: list[Job] = []
    for job in person.jobs:
        end = job.end or (2026, 10)
        if (end[0] - job.start[0]) < 4 or job.title[:2] in ("高级", "资深", "Se"):
            jobs.append(job)
            continue
        turn: Month = (job.start[0] + 2, job.start[1])
        higher = f"高级{job.title}" if job.tongue == "zh" else f"Senior {job.title}"
        jobs.append(replace(job, title=higher, start=turn, did=job.did[:1]))
        jobs.append(replace(job, end=turn, did=job.did[1:]))
    return jobs


def _position(layout: Layout, job: Job, *, same: bool) -> list[Block]:
    time, where, what, city = span(layout.dates, job.start, job.end), job.employer, job.title, job.city
    did = _bullets(layout, job.did)
    zh = job.tongue == "zh"
    shapes: dict[str, Callable[[], list[Block]]] = {
        "tabs": lambda: [Row((time, where, what), strong=True)],
        "tabs_date_last": lambda: [Row((where, what, time), strong=True)],
        "two": lambda: [Row((where, time), strong=True), Line(what if zh else f"{what}, {city}")],
        "title_first": lambda: [Row((what, time), strong=True), Line(where if zh else f"{where}, {city}")],
        "lines": lambda: [Line(what, strong=True), Line(where), Line(time)],
        "comma": lambda: [Line(f"{time}，{where}，{what}" if zh else f"{what}, {where}, {city} — {time}")],
        "pipe": lambda: [Line(f"{where} | {what} | {time}", strong=True)],
        "labels": lambda: [
            Line(f"公司名称：{where}" if zh else f"Company: {where}"),
            Line(f"担任职位：{what}" if zh else f"Job title: {what}"),
            Line(f"在职时间：{time}" if zh else f"Dates: {time}"),
            Line("工作内容：" if zh else "Responsibilities:"),
        ],
        "at": lambda: [Line(f"{what} at {where}", strong=True), Line(f"{time} · {city}")],
        "paren": lambda: [Line(f"{where}（{time}）", strong=True), Line(f"职位：{what}" if zh else f"Title: {what}")],
        "brackets": lambda: [
            Line(f"【{time}】{where}", strong=True),
            Line(f"岗位：{what}" if zh else f"Position: {what}"),
        ],
        "grouped": lambda: [*([] if same else [Line(where, strong=True)]), Row((what, time))],
    }
    if layout.entry == "timeline":
        return [Beside(time, (Line(where, strong=True), Line(what), *did))]
    return shapes[layout.entry]() + did


def _bullets(layout: Layout, did: tuple[str, ...]) -> list[Block]:
    if layout.bullet in ("1、", "1."):
        return [Bullet(text, f"{i}{layout.bullet[1:]}") for i, text in enumerate(did, 1)]
    return [Bullet(text, layout.bullet) for text in did]


def education(layout: Layout, person: Person, truth: Truth) -> list[Block]:
    """Return the studies, the latest first."""
    for study in person.studies:
        truth.education.append(
            {
                "school": study.school,
                "degree": study.degree,
                "degree_text": _degree(layout, study),
                "field": study.major,
                "start": None if layout.school_dates == "end" else _known_study(layout, study.start),
                "end": _known_study(layout, study.end),
            }
        )
    if layout.school == "table":
        says = _SAYS[person.tongue]
        rows = [(says[0], says[4], says[5], says[6])]
        rows += [(_time(layout, s), s.school, s.major, _degree(layout, s)) for s in person.studies]
        return [Grid(tuple(rows))]
    return [block for study in person.studies for block in _study(layout, study)]


def _known_study(layout: Layout, when: Month) -> str | None:
    return known("year" if layout.school_dates == "years" else layout.dates, when)


def _time(layout: Layout, study: Study) -> str:
    style = "year" if layout.school_dates == "years" else layout.dates
    if layout.school_dates == "end":
        return month(style, study.end)
    return span(style, study.start, study.end)


def _degree(layout: Layout, study: Study) -> str:
    return _DEGREES[study.tongue][study.degree][layout.wording % 3]


def _study(layout: Layout, study: Study) -> list[Block]:
    time, school, major, degree = _time(layout, study), study.school, study.major, _degree(layout, study)
    zh = study.tongue == "zh"
    within = f"{degree}, {major}" if degree.endswith(".") or degree == "AAS" else f"{degree} in {major}"
    shapes: dict[str, Callable[[], list[Block]]] = {
        "tabs": lambda: [Row((time, school, major, degree), strong=True)],
        "two": lambda: [Row((school, time), strong=True), Line(f"{major}（{degree}）" if zh else within)],
        "degree_first": lambda: [Row((f"{major} {degree}" if zh else within, time), strong=True), Line(school)],
        "lines": lambda: [Line(school, strong=True), Line(f"{major}，{degree}" if zh else within), Line(time)],
        "comma": lambda: [Line(f"{time}，{school}，{major}，{degree}" if zh else f"{within}, {school}, {time}")],
        "pipe": lambda: [Line(f"{school} | {major} | {degree} | {time}")],
        "labels": lambda: [
            Line(f"毕业院校：{school}" if zh else f"School: {school}"),
            Line(f"所学专业：{major}" if zh else f"Major: {major}"),
            Line(f"学历：{degree}" if zh else f"Degree: {degree}"),
            Line(f"就读时间：{time}" if zh else f"Dates: {time}"),
        ],
    }
    if layout.school == "timeline":
        return [Beside(time, (Line(school, strong=True), Line(f"{major}  {degree}" if zh else within)))]
    blocks = shapes[layout.school]()
    if layout.id % 5 == 0:
        blocks.append(Line(f"GPA：{study.grade}" if zh else f"GPA: {study.grade}"))
    return blocks


def projects(layout: Layout, person: Person, truth: Truth) -> list[Block]:
    """Return the projects."""
    blocks: list[Block] = []
    for project in person.projects:
        truth.projects.append(
            {"name": project.name, "start": known(layout.dates, project.start), "end": known(layout.dates, project.end)}
        )
        blocks += _project(layout, project, zh=person.tongue == "zh")
    return blocks


def _project(layout: Layout, project: Project, *, zh: bool) -> list[Block]:
    time = span(layout.dates, project.start, project.end)
    if layout.entry == "labels":
        return [
            Line(f"项目名称：{project.name}" if zh else f"Project: {project.name}"),
            Line(f"项目时间：{time}" if zh else f"Dates: {time}"),
            Line(f"担任角色：{project.role}" if zh else f"Role: {project.role}"),
            *_bullets(layout, (project.did,)),
        ]
    first = (time, project.name, project.role) if layout.entry == "tabs" else (project.name, project.role, time)
    return [Row(first, strong=True), *_bullets(layout, (project.did,))]
