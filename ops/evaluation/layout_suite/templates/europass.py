"""Europass in its three looks, and the builders' sheets with a column of dates."""

from functools import partial

from ops.evaluation.layout_suite.paper import CALENDAR, MAIL, PHONE, PIN, WIDTH, Paper
from ops.evaluation.layout_suite.people import Job, Study
from ops.evaluation.layout_suite.seen import Seen, level, period
from ops.evaluation.layout_suite.templates.registry import template
from ops.evaluation.layout_suite.writing import month

_LABELS = 150


def _pair(p: Paper, label: str, value: str) -> None:
    p.beside(label, _LABELS, lambda: p.text(value), align="right", gap=10)


@template("europass-2004", "eu")
def oldest(s: Seen) -> bytes:
    p = Paper("sans", 9.5)
    p.beside("Europass\nCurriculum Vitae", _LABELS, lambda: None, align="right")
    p.gap(8)
    _pair(p, "Personal information", "")
    _pair(p, "First name(s) / Surname(s)", s.name)
    _pair(p, "Address", s.place)
    _pair(p, "Telephone(s)", s.phone)
    _pair(p, "E-mail", s.email)
    p.gap(8)
    _pair(p, "Work experience", "")
    for job in s.jobs("Month y"):
        p.gap(5)
        _pair(p, "Dates", period(job, "Month y", "present", " - "))
        _pair(p, "Occupation or position held", job.title)
        _pair(p, "Main activities and responsibilities", ". ".join(job.duties))
        _pair(p, "Name and address of employer", f"{job.employer}, {job.city}")
    p.gap(8)
    _pair(p, "Education and training", "")
    for study in s.studies("y"):
        p.gap(5)
        _pair(p, "Dates", period(study, "y", "", " - "))
        _pair(p, "Title of qualification awarded", f"{study.degree} in {study.field}")
        _pair(p, "Name and type of organisation", study.school)
    p.gap(8)
    _pair(p, "Personal skills and competences", "")
    _pair(p, "Mother tongue", s.languages[0][0])
    _pair(p, "Other language(s)", s.languages[1][0])
    _pair(p, "Computer skills and competences", ", ".join(s.skills))
    return p.finish(footer="Page {page}/{pages} - Curriculum vitae of " + s.person.name)


@template("europass-2013-de", "de")
def middle(s: Seen) -> bytes:
    p = Paper("sans", 9.5)
    p.beside("ANGABEN ZUR PERSON", _LABELS, lambda: p.text(s.name, 14), align="right")
    p.beside("", _LABELS, lambda: p.icons([(PIN, s.place)]))
    p.beside("", _LABELS, lambda: p.icons([(PHONE, s.phone), (MAIL, s.email)]))
    p.gap(10)
    p.beside("BERUFSERFAHRUNG", _LABELS, p.rule, align="right")
    for job in s.jobs("mm/y"):

        def entry(job: Job = job) -> None:
            p.text(job.title, 11)
            p.text(f"{job.employer}, {job.city}")
            p.bullets(job.duties, "▪")

        p.beside(period(job, "mm/y", "Heute"), _LABELS, entry, align="right")
        p.gap(4)
    p.gap(6)
    p.beside("SCHUL- UND BERUFSBILDUNG", _LABELS, p.rule, align="right")
    for study in s.studies("mm/y"):

        def course(study: Study = study) -> None:
            p.text(f"{study.degree} {study.field}", 11)
            p.text(f"{study.school}, {study.city}")

        p.beside(period(study, "mm/y", ""), _LABELS, course, align="right")
    p.gap(6)
    p.beside("PERSÖNLICHE FÄHIGKEITEN", _LABELS, p.rule, align="right")
    _pair(p, "Muttersprache(n)", s.languages[0][0])
    _pair(p, "Weitere Sprache(n)", s.languages[1][0])
    _pair(p, "Digitale Kompetenz", ", ".join(s.skills))
    return p.finish(header="Lebenslauf", footer="© Europäische Union   Seite {page} / {pages}")


