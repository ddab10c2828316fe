"""More layouts: other sheets of kinds that the modules beside this one have."""

from ops.evaluation.layout_suite.paper import HOME, LINK, MAIL, PHONE, WIDTH, Paper
from ops.evaluation.layout_suite.people import Job, Study
from ops.evaluation.layout_suite.seen import Seen, level, period
from ops.evaluation.layout_suite.templates.registry import template
from ops.evaluation.layout_suite.word import Word
from ops.evaluation.layout_suite.writing import month


@template("spaced-poster", "gb", professions=("marketing", "hr", "finance"))
def poster(s: Seen) -> bytes:
    p = Paper("serif", 10, margin=40)
    first, _, last = s.name.rpartition(" ")
    p.text(first.upper(), 24, spacing=5, align="centre")
    p.text(last.upper(), 24, spacing=5, align="centre")
    p.text(s.person.headline.upper(), 9, spacing=2.5, align="centre")
    top, wide = p.y + 16, WIDTH - 80
    p.column(40, wide * 0.3, top)
    for heading, lines in (
        ("DETAILS", [s.place, s.phone, s.email]),
        ("SKILLS", s.skills),
        ("REFERENCES", ["On request"]),
    ):
        p.text(heading, 10, spacing=3)
        for line in lines:
            p.text(line, 8.5)
        p.gap(10)
    p.column(40 + wide * 0.36, wide * 0.64, top)
    p.text("EMPLOYMENT", 10, spacing=3)
    for job in s.jobs("MMM y"):
        p.text(f"{job.title.upper()}", 9, spacing=1, bold=True)
        p.text(f"{job.employer}, {job.city}  |  {period(job, 'MMM y', 'PRESENT')}", 9)
        p.bullets(job.duties, "–")
        p.gap(5)
    p.text("QUALIFICATIONS", 10, spacing=3)
    for study in s.studies("y"):
        p.text(f"{study.degree} {study.field}", 9.5, bold=True)
        p.text(f"{study.school}  |  {period(study, 'y', '')}", 9)
    return p.finish()


@template("dark-aside", "us", professions=("software", "marketing", "mechanical"))
def dark(s: Seen) -> bytes:
    p = Paper("sans", 9.5, tex=True)
    p.fill(0, 0, WIDTH, 80, "#223344")
    p.text(s.name, 26, colour="#ffffff")
    p.text(s.person.headline, 11, colour="#ffffff")
    p.column(WIDTH - 48 - 150, 150, 100)
    for heading, lines in (
        ("contact", [s.phone, s.email, s.link(f"github.com/{s.person.handle}")]),
        ("tools", s.skills),
        ("languages", [n for n, _ in s.languages]),
    ):
        p.text(heading, 12)
        for line in lines:
            p.text(line, 8.5)
        p.gap(8)
    p.column(48, WIDTH - 96 - 170, 100)
    p.text("work", 14)
    for job in s.jobs("mm/y"):
        p.text(job.employer, 11, bold=True)
        p.row(job.title, period(job, "mm/y", "now", "–"), 9)
        p.text(". ".join(job.duties) + ".", 9)
        p.gap(4)
    p.text("education", 14)
    for study in s.studies("y", starts=False):
        p.row(f"{study.school}, {study.degree} {study.field}", str(study.end[0]))
    return p.finish()


@template("short-column-left", "in", professions=("software", "mechanical"))
def short_left(s: Seen) -> bytes:
    p = Paper("sans", 9.5, tex=True)
    p.text(s.name, 26, align="centre")
    p.icons([(MAIL, s.email), (PHONE, s.phone), (LINK, s.link(f"github.com/{s.person.handle}"))], align="centre")
    top, wide = p.y + 10, WIDTH - 96
    p.column(48, wide * 0.3, top)
    p.text("EDUCATION", 13)
    for study in s.studies("mm/y", starts=False):
        p.text(study.school, 10, bold=True)
        p.text(f"{study.degree}, {study.field}", 8.5)
        p.text(f"{month(study.end, 'mm/y')}", 8)
        p.gap(5)
    p.text("SKILLS", 13)
    p.text("Working with:", 8)
    p.text(" • ".join(s.skills))
    p.text("LINKS", 13)
    p.text("Blog on request", 8)
    p.column(48 + wide * 0.34, wide * 0.66, top)
    p.text("EXPERIENCE", 13)
    for job in s.jobs("Month y"):
        p.text(f"{job.title.upper()} | {job.employer}", 10, bold=True)
        p.text(f"{job.city} | {period(job, 'Month y', 'Till date')}", 8)
        p.bullets(job.duties, "◦")
        p.gap(4)
    return p.finish()


