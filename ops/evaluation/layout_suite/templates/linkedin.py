"""LinkedIn's exports: the one of today with its side column, in several languages, and the older plain one."""

from typing import NamedTuple

from ops.evaluation.layout_suite.paper import WIDTH, Paper
from ops.evaluation.layout_suite.seen import Seen, duration, period
from ops.evaluation.layout_suite.templates.registry import template
from ops.evaluation.layout_suite.writing import month


class _Words(NamedTuple):
    contact: str
    skills: str
    languages: str
    certificates: str
    summary: str
    work: str
    school: str
    page: str
    levels: tuple[str, str]


_EN = _Words("Contact", "Top Skills", "Languages", "Certifications", "Summary", "Experience", "Education", "Page {page} of {pages}", ("Native or Bilingual", "Limited Working"))  # fmt: skip
_ZH = _Words("联系方式", "热门技能", "Languages", "Certifications", "个人简介", "工作经历", "教育经历", "Page {page} of {pages}", ("Native or Bilingual", "Limited Working"))  # fmt: skip
_DE = _Words("Kontakt", "Top-Kenntnisse", "Languages", "Certifications", "Zusammenfassung", "Berufserfahrung", "Ausbildung", "Page {page} of {pages}", ("Native or Bilingual", "Limited Working"))  # fmt: skip
_FR = _Words("Coordonnées", "Principales compétences", "Languages", "Certifications", "Résumé", "Expérience", "Formation", "Page {page} of {pages}", ("Native or Bilingual", "Limited Working"))  # fmt: skip


def _export(s: Seen, words: _Words, style: str, now: str, unit: str, about: str, *, grouped: bool = False) -> bytes:
    p = Paper("sans", 10.5, margin=40)
    handle = s.person.handle.replace("_", "-").replace(".", "-")
    p.fill(0, 0, 200, 842, "#293e49")
    p.column(24, 160, 50)
    p.text(words.contact, 13, colour="#ffffff")
    for line in (s.phone + " (Mobile)", s.email, s.link(f"www.linkedin.com/in/{handle}") + " (LinkedIn)"):
        p.text(line, 9, colour="#e1e8ed")
    p.gap(14)
    p.text(words.skills, 13, colour="#ffffff")
    for skill in s.skills[:3]:
        p.text(skill, 9.5, colour="#e1e8ed")
    s.truth.skills = s.person.skills[:3]
    p.gap(14)
    p.text(words.languages, 13, colour="#ffffff")
    for name, grade in s.languages:
        p.text(f"{name} ({words.levels[grade != 'native']})", 9.5, colour="#e1e8ed")
    p.gap(14)
    p.text(words.certificates, 13, colour="#ffffff")
    for certificate in s.certificates:
        p.text(certificate, 9.5, colour="#e1e8ed")
    p.column(222, WIDTH - 262, 40)
    p.text(s.name, 26)
    p.text(f"{s.person.headline} | {s.person.studies[0].field}", 12)
    p.text(s.place, 11)
    p.gap(10)
    p.text(words.summary, 16)
    p.text(about, 11)
    p.gap(10)
    p.text(words.work, 16)
    jobs = s.jobs(style)
    if grouped:
        jobs[1].employer = jobs[0].employer
        s.truth.work[1]["employer"] = jobs[0].employer
    for n, job in enumerate(jobs):
        if not (grouped and n == 1):
            p.gap(6)
            p.text(job.employer, 12)
        if grouped and n == 0:
            total = jobs[0]
            p.text(duration(type(total)(total.employer, "", "", jobs[1].start, total.end, []), unit), 10.5)
        p.text(job.title, 11.5, bold=True)
        p.text(f"{period(job, style, now, ' - ')} ({duration(job, unit)})", 10.5)
        p.text(job.city, 10.5, colour="#666666")
        p.text(". ".join(job.duties) + ".", 10.5)
        p.gap(6)
    p.text(words.school, 16)
    for study in s.studies("y"):
        p.text(study.school, 12)
        p.text(f"{study.degree}, {study.field} · ({study.start[0]} - {study.end[0]})", 10.5)
        p.gap(4)
    return p.finish(footer=words.page)


@template("linkedin", "us")
def linkedin(s: Seen) -> bytes:
    return _export(s, _EN, "Month y", "Present", "en", "I repair what others have given up on, and write down how.")


@template("linkedin-grouped", "gb")
def linkedin_grouped(s: Seen) -> bytes:
    return _export(
        s,
        _EN,
        "Month y",
        "Present",
        "en",
        "Fifteen years with people and machines. Always happy to talk about both.",
        grouped=True,
    )


@template("linkedin-zh", "cn")
def linkedin_zh(s: Seen) -> bytes:
    return _export(s, _ZH, "y年m月", "Present", "zh", "喜欢把复杂的事情讲清楚，也喜欢把它做完。")


@template("linkedin-de", "de")
def linkedin_de(s: Seen) -> bytes:
    return _export(s, _DE, "Monat y", "Present", "de", "Ich bringe Dinge zu Ende und erkläre gern, wie.")