def _new(p: Paper, text: str) -> None:
    p.gap(10)
    p.text(text.upper(), 12, bold=True, colour="#4a2b87")
    p.rule()


@template("europass-2020", "eu")
def new(s: Seen) -> bytes:
    p = Paper("sans", 9.5)
    p.text(s.name, 22)
    p.text(
        f"Date of birth: {s.person.birth[2]:02}/{s.person.birth[1]:02}/{s.person.birth[0]}    Nationality: Portuguese"
    )
    p.text(f"Phone number: ({s.phone[:3]}) {s.phone[4:]} (Mobile)")
    p.text(f"Email address: {s.email}")
    p.text(f"Address: {s.place} (Home)")
    _new(p, "Work experience")
    for job in s.jobs("mm/y"):
        p.text(f"{job.employer.upper()} – {job.city.upper()}", 9)
        p.text(f"{job.title.upper()} – {period(job, 'mm/y', 'CURRENT')}", 9.5, bold=True)
        p.bullets(job.duties, "◦")
        p.gap(4)
    _new(p, "Education and training")
    for study in s.studies("mm/y"):
        p.text(f"{period(study, 'mm/y', '')}    {study.city}", 9)
        p.text(f"{study.degree.upper()}   {study.school}", 9.5, bold=True)
        p.text(f"Field of study   {study.field}")
    _new(p, "Language skills")
    p.text(f"MOTHER TONGUE(S): {s.languages[0][0]}")
    p.text(f"Other language(s): {s.languages[1][0]}")
    _new(p, "Digital skills")
    p.text("  |  ".join(s.skills))
    return p.finish(footer="{page} / {pages}")


@template("europass-2020-brackets", "eu")
def brackets(s: Seen) -> bytes:
    p = Paper("sans", 9.5)
    p.text(s.name, 22, bold=True)
    p.icons([(MAIL, s.email), (PHONE, s.phone), (PIN, s.place)])
    _new(p, "Work experience")
    for job in s.jobs("mm/y"):
        p.text(f"[ {period(job, 'mm/y', 'Current')} ]", 9)
        p.text(job.title, 11, bold=True)
        p.text(job.employer)
        p.text(f"City: {job.city} | Main activities and responsibilities:")
        p.bullets(job.duties)
        p.gap(4)
    _new(p, "Education and training")
    for study in s.studies("mm/y"):
        p.text(f"[ {period(study, 'mm/y', '')} ]", 9)
        p.text(f"{study.degree} in {study.field}", 11, bold=True)
        p.text(study.school)
    _new(p, "Digital skills")
    p.text("  |  ".join(s.skills))
    return p.finish()


