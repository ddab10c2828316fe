"""Resumes as LaTeX classes and templates for them draw them."""

from ops.evaluation.layout_suite.paper import CALENDAR, HOME, LINK, MAIL, PHONE, PIN, WIDTH, Paper
from ops.evaluation.layout_suite.people import Job, Study
from ops.evaluation.layout_suite.seen import Seen, level, period
from ops.evaluation.layout_suite.templates.registry import template
from ops.evaluation.layout_suite.writing import month

_SPOKEN = ("Native", "Fluent", "Intermediate", "Basic")


@template("awesome-cv", "us")
def awesome(s: Seen) -> bytes:
    p = Paper("sans", 9.5, tex=True)
    p.text(s.name, 28, align="centre")
    p.text("  ·  ".join((s.person.headline, s.person.studies[0].field)).upper(), 7.5, align="centre", spacing=0.6)
    p.text(s.place, 8, align="centre")
    p.icons(
        [(PHONE, s.phone), (MAIL, s.email), (LINK, s.link(f"linkedin.com/in/{s.person.handle}"))],
        align="centre",
        gap="  |  ",
    )
    _awesome_heading(p, "Work Experience")
    for job in s.jobs("Mmm. y"):
        p.row(job.employer, job.city, bold=True)
        p.row(job.title.upper(), period(job, "Mmm. y", "Present", " - "), 8)
        p.bullets(job.duties)
    _awesome_heading(p, "Education")
    for study in s.studies("Mmm. y"):
        p.row(study.school, study.city, bold=True)
        p.row(f"{study.degree} in {study.field}".upper(), period(study, "Mmm. y", "", " - "), 8)
    _awesome_heading(p, "Skills")
    skills = s.skills
    for label, some in (("Main", skills[:3]), ("Other", skills[3:])):
        p.beside(label, 80, ", ".join(some), align="right")
    return p.finish(footer=f"{s.person.name}  ·  Résumé    {{page}}")


def _awesome_heading(p: Paper, text: str) -> None:
    p.gap(8)
    p.text(text, 15, bold=True)
    p.rule()


@template("awesome-cv-zh", "cn")
def awesome_zh(s: Seen) -> bytes:
    p = Paper("sans", 9.5)
    p.text(s.name, 26, align="centre")
    p.text(s.person.headline, 9, align="centre")
    p.icons([(PHONE, s.phone), (MAIL, s.email), (HOME, s.place)], align="centre", gap=" | ")
    _awesome_heading(p, "工作经历")
    for job in s.jobs("y.m"):
        p.row(job.employer, job.city, bold=True)
        p.row(job.title, period(job, "y.m", "至今", " - "), 8.5)
        p.bullets(job.duties)
    _awesome_heading(p, "教育经历")
    for study in s.studies("y.m"):
        p.row(study.school, study.city, bold=True)
        p.row(f"{study.field}（{study.degree}）", period(study, "y.m", "", " - "), 8.5)
    _awesome_heading(p, "技能")
    p.beside("专业技能", 60, lambda: p.text("，".join(s.skills)), align="right")
    return p.finish(footer="{page}")


@template("deedy", "us", professions=("software", "mechanical"))
def deedy(s: Seen) -> bytes:
    p = Paper("sans", 9.5, tex=True)
    p.text(s.name, 30, align="centre")
    p.text(f"{s.link(f'github.com/{s.person.handle}')} | {s.email} | {s.phone}", 9, align="centre")
    p.rule()
    top, wide = p.y + 8, WIDTH - 2 * p.margin
    p.column(p.margin, wide * 0.31, top)
    _deedy(p, "Education")
    for study in s.studies("Mmm y", starts=False):
        p.text(study.school.upper(), 10.5, bold=True)
        p.text(f"{study.degree} in {study.field}", 9)
        p.text(f"{month(study.end, 'Mmm y')} | {study.city}", 8)
        p.gap(6)
    _deedy(p, "Skills")
    skills = s.skills
    p.text("PROGRAMMING", 10.5, bold=True)
    p.text("Over 5 years:", 8)
    p.text(" • ".join(skills[:2]))
    p.text("Familiar:", 8)
    p.text(" • ".join(skills[2:]))
    p.column(p.margin + wide * 0.35, wide * 0.65, top)
    _deedy(p, "Experience")
    for job in s.jobs("Mmm y"):
        p.text(f"{job.employer.upper()} | {job.title}", 10.5, bold=True)
        p.text(f"{period(job, 'Mmm y', 'Present')} | {job.city}", 8)
        p.bullets(job.duties)
        p.gap(5)
    return p.finish(header="Last Updated on 1st October 2026")


