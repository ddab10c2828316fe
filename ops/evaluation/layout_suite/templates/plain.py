"""Plain text, letters that tell a career in sentences, and the short sheets of trades."""

from ops.evaluation.layout_suite.paper import Paper
from ops.evaluation.layout_suite.seen import Seen, period
from ops.evaluation.layout_suite.templates.registry import template
from ops.evaluation.layout_suite.writing import month


@template("text-capitals", "us", "txt")
def capitals(s: Seen) -> bytes:
    lines = [s.name.upper(), s.place, f"Phone: {s.phone}", f"Email: {s.email}", "", "PROFESSIONAL EXPERIENCE", "=" * 23]
    for job in s.jobs("Mmm y"):
        lines += [
            "",
            f"{job.title}, {job.employer} ({period(job, 'Mmm y', 'Present', ' - ')})",
            *(f"* {d}" for d in job.duties),
        ]
    lines += ["", "EDUCATION", "=" * 9]
    lines += [f"{t.degree} in {t.field}, {t.school}, {t.end[0]}" for t in s.studies("y", starts=False)]
    lines += ["", "TECHNICAL SKILLS", "=" * 16, ", ".join(s.skills)]
    return "\n".join(lines).encode()


@template("text-pipes", "gb", "txt")
def pipes(s: Seen) -> bytes:
    lines = [s.name, f"{s.email} | {s.phone} | {s.place}", "", "Experience", "-" * 40]
    for job in s.jobs("mm/y"):
        lines += [
            f"{job.employer} | {job.title} | {period(job, 'mm/y', 'present', ' - ')}",
            *(f"- {d}" for d in job.duties),
            "",
        ]
    lines += ["Education", "-" * 40]
    lines += [f"{t.school} | {t.degree} {t.field} | {period(t, 'mm/y', '', ' - ')}" for t in s.studies("mm/y")]
    lines += ["", "Skills", "-" * 40, *(f"- {x}" for x in s.skills)]
    return "\n".join(lines).encode()


@template("text-zh", "cn", "txt")
def text_zh(s: Seen) -> bytes:
    lines = [f"姓名：{s.name}", f"手机：{s.phone}", f"邮箱：{s.email}", "", "【工作经历】"]
    for job in s.jobs("y年m月"):
        lines += [
            f"{period(job, 'y年m月', '至今', '-')} {job.employer} {job.title}",
            *(f"{n}、{d}" for n, d in enumerate(job.duties, 1)),
            "",
        ]
    lines += ["【教育经历】"]
    lines += [f"{period(t, 'y年m月', '', '-')} {t.school} {t.field} {t.degree}" for t in s.studies("y年m月")]
    lines += ["", "【专业技能】", "、".join(s.skills)]
    return "\n".join(lines).encode()


@template("text-zh-han", "cn", "txt")
def text_han(s: Seen) -> bytes:
    lines = [f"{s.name} 个人简历", f"联系方式：{s.phone}  {s.email}", "", "一、工作履历"]
    for n, job in enumerate(s.jobs("han"), 1):
        lines += [
            f"（{n}）{period(job, 'han', '至今', '至')}，{job.employer}，{job.title}",
            *(f"    {d}" for d in job.duties),
        ]
    lines += ["二、教育情况"]
    lines += [f"{period(t, 'han', '', '至')}，{t.school}，{t.field}，{t.degree}" for t in s.studies("han")]
    lines += ["三、技能", "，".join(s.skills)]
    return "\n".join(lines).encode()