@template("zety", "us")
def zety(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text(s.name, 24, bold=True)
    p.text(s.person.headline, 12)
    p.text(f"Phone: {s.phone}     E-mail: {s.email}", 9)
    p.text(f"Address: {s.place}", 9)
    _rule(p, "Work History")
    for job in s.jobs("y-mm"):

        def entry(job: Job = job) -> None:
            p.text(job.title, 11, bold=True)
            p.text(f"{job.employer}, {job.city}", 9.5)
            p.bullets(job.duties)

        p.beside(period(job, "y-mm", "\nCurrent", " - "), 70, entry)
        p.gap(3)
    _rule(p, "Education")
    for study in s.studies("y-mm"):

        def course(study: Study = study) -> None:
            p.text(f"{study.degree}: {study.field}", 11, bold=True)
            p.text(f"{study.school} - {study.city}")

        p.beside(period(study, "y-mm", "", " - \n"), 70, course)
    _rule(p, "Skills")
    for skill in s.skills:
        p.beside("", 70, partial(p.row, skill, "Very Good"))
    _rule(p, "Certifications")
    for certificate in s.certificates:
        p.beside("2019-04", 70, certificate)
    return p.finish()


def _rule(p: Paper, text: str) -> None:
    p.gap(8)
    p.text(text, 14, bold=True, colour="#224488")
    p.rule()


@template("novoresume", "eu")
def novo(s: Seen) -> bytes:
    p = Paper("sans", 9.5)
    p.fill(0, 0, WIDTH, 80, "#2a3b4c")
    p.text(s.name, 22, colour="#ffffff")
    p.text(s.person.headline, 12, colour="#ffffff")
    p.column(p.margin, WIDTH - 2 * p.margin, 90)
    p.icons([(MAIL, s.email), (PHONE, s.phone), (PIN, s.place)])
    top, wide = p.y + 8, WIDTH - 2 * p.margin
    p.column(p.margin, wide * 0.6, top)
    p.text("WORK EXPERIENCE", 12, bold=True)
    for job in s.jobs("mm/y"):
        p.text(job.title, 11, bold=True)
        p.text(job.employer, 10.5)
        p.row(period(job, "mm/y", "Present"), job.city, 8)
        p.text("Achievements/Tasks", 8)
        p.bullets(job.duties)
        p.gap(4)
    p.text("EDUCATION", 12, bold=True)
    for study in s.studies("mm/y"):
        p.text(f"{study.degree} in {study.field}", 11, bold=True)
        p.text(study.school, 10.5)
        p.row(period(study, "mm/y", ""), study.city, 8)
    p.column(p.margin + wide * 0.66, wide * 0.34, top)
    p.text("SKILLS", 12, bold=True)
    p.text("          ".join(s.skills[:2]))
    p.text("          ".join(s.skills[2:4]))
    p.text("          ".join(s.skills[4:]))
    p.text("CERTIFICATES", 12, bold=True)
    for certificate in s.certificates:
        p.text(f"{certificate} (05/2018)")
    p.text("LANGUAGES", 12, bold=True)
    for name, grade in s.languages:
        p.text(name)
        p.text(
            level(
                grade,
                (
                    "Native or Bilingual Proficiency",
                    "Full Professional Proficiency",
                    "Professional Working Proficiency",
                    "Elementary Proficiency",
                ),
            ),
            8,
        )
    return p.finish()


@template("canva", "au")
def canva(s: Seen) -> bytes:
    p = Paper("sans", 10, margin=36)
    first, _, last = s.name.rpartition(" ")
    p.column(240, 320, 50)
    p.text(first.upper(), 26, spacing=3)
    p.text(last.upper(), 26, spacing=3)
    p.text(s.person.headline.upper(), 10, spacing=2)
    p.column(36, 170, 180)
    for heading, lines in (
        ("CONTACT", [s.phone, s.email, s.place]),
        ("EXPERTISE", s.skills),
        ("LANGUAGES", [n for n, _ in s.languages]),
    ):
        p.text(heading, 12, spacing=2)
        for line in lines:
            p.text(line, 9)
        p.gap(12)
    p.column(240, 320, 180)
    p.text("WORK EXPERIENCE", 12, spacing=2)
    for job in s.jobs("y"):
        p.row(job.title, period(job, "y", "Present", " - "), bold=True)
        p.text(job.employer, 9.5)
        p.bullets(job.duties)
        p.gap(6)
    p.text("EDUCATION", 12, spacing=2)
    for study in s.studies("y"):
        p.row(f"{study.degree} in {study.field}", period(study, "y", "", " - "), bold=True)
        p.text(study.school, 9.5)
    return p.finish()


@template("timeline", "gb")
def timeline(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.row(s.name, s.phone, 18)
    p.row(s.person.headline, s.email, 10)
    p.gap(6)
    p.text("C A R E E R", 12)
    for job in s.jobs("Mmm 'yy"):

        def entry(job: Job = job) -> None:
            p.text(f"{job.title} at {job.employer}", bold=True)
            p.bullets(job.duties, "›")

        p.beside(period(job, "Mmm 'yy", "now"), 108, entry)
        p.gap(3)
    p.text("E D U C A T I O N", 12)
    for study in s.studies("y"):
        p.beside(period(study, "y", ""), 108, f"{study.degree} {study.field} at {study.school}")
    p.text("S K I L L S", 12)
    p.text(" / ".join(s.skills))
    p.text("I N T E R E S T S", 12)
    p.text(s.person.hobbies)
    return p.finish()


@template("enhancv-fr", "fr")
def enhancv(s: Seen) -> bytes:
    p = Paper("sans", 9.5)
    p.text(s.name.upper(), 20, bold=True)
    p.text(s.person.headline, 12)
    p.icons([(PHONE, s.phone), (MAIL, s.email), (PIN, s.place)])
    top, wide = p.y + 10, WIDTH - 2 * p.margin
    p.column(p.margin, wide * 0.62, top)
    _new(p, "Expérience")
    for job in s.jobs("mm/y"):
        p.row(job.title, job.city, 11)
        p.row(job.employer, "", 10, bold=True)
        p.icons([(CALENDAR, period(job, "mm/y", "Présent", " - "))])
        p.bullets(job.duties)
        p.gap(4)
    _new(p, "Formation")
    for study in s.studies("mm/y"):
        p.text(f"{study.degree} {study.field}", 11)
        p.text(study.school, 10, bold=True)
        p.icons([(CALENDAR, period(study, "mm/y", "", " - "))])
    p.column(p.margin + wide * 0.67, wide * 0.33, top)
    _new(p, "Points forts")
    p.text("Rigueur", 10, bold=True)
    p.text("Je relis toujours une dernière fois.", 8.5)
    _new(p, "Compétences")
    p.text(" · ".join(s.skills))
    _new(p, "Langues")
    for name, grade in s.languages:
        p.row(name, level(grade, ("Natif", "Courant", "Avancé", "Débutant")))
    return p.finish()


@template("de-tabular-pdf", "de", scanned=True)
def tabular(s: Seen) -> bytes:
    p = Paper("serif", 11)
    p.text("Lebenslauf", 18, bold=True)
    p.gap(6)
    p.text("Persönliche Daten", 12, bold=True)
    day, mon, year = s.person.birth[2], s.person.birth[1], s.person.birth[0]
    for label, value in (
        ("Name", s.name),
        ("Geburtsdatum", f"{day:02}.{mon:02}.{year}"),
        ("Wohnort", s.place),
        ("Telefon", s.phone),
        ("E-Mail", s.email),
        ("Familienstand", "ledig"),
    ):
        p.beside(label + ":", 110, value)
    p.gap(8)
    p.text("Berufliche Tätigkeit", 12, bold=True)
    for n, job in enumerate(s.jobs("mm/y")):
        when = f"seit {month(job.start, 'mm/y')}" if job.end is None and n == 0 else period(job, "mm/y", "heute")

        def entry(job: Job = job) -> None:
            p.text(f"{job.title} bei {job.employer}, {job.city}")
            p.bullets(job.duties, "-")

        p.beside(when, 110, entry)
    p.gap(8)
    p.text("Studium und Schulbildung", 12, bold=True)
    for study in s.studies("mm/y"):
        p.beside(period(study, "mm/y", ""), 110, f"{study.school}, {study.field}, Abschluss: {study.degree}")
    p.gap(8)
    p.text("Kenntnisse", 12, bold=True)
    p.beside("EDV", 110, lambda: p.text(", ".join(s.skills)))
    p.beside(
        "Sprachen",
        110,
        lambda: p.text(", ".join(f"{n} ({g if g != 'native' else 'Muttersprache'})" for n, g in s.languages)),
    )
    p.gap(14)
    p.text(f"{s.person.city}, 04.10.2026")
    return p.finish()