def _deedy(p: Paper, text: str) -> None:
    p.text(text.upper(), 14, spacing=0.8, colour="#555555")


@template("altacv", "eu")
def altacv(s: Seen) -> bytes:
    p = Paper("sans", 9.5, tex=True)
    p.text(s.name.upper(), 22, bold=True)
    p.text(s.person.headline, 12, colour="#8f0d0d")
    p.icons([(MAIL, s.email), (PHONE, s.phone), (PIN, s.place)])
    top, wide = p.y + 10, WIDTH - 2 * p.margin
    p.column(p.margin, wide * 0.58, top)
    _alta(p, "Experience")
    for job in s.jobs("Month y"):
        p.text(job.title, 11)
        p.text(job.employer, 10, bold=True, colour="#8f0d0d")
        p.icons([(CALENDAR, period(job, "Month y", "Ongoing")), (PIN, job.city)])
        p.bullets(job.duties)
        p.gap(4)
    p.column(p.margin + wide * 0.64, wide * 0.36, top)
    _alta(p, "Strengths")
    p.text("    ".join(s.skills[:3]))
    p.text("    ".join(s.skills[3:]))
    _alta(p, "Languages")
    for name, grade in s.languages:
        p.row(name, "●" * (5 - _SPOKEN.index(level(grade, _SPOKEN))))
    _alta(p, "Education")
    for study in s.studies("Mmm y"):
        p.text(f"{study.degree} in {study.field}", 11)
        p.text(study.school, 10, bold=True, colour="#8f0d0d")
        p.icons([(CALENDAR, period(study, "Mmm y", ""))])
    return p.finish()


def _alta(p: Paper, text: str) -> None:
    p.gap(5)
    p.text(text.upper(), 13, bold=True)
    p.rule()


@template("altacv-links", "de")
def altacv_de(s: Seen) -> bytes:
    p = Paper("sans", 9.5, tex=True)
    p.text(s.name, 22, bold=True)
    p.text(s.person.headline, 12)
    p.icons([(MAIL, s.email), (PHONE, s.phone), (PIN, s.place)])
    top, wide = p.y + 10, WIDTH - 2 * p.margin
    p.column(p.margin, wide * 0.32, top)
    _alta(p, "Kenntnisse")
    for skill in s.skills:
        p.text(skill)
    _alta(p, "Sprachen")
    for name, grade in s.languages:
        p.row(name, level(grade, ("Muttersprache", "verhandlungssicher", "gut", "Grundkenntnisse")), 8.5)
    p.column(p.margin + wide * 0.38, wide * 0.62, top)
    _alta(p, "Berufserfahrung")
    for job in s.jobs("Mon y"):
        p.text(job.title, 11)
        p.text(job.employer, 10, bold=True)
        p.icons([(CALENDAR, period(job, "Mon y", "heute")), (PIN, job.city)])
        p.bullets(job.duties, "■")
    _alta(p, "Ausbildung")
    for study in s.studies("Mon y"):
        p.text(f"{study.degree}, {study.field}", 11)
        p.text(study.school, 10, bold=True)
        p.icons([(CALENDAR, period(study, "Mon y", ""))])
    return p.finish()


def _modern(p: Paper, text: str) -> None:
    p.gap(8)
    p.beside("━━━━━━", 78, lambda: p.text(text, 14))