@template("linkedin-fr", "fr")
def linkedin_fr(s: Seen) -> bytes:
    return _export(s, _FR, "mois y", "Present", "fr", "J’aime les projets que l’on peut montrer une fois terminés.")


@template("linkedin-old", "au")
def old(s: Seen) -> bytes:
    p = Paper("serif", 10.5)
    p.text(s.name, 20, bold=True)
    p.text(f"{s.person.headline} at {s.person.jobs[0].employer}", 11)
    p.text(s.email)
    p.gap(8)
    p.text("Summary", 14)
    p.text("Practical, curious, seldom late.")
    p.gap(8)
    p.text("Experience", 14)
    for job in s.jobs("Month y"):
        p.text(f"{job.title} at {job.employer}", 11.5, bold=True)
        p.text(f"{period(job, 'Month y', 'Present', ' - ')} ({duration(job, 'en')})", 9.5)
        p.text(". ".join(job.duties) + ".")
        p.gap(5)
    p.text("Education", 14)
    for study in s.studies("y"):
        p.text(study.school, 11.5, bold=True)
        p.text(f"{study.degree}, {study.field}, {study.start[0]} - {study.end[0]}")
    p.text("Skills & Expertise", 14)
    for skill in s.skills:
        p.text(skill)
    p.gap(12)
    p.text(s.person.name, 13, bold=True)
    p.text(f"{s.person.headline} at {s.person.jobs[0].employer}")
    p.text(f"Contact {s.person.given} on LinkedIn")
    return p.finish(footer="Page{page}")


@template("linkedin-old-zh", "cn")
def old_zh(s: Seen) -> bytes:
    p = Paper("sans", 10.5)
    p.text(s.name, 20, bold=True)
    p.text(f"{s.person.jobs[0].employer} - {s.person.headline}", 11)
    p.text(s.email)
    p.gap(8)
    p.text("工作经历", 14)
    for job in s.jobs("y年m月"):
        p.text(f"{job.title}，{job.employer}", 11.5, bold=True)
        p.text(f"{period(job, 'y年m月', '至今', ' - ')} ({duration(job, 'cn')})", 9.5)
        p.text("；".join(job.duties) + "。")
        p.gap(5)
    p.text("教育经历", 14)
    for study in s.studies("y"):
        p.text(study.school, 11.5, bold=True)
        p.text(f"{study.degree}，{study.field}，{study.start[0]} - {study.end[0]}")
    p.text("技能专长", 14)
    for skill in s.skills:
        p.text(skill)
    return p.finish(footer="第{page}页")


@template("indeed", "us", professions=("nurse", "driver", "logistics", "hr"))
def indeed(s: Seen) -> bytes:
    p = Paper("sans", 10.5)
    p.text(s.name, 18, bold=True)
    p.text(s.person.headline, 11)
    p.text(s.place)
    p.text(s.email)
    p.text(s.phone)
    p.text("Authorized to work in the US for any employer")
    p.gap(6)
    p.text("Work Experience", 14, bold=True)
    for job in s.jobs("Month y"):
        p.gap(5)
        p.text(job.title, 11, bold=True)
        p.text(f"{job.employer} - {job.city}")
        p.text(period(job, "Month y", "Present", " to "))
        p.bullets(job.duties)
    p.text("Education", 14, bold=True)
    for study in s.studies("Month y"):
        p.text(f"{study.degree} in {study.field}", 11, bold=True)
        p.text(f"{study.school} - {study.city}")
        p.text(f"{month(study.start, 'Month y')} to {month(study.end, 'Month y')}")
    p.text("Skills", 14, bold=True)
    p.bullets([f"{skill} ({n + 2} years)" for n, skill in enumerate(s.skills)])
    p.text("Certifications and Licenses", 14, bold=True)
    for certificate in s.certificates:
        p.text(certificate, bold=True)
    return p.finish()


@template("federal", "us", professions=("logistics", "hr", "finance"))
def federal(s: Seen) -> bytes:
    p = Paper("serif", 11)
    p.text(s.name, 14, bold=True, align="centre")
    p.text(f"{s.place} | {s.phone} | {s.email}", align="centre")
    p.text("Country of citizenship: United States    Veterans' preference: No")
    p.gap(6)
    p.text("WORK EXPERIENCE", 12, bold=True)
    for job in s.jobs("mm/y"):
        p.gap(6)
        p.text(job.title, bold=True)
        p.text(job.employer)
        p.text(job.city)
        p.text(f"Dates Employed: {period(job, 'mm/y', 'Present', ' - ')}")
        p.text("Hours per week: 40      Supervisor: R. Banning (may contact)")
        p.text("Duties, Accomplishments and Related Skills:")
        p.bullets(job.duties)
    p.gap(6)
    p.text("EDUCATION", 12, bold=True)
    for study in s.studies("y", starts=False):
        p.text(f"{study.school}, {study.city}")
        p.text(f"{study.degree} in {study.field}, {study.end[0]}")
    p.text("JOB-RELATED SKILLS", 12, bold=True)
    p.text("; ".join(s.skills))
    return p.finish(footer="Page {page} of {pages}")