@template("letter-en", "gb", "txt", jobs=3)
def letter(s: Seen) -> bytes:
    first, second, third = s.jobs("Month y")
    now = (
        f"Since {month(first.start, 'Month y')} I have worked as {_a(first.title)} at {first.employer}"
        if first.end is None
        else f"From {month(first.start, 'Month y')} to {month(first.end, 'Month y')} I worked as {_a(first.title)} at {first.employer}"
    )
    study = s.studies("y", starts=False)[0]
    s.truth.education = s.truth.education[:1]
    text = f"""{s.name}
{s.place}
{s.phone}
{s.email}

Dear Sir or Madam,

I should like to apply for the post that you advertised.

{now}, where I {first.duties[0][0].lower()}{first.duties[0][1:]}.

From {month(second.start, "Month y")} to {month(second.end or (2026, 10), "Month y")} I was {_a(second.title)} at {second.employer}. Before that, from {month(third.start, "Month y")} to {month(third.end or (2026, 10), "Month y")}, I was {_a(third.title)} with {third.employer}.

I hold a {study.degree} in {study.field} from {study.school} ({study.end[0]}).

Yours faithfully,
{s.person.name}
"""
    return text.encode()


def _a(title: str) -> str:
    return ("an " if title[0] in "AEIOU" or title.startswith("HR") else "a ") + title


@template("letter-zh", "cn", "txt", jobs=3)
def letter_zh(s: Seen) -> bytes:
    lines = [
        s.name,
        f"{s.phone}　{s.email}",
        "",
        "尊敬的负责人：",
        "您好！看到贵单位的招聘启事，特来应聘。现将本人经历介绍如下：",
    ]
    for job in s.jobs("y年m月"):
        lines.append(f"{period(job, 'y年m月', '今', '至')}，在{job.employer}任{job.title}，{job.duties[0]}。")
    study = s.studies("y年m月", starts=True)[0]
    s.truth.education = s.truth.education[:1]
    lines += [
        f"{period(study, 'y年m月', '', '至')}，就读于{study.school}{study.field}专业，获{study.degree}学历。",
        "此致",
        "敬礼",
        f"　　　　{s.person.name}",
    ]
    return "\n".join(lines).encode()


def _head(p: Paper, text: str) -> None:
    p.gap(8)
    p.text(text, 13, bold=True)


@template("electrician-uk", "gb", professions=("electrician",), scanned=True)
def electrician(s: Seen) -> bytes:
    p = Paper("sans", 11)
    p.text(s.name, 16, bold=True)
    p.text(s.place)
    p.text(f"Mob: {s.phone}")
    p.text(f"Email: {s.email}")
    _head(p, "Tickets & Cards")
    p.bullets(s.certificates)
    _head(p, "Work History")
    for job in s.jobs("mm/y"):
        p.text(f"{period(job, 'mm/y', 'Present', ' - ')}  {job.employer}", bold=True)
        p.text(f"Position: {job.title}")
        p.bullets(job.duties, "-")
        p.gap(3)
    _head(p, "Training")
    for study in s.studies("y"):
        p.text(f"{period(study, 'y', '', ' - ')}  {study.school} - {study.degree} {study.field}")
    _head(p, "Skills")
    p.text(", ".join(s.skills))
    return p.finish()


@template("driver-uk", "gb", professions=("driver",), scanned=True)
def driver(s: Seen) -> bytes:
    p = Paper("sans", 11)
    p.text("CURRICULUM VITAE", 14, bold=True, align="centre")
    p.text(f"Name: {s.name}")
    p.text(f"Address: {s.place}")
    p.text(f"Tel: {s.phone}")
    p.text(f"Email: {s.email}")
    p.text("Driving licence: full, clean, categories B, C1, C, C+E")
    _head(p, "Employment")
    for job in s.jobs("Month y"):
        p.text(job.employer, bold=True)
        p.text(f"{job.title}, {month(job.start, 'Month y')} to {month(job.end, 'Month y') if job.end else 'present'}")
        p.text(". ".join(job.duties) + ".")
        p.gap(4)
    _head(p, "Education")
    for study in s.studies("y"):
        p.text(f"{study.school}, {period(study, 'y', '', ' to ')}, {study.degree} {study.field}")
    _head(p, "Licences and certificates")
    p.bullets(s.certificates)
    return p.finish()