@template("moderncv-classic", "gb")
def modern_classic(s: Seen) -> bytes:
    p = Paper("serif", 10, tex=True)
    p.row(s.name, s.place, 22)
    p.text(s.person.headline, 13, colour="#777777")
    p.icons([(PHONE, s.phone)], align="right", gap="")
    p.icons([(MAIL, s.email)], align="right", gap="")
    _modern(p, "Employment")
    for job in s.jobs("mm/y"):

        def entry(job: Job = job) -> None:
            p.text(f"{job.title}, {job.employer}, {job.city}.")
            p.text("Main duties:")
            p.bullets(job.duties, "○")

        p.beside(period(job, "mm/y", "now", "–"), 78, entry, align="right")
        p.gap(3)
    _modern(p, "Education")
    for study in s.studies("y"):
        p.beside(
            period(study, "y", "", "–"),
            78,
            f"{study.degree} {study.field}, {study.school}, {study.city}.",
            align="right",
        )
    _modern(p, "Computer skills")
    p.beside("Advanced", 78, lambda: p.text(", ".join(s.skills)), align="right")
    _modern(p, "Languages")
    for name, grade in s.languages:
        p.beside(name, 78, level(grade, _SPOKEN), align="right")
    return p.finish(footer="{page}/{pages}")


@template("moderncv-classic-fr", "fr")
def modern_fr(s: Seen) -> bytes:
    p = Paper("serif", 10, tex=True)
    p.row(s.name, s.place, 22)
    p.text(s.person.headline, 13, colour="#777777")
    p.icons([(PHONE, s.phone), (MAIL, s.email)])
    _modern(p, "Expérience professionnelle")
    for job in s.jobs("mois y"):

        def entry(job: Job = job) -> None:
            p.text(f"{job.title}, {job.employer}, {job.city}.")
            p.bullets(job.duties, "–")

        p.beside(period(job, "mois y", "aujourd’hui", " –\n"), 92, entry, align="right")
    _modern(p, "Formation")
    for study in s.studies("y"):
        p.beside(
            period(study, "y", "", "–"),
            92,
            f"{study.degree} {study.field}, {study.school}, {study.city}.",
            align="right",
        )
    _modern(p, "Langues")
    for name, grade in s.languages:
        p.beside(
            name,
            92,
            level(grade, ("langue maternelle", "courant", "intermédiaire", "notions")),
            align="right",
        )
    _modern(p, "Compétences informatiques")
    p.beside("Outils", 92, lambda: p.text(", ".join(s.skills)), align="right")
    return p.finish(footer="{page}/{pages}")


@template("moderncv-banking", "gb", professions=("finance", "hr", "mechanical"))
def banking(s: Seen) -> bytes:
    p = Paper("serif", 10.5, tex=True)
    p.text(s.name, 24, align="centre")
    p.text(f"{s.place} • {s.phone} • {s.email}", 9, align="centre")
    _banking(p, "Experience")
    for job in s.jobs("Month y"):
        p.row(job.employer, job.city, bold=True)
        p.row(job.title, period(job, "Month y", "Present", "–"))
        p.bullets(job.duties)
    _banking(p, "Education")
    for study in s.studies("y"):
        p.row(study.school, study.city, bold=True)
        p.row(f"{study.degree} {study.field}", period(study, "y", "", "–"))
    _banking(p, "Professional memberships")
    p.bullets(s.certificates)
    _banking(p, "Skills")
    p.text("Software & methods: " + ", ".join(s.skills))
    return p.finish()


def _banking(p: Paper, text: str) -> None:
    p.gap(8)
    p.text(text, 13, bold=True, colour="#3873b3")
    p.rule()


@template("moderncv-casual-de", "de")
def casual(s: Seen) -> bytes:
    p = Paper("sans", 10, tex=True)
    p.text(s.name, 26, align="right")
    p.text("Lebenslauf", 12, align="right")
    _modern(p, "Beruflicher Werdegang")
    for job in s.jobs("mm/y"):

        def entry(job: Job = job) -> None:
            p.text(job.title, bold=True)
            p.text(f"{job.employer}, {job.city}")
            p.bullets(job.duties, "–")

        p.beside(period(job, "mm/y", "heute", "–"), 88, entry, align="right")
    _modern(p, "Studium")
    for study in s.studies("mm/y"):
        p.beside(
            period(study, "mm/y", "", "–"),
            88,
            f"{study.degree} {study.field}, {study.school}",
            align="right",
        )
    _modern(p, "EDV-Kenntnisse")
    p.beside("Sehr gut", 88, lambda: p.text(", ".join(s.skills)), align="right")
    return p.finish(footer=f"{s.place}  ·  {s.phone}  ·  {s.email}")