@template("boxes-word", "gb", "docx")
def boxes(s: Seen) -> bytes:
    w = Word()
    w.box([s.phone, s.email, s.place])
    w.text(s.name, bold=True, size=22)
    w.text(s.person.headline)
    w.box(["Key skills", *s.skills])
    w.text("Employment", bold=True, size=14)
    for job in s.jobs("mm/y"):
        w.text(f"{period(job, 'mm/y', 'present')}: {job.title}", bold=True)
        w.text(f"{job.employer}, {job.city}")
        w.bullets(job.duties)
    w.text("Education", bold=True, size=14)
    for study in s.studies("y"):
        w.text(f"{study.degree} {study.field}, {study.school}, {period(study, 'y', '')}")
    w.box(["Certificates", *s.certificates])
    return w.finish()


@template("name-in-header", "us", "docx", professions=("nurse", "logistics"))
def in_header(s: Seen) -> bytes:
    w = Word()
    w.header(f"{s.name}    {s.phone}    {s.email}")
    w.text("Employment", bold=True, size=13)
    for job in s.jobs("Mmm. y"):
        w.text(f"{job.title}\t{period(job, 'Mmm. y', 'Present')}", bold=True, stops=(16,))
        w.text(f"{job.employer}, {job.city}")
        w.bullets(job.duties)
    w.text("Education and Credentials", bold=True, size=13)
    for study in s.studies("y", starts=False):
        w.text(f"{study.degree}, {study.field}\t{study.end[0]}", stops=(16,))
        w.text(study.school)
    w.text("Licences and Certifications", bold=True, size=13)
    w.bullets(s.certificates)
    w.text("Skills", bold=True, size=13)
    w.bullets(s.skills)
    w.footer("Confidential")
    return w.finish()


@template("memberships", "gb", professions=("finance", "hr", "mechanical"))
def memberships(s: Seen) -> bytes:
    p = Paper("serif", 10.5)
    p.text(s.name, 20, bold=True)
    p.text(f"{s.place}   {s.phone}   {s.email}", 9)
    for heading in ("Career", "Study", "Memberships and certificates", "Systems"):
        p.gap(8)
        p.text(heading, 13, bold=True)
        p.rule()
        if heading == "Career":
            for job in s.jobs("Month y"):
                p.row(f"{job.title}, {job.employer}", period(job, "Month y", "date", " to "))
                p.bullets(job.duties)
        elif heading == "Study":
            for study in s.studies("y"):
                p.row(f"{study.degree} {study.field}, {study.school}", period(study, "y", ""))
        elif heading == "Systems":
            p.text(", ".join(s.skills))
        else:
            p.bullets(s.certificates)
    return p.finish(header=f"{s.person.name} | CV", footer="{page} of {pages}")