@template("nurse-us", "us", professions=("nurse",))
def nurse(s: Seen) -> bytes:
    p = Paper("serif", 11)
    p.text(f"{s.name}, RN, BSN", 18, align="centre")
    p.text(f"{s.place} | {s.phone} | {s.email}", align="centre")
    _head(p, "LICENSES & CERTIFICATIONS")
    p.bullets([f"{c} – exp. 06/2027" for c in s.certificates])
    _head(p, "NURSING EXPERIENCE")
    for job in s.jobs("mm/y"):
        p.row(f"{job.employer}, {job.city}", period(job, "mm/y", "Present"), bold=True)
        p.text(f"{job.title}, Medical-Surgical Unit (30 beds)")
        p.bullets(job.duties)
        p.gap(3)
    _head(p, "EDUCATION")
    for study in s.studies("y", starts=False):
        p.row(f"{study.degree} in {study.field}, {study.school}", str(study.end[0]))
    _head(p, "CLINICAL SKILLS")
    p.text(" • ".join(s.skills))
    return p.finish()


@template("biodata-india", "in", professions=("software", "finance", "mechanical"))
def biodata(s: Seen) -> bytes:
    p = Paper("serif", 11)
    p.text("RESUME", 14, bold=True, align="centre")
    p.row(s.name, "Contact: " + s.phone, bold=True)
    p.row(s.place, "E-mail: " + s.email)
    _head(p, "PROFESSIONAL EXPERIENCE:")
    for n, job in enumerate(s.jobs("Mmm y"), 1):
        p.text(f"{n}. Organization : {job.employer}")
        p.text(f"Designation : {job.title}")
        p.text(f"Duration : {period(job, 'Mmm y', 'Till Date', ' to ')}")
        p.text("Roles & Responsibilities:")
        p.bullets(job.duties, "▪")
        p.gap(4)
    _head(p, "EDUCATIONAL QUALIFICATION:")
    for study in s.studies("y", starts=False):
        p.bullets([f"{study.degree} in {study.field} from {study.school} in {study.end[0]}"])
    _head(p, "SKILL SET:")
    p.text(", ".join(s.skills))
    _head(p, "PERSONAL PROFILE:")
    p.text("Marital Status : Married")
    p.text("Languages Known : English, Hindi")
    return p.finish()


@template("promotions", "us", professions=("finance", "marketing", "logistics"), jobs=4)
def promotions(s: Seen) -> bytes:
    p = Paper("serif", 10.5)
    p.text(s.name, 18, bold=True)
    p.text(f"{s.place} • {s.phone} • {s.email}")
    _head(p, "PROFESSIONAL EXPERIENCE")
    jobs = s.jobs("Mmm y")
    jobs[1].employer = jobs[0].employer
    s.truth.work[1]["employer"] = jobs[0].employer
    p.row(jobs[0].employer, jobs[0].city, bold=True)
    for job in jobs[:2]:
        p.row(job.title, period(job, "Mmm y", "Present"))
        p.bullets(job.duties)
    for job in jobs[2:]:
        p.row(job.employer, job.city, bold=True)
        p.row(job.title, period(job, "Mmm y", "Present"))
        p.bullets(job.duties)
        p.text("Key Achievements:")
        p.bullets(["Saved a fifth of the yearly budget for temporary staff"])
    _head(p, "EDUCATION")
    for study in s.studies("y", starts=False):
        p.row(f"{study.school} – {study.degree}, {study.field}", str(study.end[0]))
    _head(p, "CORE SKILLS")
    p.text(" | ".join(s.skills))
    return p.finish()


@template("markdown", "eu", "txt", professions=("software", "academic"))
def markdown(s: Seen) -> bytes:
    lines = [f"# {s.name}", "", f"{s.person.headline} · {s.email} · {s.phone}", "", "## Experience", ""]
    for job in s.jobs("Mmm y"):
        lines += [
            f"### {job.title} — {job.employer}",
            f"*{period(job, 'Mmm y', 'today')}, {job.city}*",
            "",
            *(f"- {d}" for d in job.duties),
            "",
        ]
    lines += ["## Education", ""]
    for study in s.studies("y"):
        lines += [f"**{study.school}** — {study.degree} in {study.field}, {period(study, 'y', '')}", ""]
    lines += ["## Skills", "", ", ".join(s.skills)]
    return "\n".join(lines).encode()