def _jake(p: Paper, text: str) -> None:
    p.gap(6)
    p.text(text, 12.5)
    p.rule()


@template("jake", "us", professions=("software", "finance", "mechanical"))
def jake(s: Seen) -> bytes:
    p = Paper("serif", 10, tex=True, margin=40)
    p.text(s.name, 24, bold=True, align="centre")
    p.text(
        f"{s.phone} | {s.email} | {s.link(f'linkedin.com/in/{s.person.handle}')} | {s.link(f'github.com/{s.person.handle}')}",
        9,
        align="centre",
    )
    _jake(p, "Education")
    for study in s.studies("Mmm. y"):
        p.row(study.school, study.city, bold=True)
        p.row(f"{study.degree} in {study.field}", period(study, "Mmm. y", ""), 9)
    _jake(p, "Experience")
    for job in s.jobs("Month y"):
        p.row(job.title, period(job, "Month y", "Present"), bold=True)
        p.row(job.employer, job.city, 9)
        p.bullets(job.duties)
    _jake(p, "Projects")
    p.row("Tide Clock | C, Raspberry Pi", "June 2020 – Present", bold=True)
    p.bullets(["Shows high water for any harbour from a table of constituents"])
    _jake(p, "Technical Skills")
    p.text("Tools: " + ", ".join(s.skills), indent=8)
    return p.finish()


@template("jake-india", "in", professions=("software", "mechanical"))
def jake_india(s: Seen) -> bytes:
    p = Paper("serif", 10, tex=True, margin=40)
    p.row(s.name, "Email: " + s.email, 11, bold=True)
    p.row(s.link(f"https://www.linkedin.com/in/{s.person.handle}"), "Mobile: " + s.phone, 9)
    _jake(p, "Education")
    for study in s.studies("Mmm. y"):
        p.row(study.school, study.city, bold=True)
        p.row(f"{study.degree} in {study.field};  CGPA: 8.4", period(study, "Mmm. y", "", " - "), 9)
    _jake(p, "Experience")
    for job in s.jobs("Mmm y"):
        p.row(job.employer, job.city, bold=True)
        p.row(job.title, period(job, "Mmm y", "Present", " - "), 9)
        p.bullets(job.duties, "◦")
    _jake(p, "Skills Summary")
    p.text("• Tools:    " + ", ".join(s.skills))
    _jake(p, "Honors and Awards")
    p.bullets(["Second place in the campus hackathon - January, 2017"])
    return p.finish()


@template("rendercv", "us")
def rendercv(s: Seen) -> bytes:
    p = Paper("serif", 10)
    p.text(s.name, 28, align="centre")
    p.text(f"{s.place}  |  {s.email}  |  {s.phone}", 9, align="centre")
    _jake(p, "Experience")
    for job in s.jobs("Mmm y"):
        p.row(f"{job.employer}, {job.title}", f"{period(job, 'Mmm y', 'present')}", bold=False)
        p.row("", job.city)
        p.bullets(job.duties, "◦")
    _jake(p, "Education")
    for study in s.studies("Mmm y"):
        p.row(f"{study.school}, {study.degree} in {study.field}", period(study, "Mmm y", ""))
    _jake(p, "Technologies")
    p.text("Tools: " + ", ".join(s.skills))
    return p.finish(footer=f"{s.person.name} - Page {{page}} of {{pages}}", header="Last updated in Oct 2026")