@template("certificates-zh", "cn", professions=("accounting", "nursing", "electric", "hr"))
def certified(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text(f"{s.name}", 20)
    p.text(f"应聘职位：{s.person.headline}    电话：{s.phone}    邮箱：{s.email}")
    for heading in ("工作履历", "学习经历", "技能与证书"):
        p.gap(8)
        p.text(f"■ {heading}", 12, bold=True)
        if heading == "工作履历":
            for job in s.jobs("y/mm"):
                p.row(f"{job.employer}｜{job.title}", period(job, "y/mm", "至今", "-"), bold=True)
                p.text("主要职责：")
                p.bullets(job.duties, "▪")
        elif heading == "学习经历":
            for study in s.studies("y/mm"):
                p.row(f"{study.school}｜{study.field}｜{study.degree}", period(study, "y/mm", "", "-"))
        else:
            p.text("专业技能：" + "、".join(s.skills))
            p.text("持有证书：" + "、".join(s.certificates))
    return p.finish()


@template("rotas-uk", "gb", "docx", professions=("driver", "electrician"))
def rotas(s: Seen) -> bytes:
    w = Word()
    w.text("CV", bold=True, size=16)
    w.text(f"Full name: {s.name}")
    w.text(f"Mobile: {s.phone}")
    w.text(f"Email: {s.email}")
    w.text("Licences: C+E, clean, digital tacho card")
    w.text("Previous Employment", bold=True)
    for job in s.jobs("Mmm y"):
        w.text(f"{job.employer}, {job.city}", bold=True)
        w.text(f"{period(job, 'Mmm y', 'date', ' to ')} – {job.title}")
        w.text(". ".join(job.duties) + ".")
    w.text("School and College", bold=True)
    for study in s.studies("y"):
        w.text(f"{study.school} ({period(study, 'y', '', '-')}) {study.degree} {study.field}")
    w.text("Certificates and Training", bold=True)
    w.bullets(s.certificates)
    return w.finish()


@template("parcours-fr", "fr")
def parcours(s: Seen) -> bytes:
    p = Paper("serif", 10.5, tex=True)
    p.text(s.name.upper(), 16, bold=True)
    p.icons([(HOME, s.place), (PHONE, s.phone), (MAIL, s.email)])
    for heading in ("Parcours professionnel", "Diplômes", "Logiciels", "Langues"):
        p.gap(8)
        p.text(heading, 13, bold=True)
        p.rule()
        if heading.startswith("Parcours"):
            for job in s.jobs("moi y"):
                p.row(f"{job.employer}, {job.city}", period(job, "moi y", "ce jour", " à "), bold=True)
                p.text(job.title)
                p.bullets(job.duties, "–")
        elif heading == "Diplômes":
            for study in s.studies("y", starts=False):
                p.text(f"{study.end[0]} – {study.degree} {study.field} – {study.school}")
        elif heading == "Logiciels":
            p.text(", ".join(s.skills))
        else:
            for name, grade in s.languages:
                p.text(f"{name} : {level(grade, ('langue maternelle', 'courant', 'bon niveau', 'notions'))}")
    return p.finish()


@template("resume-hk-en", "hk", professions=("accounting", "sales"))
def hk(s: Seen) -> bytes:
    p = Paper("serif", 11)
    p.text(s.name, 16, bold=True)
    p.text(f"電話：{s.phone}　電郵：{s.email}")
    p.gap(6)
    p.text("工作經歷", 12, bold=True)
    for job in s.jobs("y/mm"):
        p.row(f"{job.title}　{job.employer}", period(job, "y/mm", "至今", " – "), bold=True)
        p.bullets(job.duties, "•")
    p.text("學歷", 12, bold=True)
    for study in s.studies("y"):
        p.row(f"{study.school}　{study.field}　{study.degree}", period(study, "y", ""))
    p.text("專業技能", 12, bold=True)
    p.text("、".join(s.skills))
    p.text("要求薪金", 12, bold=True)
    p.text(f"HK${s.person.pay},000 / 月")
    return p.finish()


@template("letter-zh-years", "cn", "txt", jobs=3, professions=("electric", "nursing", "sales"))
def letter(s: Seen) -> bytes:
    study = s.studies("y", starts=False)[0]
    s.truth.education = s.truth.education[:1]
    first, *others = s.jobs("y.m")
    lines = [
        f"我叫{s.name}，{study.end[0]}年毕业于{study.school}{study.field}专业，{study.degree}学历。电话{s.phone}，邮箱{s.email}。"
    ]
    lines.append(
        f"{period(first, 'y.m', '至今', '至' if first.end else '')}在{first.employer}担任{first.title}，{first.duties[0]}。"
    )
    lines += [f"{period(job, 'y.m', '', '至')}在{job.employer}担任{job.title}，{job.duties[0]}。" for job in others]
    return "\n".join(lines).encode()


@template("academic-hanging", "us", professions=("academic",))
def hanging(s: Seen) -> bytes:
    p = Paper("serif", 11, tex=True)
    p.text(s.name, 16)
    p.text(f"{s.person.studies[0].field} · {s.email} · {s.phone}")
    for heading in ("Employment", "Degrees", "Articles"):
        p.gap(8)
        p.text(heading.upper(), 11, spacing=1.5)
        if heading == "Employment":
            for job in s.jobs("y"):
                p.text(
                    f"{period(job, 'y', '', '–')}  {job.title}, {job.employer}, {job.city}"
                    if job.end
                    else f"{job.start[0]}–  {job.title}, {job.employer}, {job.city}"
                )
        elif heading == "Degrees":
            for study in s.studies("y", starts=False):
                p.text(f"{study.degree} in {study.field}, {study.school}, {study.end[0]}")
        else:
            p.text(f"{s.person.family} (2020). Small Tides. Quarterly of Basins 4, 1–9.")
    return p.finish(footer="{page}")


@template("aside-right-aligned", "eu", professions=("software", "finance", "marketing"))
def aside(s: Seen) -> bytes:
    p = Paper("sans", 9.5, tex=True)
    p.text(s.name, 26, align="right")
    p.text(s.person.headline, 11, align="right")
    top = p.y + 14
    p.column(48, 120, top)
    for heading, lines in (
        ("About", [s.place, s.phone, s.email]),
        ("Skills", s.skills),
        ("Languages", [f"{n}, {level(g, ('mother tongue', 'fluent', 'good', 'basic'))}" for n, g in s.languages]),
    ):
        p.text(heading, 12, align="right")
        for line in lines:
            p.text(line, 8, align="right")
        p.gap(8)
    p.column(190, WIDTH - 238, top)
    p.text("Experience", 14)
    for job in s.jobs("y"):

        def entry(job: Job = job) -> None:
            p.row(job.title, job.city, bold=True)
            p.text(job.employer, 9)
            p.text(". ".join(job.duties) + ".", 9)

        p.beside(period(job, "y", "now", "–"), 62, entry)
        p.gap(4)
    p.text("Education", 14)
    for study in s.studies("y"):

        def course(study: Study = study) -> None:
            p.row(f"{study.degree} in {study.field}", study.city, bold=True)
            p.text(study.school, 9)

        p.beside(period(study, "y", "", "–"), 62, course)
    return p.finish()


@template("online-profile-zh", "cn", "html", professions=("backend", "product", "hr"))
def online(s: Seen) -> bytes:
    jobs = "".join(
        f'<li><p><b>{job.employer}</b><i class="line"></i><span>{job.title}</span><i class="line"></i><span>{period(job, "y.mm", "至今", "-")}</span></p>'
        f"<ul>{''.join(f'<li>{d}</li>' for d in job.duties)}</ul></li>"
        for job in s.jobs("y.mm")
    )
    studies = "".join(
        f'<li><p><b>{t.school}</b><i class="line"></i><span>{t.field}</span><i class="line"></i><span>{t.degree}</span><i class="line"></i><span>{period(t, "y.mm", "", "-")}</span></p></li>'
        for t in s.studies("y.mm")
    )
    return f"""<!doctype html><html><head><meta charset="utf-8"><title>在线简历</title></head><body>
<header><h1>{s.name}</h1><p><span>{s.person.headline}</span><i class="line"></i><span>{s.place}</span></p><p>电话 {s.phone}</p><p>邮箱 {s.email}</p></header>
<section><h2>工作经历</h2><ul>{jobs}</ul></section><section><h2>教育经历</h2><ul>{studies}</ul></section>
<section><h2>掌握技能</h2><p>{"".join(f"<span class='tag'>{x}</span> " for x in s.skills)}</p></section></body></html>""".encode()


@template("label-above-fr", "fr")
def label_fr(s: Seen) -> bytes:
    p = Paper("serif", 10, tex=True)
    p.text(s.name, 20)
    p.text(f"{s.place} — {s.phone} — {s.email}", 9)
    for heading in ("Expériences", "Études", "Compétences"):
        p.gap(8)
        p.text(heading, 13, bold=True)
        if heading == "Expériences":
            for job in s.jobs("mois y"):

                def entry(job: Job = job) -> None:
                    p.text(f"{job.title}, {job.employer}, {job.city}", bold=True)
                    p.bullets(job.duties, "–")

                p.beside(period(job, "mois y", "présent", " –\n"), 84, entry)
                p.gap(4)
        elif heading == "Études":
            for study in s.studies("y"):
                p.beside(period(study, "y", "", "–"), 84, f"{study.degree} {study.field}, {study.school}")
        else:
            p.text(", ".join(s.skills))
    return p.finish()
