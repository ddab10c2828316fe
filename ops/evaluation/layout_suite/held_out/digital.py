"""Resumes in English of people at desks: LaTeX and Typst classes, builders, profiles copied from the web, Markdown."""

from html import escape

from ops.evaluation.layout_suite.held_out.when import long, say, span
from ops.evaluation.layout_suite.paper import CALENDAR, MAIL, PHONE, PIN, WIDTH, Paper
from ops.evaluation.layout_suite.people import Job
from ops.evaluation.layout_suite.seen import Seen
from ops.evaluation.layout_suite.templates.registry import sheet


def _employers(jobs: list[Job]) -> list[list[Job]]:
    """Return positions that follow on each other at one employer together."""
    groups: list[list[Job]] = []
    for job in jobs:
        if groups and groups[-1][0].employer == job.employer:
            groups[-1].append(job)
        else:
            groups.append([job])
    return groups


@sheet("tex-promoted", "us", "pdf", "developer", jobs=4, promoted=True, scanned=True)
def tex_promoted(s: Seen) -> bytes:
    p = Paper("serif", 10, tex=True, margin=40)
    p.text(s.name, 22, align="centre")
    p.text(f"{s.phone} | {s.email} | {s.link('github.com/' + s.person.handle)}", 9, align="centre")
    p.gap(6)
    p.text("Education", 12)
    p.rule()
    for study in s.studies("m"):
        p.row(study.school, study.city, bold=True)
        p.row(f"{study.degree} in {study.field}", span(study, "{Mon}. {Y}", between=" – "), 9)
    p.text("Experience", 12)
    p.rule()
    for group in _employers(s.jobs("m")):
        p.row(group[0].employer, group[0].city, bold=True)
        for job in group:
            p.row(job.title, span(job, "{Mon}. {Y}", between=" – "), 9)
            p.bullets(job.duties)
    p.text("Technical Skills", 12)
    p.rule()
    p.text("Languages & Tools: " + ", ".join(s.skills), 9)
    return p.finish()


@sheet("typst-engineer", "us", "pdf", "data")
def typst_engineer(s: Seen) -> bytes:
    p = Paper("serif", 10.5, margin=50)
    p.text(s.name, 24, align="centre")
    p.text(f"{s.place}  |  {s.email}  |  {s.phone}", 9.5, align="centre")
    for heading in ("EDUCATION", "EXPERIENCE", "TECHNOLOGIES"):
        p.gap(7)
        p.text(heading, 11.5, bold=True)
        p.rule()
        if heading == "EDUCATION":
            for study in s.studies("m"):
                p.row(f"{study.school}, {study.degree} in {study.field}", span(study, "{Month} {Y}", between=" – "))
        elif heading == "EXPERIENCE":
            for job in s.jobs("m"):
                p.row(f"{job.title}, {job.employer} – {job.city}", span(job, "{Month} {Y}", "present", " – "))
                p.bullets(job.duties, "◦")
        else:
            p.text("Tools: " + ", ".join(s.skills[:3]))
            p.text("Methods: " + ", ".join(s.skills[3:]))
    return p.finish(footer=s.person.name + " - Page {page} of {pages}")


@sheet("college-office", "us", "docx", "sales", jobs=3)
def college_office(s: Seen) -> bytes:
    from ops.evaluation.layout_suite.word import Word

    w = Word()
    w.text(s.name, bold=True, size=16)
    w.text(f"{s.place} • {s.email} • {s.phone}")
    w.text("Education", bold=True)
    for study in s.studies("m", starts=False):
        w.text(f"{study.school}\t{study.city}", bold=True, stops=(16,))
        w.text(f"{study.degree}, {study.field}\t{say(study.end, '{Month} {Y}')}", stops=(16,))
    w.text("Experience", bold=True)
    for job in s.jobs("m"):
        w.text(f"{job.employer.upper()}\t{job.city}", bold=True, stops=(16,))
        w.text(f"{job.title}\t{span(job, '{Month} {Y}', between=' – ')}", stops=(16,))
        w.bullets(job.duties)
    w.text("Skills & Interests", bold=True)
    w.text("Technical: " + ", ".join(s.skills))
    w.text("Language: " + ", ".join(f"{name} ({grade})" for name, grade in s.languages))
    w.text("Interests: trail running, letterpress, stand-up comedy")
    return w.finish()