@template("friggeri", "gb", professions=("marketing", "software", "hr"))
def friggeri(s: Seen) -> bytes:
    p = Paper("sans", 9.5, tex=True)
    p.fill(0, 0, WIDTH, 90, "#4d4d4d")
    p.text(s.name, 30, align="centre", colour="#ffffff")
    p.text(s.person.headline, 12, align="centre", colour="#ffffff")
    p.column(p.margin, 110, 110)
    for heading, lines in (
        ("contact", [s.place, s.phone, s.email]),
        ("languages", [f"{n} – {level(g, _SPOKEN).lower()}" for n, g in s.languages]),
        ("skills", s.skills),
    ):
        p.text(heading, 12, align="right")
        for line in lines:
            p.text(line, 8.5, align="right")
        p.gap(8)
    p.column(p.margin + 134, WIDTH - 2 * p.margin - 134, 110)
    p.text("experience", 15)
    for job in s.jobs("y"):

        def entry(job: Job = job) -> None:
            p.row(job.employer, job.city, bold=True)
            p.text(job.title, 9)
            p.text(job.duties[0] + ". " + job.duties[1] + ".")

        p.beside(period(job, "y", "Now", "–"), 60, entry)
        p.gap(3)
    p.text("education", 15)
    for study in s.studies("y"):

        def course(study: Study = study) -> None:
            p.row(f"{study.degree} {study.field}", study.school, bold=True)

        p.beside(period(study, "y", "", "–"), 60, course)
    return p.finish()


@template("twenty-seconds", "au")
def twenty(s: Seen) -> bytes:
    p = Paper("sans", 9.5, tex=True, margin=30)
    p.fill(0, 0, 180, 842, "#e7e7e7")
    p.column(20, 145, 130)
    p.text(s.name, 17, align="centre")
    p.text(s.person.headline, 10, align="centre")
    p.gap(10)
    p.size = 7
    for icon, text in ((HOME, s.place), (PHONE, s.phone), (MAIL, s.email)):
        p.icons([(icon, text)], gap="")
    p.size = 9.5
    p.gap(12)
    p.text("About me", 13)
    p.text("I like work that can be finished and seen, and people who say what they mean.", 8.5)
    p.text("Skills", 13)
    for skill in s.skills:
        p.text(skill, 9)
    p.column(200, WIDTH - 230, 30)
    p.text("Experience", 15, bold=True)
    for job in s.jobs("Mmm y"):

        def entry(job: Job = job) -> None:
            p.row(job.title, job.city, bold=True)
            p.text(job.employer, 9.5)
            p.text("; ".join(job.duties) + ".")

        p.beside(period(job, "Mmm y", "Now", " –\n"), 52, entry)
        p.gap(4)
    p.text("Education", 15, bold=True)
    for study in s.studies("y"):

        def course(study: Study = study) -> None:
            p.row(f"{study.degree}, {study.field}", study.city, bold=True)
            p.text(study.school)

        p.beside(period(study, "y", "", "–"), 52, course)
    return p.finish()


@template("academic-article", "gb", professions=("academic",))
def academic(s: Seen) -> bytes:
    p = Paper("serif", 10.5, tex=True)
    p.text("Curriculum Vitae", 12, align="centre")
    p.text(("Dr " if s.person.studies[0].level == "doctorate" else "") + s.name, 16, align="centre")
    p.text(f"Email: {s.email}    Telephone: {s.phone}", align="centre")
    _jake(p, "Academic Positions")
    for job in s.jobs("y"):
        p.beside(period(job, "y", "present", "–"), 74, f"{job.title}, {job.employer}, {job.city}")
    _jake(p, "Education")
    for study in s.studies("y"):
        p.beside(period(study, "y", "", "–"), 74, f"{study.degree} {study.field}, {study.school}")
    _jake(p, "Publications")
    p.text(
        f"[1] {s.person.family} and T. Quill (2021). Slow drift in shallow basins. Journal of Margins, 14(2), 101–119."
    )
    p.text(f"[2] {s.person.family} (2019). Counting what moves. Annals of Small Numbers, 3, 7–22.")
    _jake(p, "Teaching")
    p.beside("2020–22", 74, lambda: p.text("Introduction to Inference (second year, 60 students)"))
    _jake(p, "Grants")
    p.beside("2021", 74, lambda: p.text("Early career award, £48,000"))
    return p.finish(footer="{page}")