@sheet("no-work-yet", "us", "pdf", "data", jobs=-1)
def no_work_yet(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text(s.name, 20, bold=True)
    p.text(f"{s.email} · {s.phone} · {s.place}")
    p.gap(8)
    p.text("OBJECTIVE", 11, bold=True)
    p.text("A first role in analytics where I can learn from people who care about clean data.")
    p.gap(8)
    p.text("EDUCATION", 11, bold=True)
    for study in s.studies("m"):
        p.row(f"{study.degree} in {study.field}", span(study, "{Mon} {Y}", between=" – "), bold=True)
        p.text(f"{study.school} | GPA 3.7/4.0")
        p.text("Relevant coursework: Regression, Databases, Survey Methods")
    p.gap(8)
    p.text("ACADEMIC PROJECTS", 11, bold=True)
    p.row("Bus delays on a rainy day", "Spring 2026", bold=True)
    p.bullets(["Joined weather and arrival feeds for ninety days", "Found that two stops caused most of the delay"])
    p.row("A map of the campus trees", "Fall 2025", bold=True)
    p.bullets(["Catalogued 1,140 trees with four classmates"])
    p.gap(8)
    p.text("SKILLS", 11, bold=True)
    p.text(" · ".join(s.skills))
    p.gap(8)
    p.text("AWARDS", 11, bold=True)
    p.text("Dean's List, 2024 and 2025")
    return p.finish()


@sheet("rail-right", "gb", "pdf", "office", scanned=True)
def rail_right(s: Seen) -> bytes:
    p = Paper("sans", 9.5, margin=40)
    p.fill(WIDTH - 190, 0, 190, 842, "#2f3e46")
    p.column(40, WIDTH - 250)
    first, *rest = s.name.split(" ", 1)
    p.text(first.upper(), 26, bold=True)
    p.text(" ".join(rest).upper(), 26, bold=True)
    p.text(s.person.headline, 12, colour="#666666")
    p.gap(12)
    p.text("Employment", 13, bold=True)
    for job in s.jobs("y"):
        p.gap(4)
        p.text(job.title, 10.5, bold=True)
        p.text(f"{job.employer} | {job.start[0]} - {job.end[0] if job.end else 'Now'}", colour="#555555")
        p.text(" ".join(d + "." for d in job.duties))
    p.gap(12)
    p.text("Qualifications", 13, bold=True)
    for study in s.studies("y"):
        p.text(f"{study.degree} {study.field}", 10.5, bold=True)
        p.text(f"{study.school} | {study.start[0]} - {study.end[0]}", colour="#555555")
    p.column(WIDTH - 175, 160, 60)
    white = "#ffffff"
    for heading, lines in (
        ("Contact", [s.phone, s.email, s.place]),
        ("Skills", s.skills),
        ("Languages", [f"{name} – {grade}" for name, grade in s.languages]),
        ("Hobbies", ["Sea swimming", "Crosswords"]),
    ):
        p.text(heading, 12, bold=True, colour=white)
        for line in lines:
            p.text(line, 9, colour=white)
        p.gap(12)
    return p.finish()


@sheet("rail-left-years", "gb", "pdf", "data")
def rail_left_years(s: Seen) -> bytes:
    p = Paper("sans", 9.5, margin=36)
    p.fill(0, 0, 170, 842, "#e8e8e8")
    p.column(24, 130, 150)
    p.text("Profile", 12, bold=True)
    p.text("Curious, tidy with numbers, calm when the pager rings.")
    p.gap(10)
    p.text("Skills", 12, bold=True)
    for skill in s.skills:
        p.text(skill)
    p.column(195, WIDTH - 225, 40)
    p.text(s.name, 24)
    p.text(s.person.headline, 12)
    p.icons([(PHONE, s.phone), (MAIL, s.email)])
    p.gap(14)
    p.text("Experience", 14, bold=True)
    for job in s.jobs("y"):

        def entry(job: Job = job) -> None:
            p.row(job.title, job.city, 10.5, bold=True)
            p.text(job.employer)
            p.text("; ".join(job.duties) + ".", 9)

        p.beside(f"{job.start[0]}–{job.end[0] if job.end else 'Now'}", 66, entry)
        p.gap(5)
    p.gap(8)
    p.text("Education", 14, bold=True)
    for study in s.studies("y"):

        def course(title: str = f"{study.degree} in {study.field}", school: str = study.school) -> None:
            p.text(title, 10.5, bold=True)
            p.text(school)

        p.beside(f"{study.start[0]}–{study.end[0]}", 66, course)
    return p.finish()


@sheet("builder-onyx", "us", "pdf", "developer", scanned=True)
def builder_onyx(s: Seen) -> bytes:
    p = Paper("sans", 9.5, margin=44)
    p.text(s.name, 18, bold=True)
    p.text(s.person.headline)
    p.icons([(PIN, s.place), (PHONE, s.phone), (MAIL, s.email)])
    p.rule()
    p.text("Experience", 11, bold=True)
    for job in s.jobs("m"):
        p.row(job.employer, span(job, "{mm}/{Y}", between=" - "), bold=True, bold_right=True)
        p.row(job.title, job.city)
        p.bullets(job.duties)
        p.gap(3)
    p.text("Education", 11, bold=True)
    for study in s.studies("m"):
        p.row(study.school, span(study, "{mm}/{Y}", between=" - "), bold=True, bold_right=True)
        p.row(study.field, study.degree)
    p.text("Skills", 11, bold=True)
    for left, right in zip(s.skills[::2], [*s.skills[1::2], ""], strict=False):
        p.cells([left, right], (0, 0.5), bold=True)
        p.cells(["Proficient", "Proficient" if right else ""], (0, 0.5), 8.5)
    p.text("Certifications", 11, bold=True)
    for name in s.certificates:
        p.row(name, "2023", bold=True)
    return p.finish(footer="{page}")


@sheet("mcdowell", "us", "pdf", "developer", jobs=3)
def mcdowell(s: Seen) -> bytes:
    p = Paper("serif", 10, tex=True)
    p.cells([s.place, s.name, s.email], (0, 0.36, 0.66), 11)
    p.text(s.phone, align="centre")
    p.gap(6)
    p.text("Employment", 12, bold=True)
    p.rule()
    for job in s.jobs("m"):
        p.cells([job.title, job.employer, span(job, "{Mon} {Y}", between=" – ")], (0, 0.36, 0.7), bold=True)
        p.bullets(job.duties)
    p.text("Education", 12, bold=True)
    p.rule()
    for study in s.studies("y"):
        p.cells(
            [study.school, f"{study.degree}, {study.field}", span(study, "{Y}", between=" – ")], (0, 0.3, 0.88), 8.5
        )
    p.text("Languages and Technologies", 12, bold=True)
    p.rule()
    p.bullets(["; ".join(s.skills)])
    return p.finish()


@sheet("profile-copied", "gb", "txt", "sales", promoted=True, jobs=4)
def profile_copied(s: Seen) -> bytes:
    lines = [s.name, s.person.headline, s.place + ", England, United Kingdom", "Contact info", s.email, s.phone, "", "About", "I like long sales cycles and short meetings.", "", "Experience", ""]  # fmt: skip
    s.truth.facts["place"] = s.person.city
    for job in s.jobs("m"):
        lasted = long(job, (" yr", " yrs"), (" mo", " mos"))
        lines += [job.title, f"{job.employer} · Full-time", f"{span(job, '{Mon} {Y}')} · {lasted}", f"{job.city}, England, United Kingdom · Hybrid", *[f"- {d}" for d in job.duties], ""]  # fmt: skip
    lines += ["Education", ""]
    for study in s.studies("y"):
        lines += [study.school, f"{study.degree}, {study.field}", f"{study.start[0]} - {study.end[0]}", ""]
    lines += ["Skills", "", *s.skills]
    return "\n".join(lines).encode()


@sheet("markdown-arrow", "us", "txt", "developer", jobs=3)
def markdown_arrow(s: Seen) -> bytes:
    parts = [f"# {s.name}", "", f"**{s.person.headline}** — {s.place}", "", f"✉ {s.email} ☎ {s.phone}", "", "## Work"]
    for job in s.jobs("m"):
        parts += ["", f"### {job.title} @ {job.employer}", f"_{span(job, '{Y}-{mm}', 'now', ' → ')}_", ""]
        parts += [f"* {d}" for d in job.duties]
    parts += ["", "## School", ""]
    parts += [f"* **{t.school}**, {t.degree} in {t.field} ({t.start[0]}–{t.end[0]})" for t in s.studies("y")]
    parts += ["", "## Toolbox", "", ", ".join(f"`{k}`" for k in s.skills)]
    return "\n".join(parts).encode()


@sheet("json-theme", "us", "html", "developer")
def json_theme(s: Seen) -> bytes:
    work = "".join(
        f'<section class="work-item"><header class="clear"><div class="date"><span class="startDate">{say(j.start, "{Month} {Y}")}</span>'
        f'<span class="endDate"> - {say(j.end, "{Month} {Y}") if j.end else "Current"}</span></div><div class="header-left">'
        f'<div class="position">{escape(j.title)}</div><div class="company">{escape(j.employer)}</div></div></header>'
        f'<span class="location"><i class="fa fa-map-marker"></i> {j.city}</span><ul class="highlights">{"".join(f"<li>{d}</li>" for d in j.duties)}</ul></section>'
        for j in s.jobs("m")
    )
    school = "".join(
        f'<section class="education-item"><div class="date">{t.start[0]} - {t.end[0]}</div><div class="studyType">{t.degree}</div>'
        f'<div class="area">{t.field}</div><div class="institution">{t.school}</div></section>'
        for t in s.studies("y")
    )
    skills = "".join(f'<div class="skill-item"><div class="label">{k}</div></div>' for k in s.skills)
    languages = "".join(
        f"<div class='language-item'><div class='language'>{n}</div><div class='fluency'>{g}</div></div>"
        for n, g in s.languages
    )
    return f"""<!doctype html><html><head><meta charset="utf-8"><title>{s.name}</title><style>.date{{float:right}}</style></head><body>
<header id="header"><div class="container"><h1>{s.name}</h1><h2>{s.person.headline}</h2><span class="location">{s.place}</span></div></header>
<div id="content"><div class="row"><aside><h3>Contact</h3><div class="email">{s.email}</div><div class="phone">{s.phone}</div></aside></div>
<section><h3>Experience</h3>{work}</section><section><h3>Education</h3>{school}</section><section><h3>Skills</h3>{skills}</section>
<section><h3>Languages</h3>{languages}</section></div></body></html>""".encode()


@sheet("board-export", "us", "html", "sales")
def board_export(s: Seen) -> bytes:
    work = "".join(
        f'<div class="work-experience-section"><p class="work_title title">{escape(j.title)}</p><div class="work_company"><span class="bold">{escape(j.employer)}</span>'
        f'<div class="separator-hyphen">-</div><span>{j.city}</span></div><p class="work_dates">{span(j, "{Month} {Y}", between=" to ")}</p>'
        f'<p class="work_description">{"<br>".join("• " + d for d in j.duties)}</p></div>'
        for j in s.jobs("m")
    )
    school = "".join(
        f'<div><p class="edu_title">{t.degree} in {t.field}</p><div><span class="bold">{t.school}</span><div>-</div><span>{t.city}</span></div><p class="edu_dates">{span(t, "{Month} {Y}", between=" to ")}</p></div>'
        for t in s.studies("m")
    )
    certs = "".join(f"<p class='certification_title'>{c}</p>" for c in s.certificates)
    return f"""<html><body><div id="resume_body"><h1 id="resume-contact">{s.name}</h1><h2>{s.person.headline}</h2><p class="locality">{s.place}</p>
<p>{s.email}</p><p>{s.phone}</p><p>Authorized to work in the US for any employer</p>
<div class="section"><div class="section_title"><h2>Work Experience</h2></div>{work}</div><div class="section"><div class="section_title"><h2>Education</h2></div>{school}</div>
<div class="section"><h2>Skills</h2><div>{"".join(f"<span class='skill-text'>{k} (5 years)</span>" for k in s.skills)}</div></div>
<div class="section"><h2>Certifications and Licenses</h2>{certs}</div></div></body></html>""".encode()


@sheet("freelance-clients", "gb", "pdf", "data", jobs=2)
def freelance_clients(s: Seen) -> bytes:
    p = Paper("serif", 10.5)
    p.text(s.name, 20)
    p.text(f"{s.person.headline} for hire · {s.place}")
    p.text(f"{s.email} / {s.phone}")
    p.gap(8)
    p.text("Selected engagements", 13, bold=True)
    for job in s.jobs("m"):
        p.gap(5)
        p.text(f"{job.employer} ({job.city})", bold=True)
        p.text(f"{job.title} — contract, {span(job, '{Mon} {Y}', 'ongoing', ' to ')}")
        p.text("Outcome: " + "; ".join(d[0].lower() + d[1:] for d in job.duties) + ".")
    p.gap(8)
    p.text("Training", 13, bold=True)
    for study in s.studies("y", starts=False):
        p.text(f"{study.degree} {study.field}, {study.school}, {study.end[0]}")
    p.gap(8)
    p.text("Works with", 13, bold=True)
    p.text(" / ".join(s.skills))
    p.gap(8)
    p.text("References", 13, bold=True)
    p.text("Gladly given once we have spoken.")
    return p.finish()


@sheet("academic-rail", "gb", "pdf", "research", scanned=True)
def academic_rail(s: Seen) -> bytes:
    p = Paper("serif", 10.5, tex=True, margin=56)
    p.text(f"Curriculum Vitae — {s.name}", 16)
    p.text(f"{s.email} · {s.phone}")
    p.gap(8)
    p.text("Academic appointments", 13, bold=True)
    for job in s.jobs("y"):
        p.beside(f"{job.start[0]}–{job.end[0] if job.end else ''}", 70, f"{job.title}, {job.employer}")
        p.beside("", 70, job.duties[0] + ".")
    p.gap(6)
    p.text("Degrees", 13, bold=True)
    for study in s.studies("y", starts=False):
        p.beside(str(study.end[0]), 70, f"{study.degree} in {study.field}, {study.school}")
    p.gap(6)
    p.text("Recent publications", 13, bold=True)
    for n, title in enumerate(
        ("Counting what is rarely seen", "On the drift of cheap sensors", "A field guide to weights"), 1
    ):
        p.text(
            f"[{n}] {s.person.family}, {s.person.given[0]}. ({2025 - n}). {title}. Annals of Patient Measurement 12({n}), 101–118."
        )
    p.gap(6)
    p.text("Invited talks", 13, bold=True)
    p.beside("2024", 70, "Uncertainty for people in a hurry, summer meeting, Lund")
    p.beside("2023", 70, "What the peat remembers, departmental seminar, Galway")
    p.gap(6)
    p.text("Computing", 13, bold=True)
    p.text(", ".join(s.skills))
    return p.finish(header=f"CV {s.person.family}", footer="{page} of {pages}")


@sheet("timeline-dots", "hk", "pdf", "sales", jobs=3)
def timeline_dots(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text(s.name, 20, bold=True, align="centre")
    p.text(s.person.headline.upper(), 10, align="centre", spacing=2)
    p.icons([(MAIL, s.email), (PHONE, s.phone)], align="centre")
    p.gap(10)
    p.text("C A R E E R", 12, bold=True, align="centre")
    for job in s.jobs("m"):
        p.icons([(CALENDAR, span(job, "{mm}/{yy}", "today", " — ")), (PIN, job.city)])
        p.text(f"{job.title} at {job.employer}", 11, bold=True)
        p.bullets(job.duties, "–")
        p.gap(5)
    p.text("L E A R N I N G", 12, bold=True, align="centre")
    for study in s.studies("y"):
        p.text(f"{study.start[0]} — {study.end[0]}")
        p.text(f"{study.degree} in {study.field}", bold=True)
        p.text(study.school)
    p.text("S K I L L S", 12, bold=True, align="centre")
    p.text("  •  ".join(s.skills), align="centre")
    return p.finish()