@template("academic-appointments", "us", professions=("academic",))
def appointments(s: Seen) -> bytes:
    p = Paper("serif", 11)
    p.text(s.name.upper(), 14, align="centre", bold=True)
    p.text(s.person.studies[0].school, align="centre")
    p.text(f"{s.email}  {s.phone}", align="centre")
    _caps(p, "ACADEMIC APPOINTMENTS")
    for job in s.jobs("y"):
        p.text(f"{job.title}, {job.employer}, {period(job, 'y', 'present', '–')}")
    _caps(p, "EDUCATION")
    for study in s.studies("y", starts=False):
        p.text(f"{study.degree}, {study.field}, {study.school}, {study.end[0]}")
    _caps(p, "SELECTED PUBLICATIONS")
    p.text(f"{s.person.family}, “Reading the Margins of Harbour Ledgers,” Review of Ports 12 (2020): 33–58.")
    _caps(p, "INVITED TALKS")
    p.text("“What ledgers leave out,” Lisbon, May 2019")
    _caps(p, "SERVICE")
    p.text("Reviewer, Review of Ports, 2018–present")
    return p.finish(footer="CV, {page}")


def _caps(p: Paper, text: str) -> None:
    p.gap(9)
    p.text(text, 11, bold=True)


@template("res-margin", "us", professions=("nurse", "finance", "electrician"))
def margins(s: Seen) -> bytes:
    p = Paper("serif", 10.5, tex=True)
    p.text(s.name, 15, bold=True, align="centre")
    p.row(s.place, s.phone)
    p.row(s.email, "")
    p.rule()

    def work() -> None:
        for job in s.jobs("Month y"):
            p.row(job.employer, job.city, bold=True)
            p.row(job.title, period(job, "Month y", "Present"))
            p.bullets(job.duties)
            p.gap(3)

    def school() -> None:
        for study in s.studies("Month y", starts=False):
            p.text(study.school, bold=True)
            p.text(f"{study.degree}, {study.field}, {month(study.end, 'Month y')}")

    p.beside("OBJECTIVE", 90, lambda: p.text("To join a team that takes care of its tools."))
    p.gap(8)
    p.beside("EDUCATION", 90, school)
    p.gap(8)
    p.beside("EXPERIENCE", 90, work)
    p.gap(8)
    p.beside("SKILLS", 90, lambda: p.text(", ".join(s.skills)))
    return p.finish()


@template("billryan", "cn", professions=("backend", "product"))
def billryan(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text(s.name, 22, align="centre")
    p.icons([(MAIL, s.email), (PHONE, s.phone)], align="centre", gap=" · ")
    _jake(p, "教育背景")
    for study in s.studies("y.m"):
        p.row(f"{study.school}，{study.city}", period(study, "y.m", ""), bold=True)
        p.text(f"{study.degree} {study.field}")
    _jake(p, "工作/实习经历")
    for job in s.jobs("y年m月"):
        p.row(f"{job.employer} {job.city}", period(job, "y年m月", "至今"), bold=True)
        p.text(job.title)
        p.bullets(job.duties)
    _jake(p, "IT 技能" if s.person.profession == "backend" else "技能")
    p.bullets(["熟练: " + ", ".join(s.skills)])
    return p.finish(footer="{page}")


@template("one-row-zh", "cn", professions=("backend", "product", "accounting"))
def one_row(s: Seen) -> bytes:
    p = Paper("serif", 10)
    p.row(s.name, f"{s.phone} | {s.email}", 12)
    _jake(p, "教育经历")
    for study in s.studies("y.mm"):
        p.cells([period(study, "y.mm", "", "-"), study.school, study.field, study.degree], (0, 0.28, 0.6, 0.88))
    _jake(p, "工作经历")
    for job in s.jobs("y.mm"):
        p.cells([period(job, "y.mm", "至今", "-"), job.employer, job.title], (0, 0.28, 0.75), bold=True)
        p.bullets(job.duties, "-")
    _jake(p, "专业技能")
    p.text("、".join(s.skills))
    return p.finish()
