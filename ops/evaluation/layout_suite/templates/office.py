"""Resumes as people write them in Word: tables without lines, text boxes, tab stops, forms."""

from ops.evaluation.layout_suite.people import Job
from ops.evaluation.layout_suite.seen import Seen, level, period
from ops.evaluation.layout_suite.templates.registry import template
from ops.evaluation.layout_suite.word import Word
from ops.evaluation.layout_suite.writing import month

_SPOKEN = ("native", "fluent", "good", "basic")


def _listed(job: Job, mark: str = "• ") -> str:
    return "\n".join(mark + duty for duty in job.duties)


@template("word-two-columns", "gb", "docx")
def columns(s: Seen) -> bytes:
    w = Word()
    w.text(s.name, bold=True, size=20)
    w.text(f"{s.place}  |  {s.phone}  |  {s.email}")
    w.text("Employment history", bold=True, size=13)
    rows = [
        (period(job, "Mmm y", "present"), f"{job.title}\n{job.employer}, {job.city}\n{_listed(job)}")
        for job in s.jobs("Mmm y")
    ]
    w.table(rows, style=None, widths=(4, 12))
    w.text("Qualifications", bold=True, size=13)
    w.table(
        [(period(t, "y", ""), f"{t.degree} {t.field}\n{t.school}") for t in s.studies("y")], style=None, widths=(4, 12)
    )
    w.text("Key skills", bold=True, size=13)
    w.text(", ".join(s.skills))
    w.text("Interests", bold=True, size=13)
    w.text(s.person.hobbies)
    w.text("References available on request")
    return w.finish()


@template("word-text-boxes", "us", "docx")
def boxes(s: Seen) -> bytes:
    w = Word()
    w.box([s.name, s.person.headline])
    w.box(["CONTACT", s.phone, s.email, s.place])
    w.text("WORK EXPERIENCE", bold=True, size=14)
    for job in s.jobs("Month y"):
        w.text(f"{job.title} | {job.employer}", bold=True)
        w.text(f"{period(job, 'Month y', 'Present')} | {job.city}")
        w.bullets(job.duties)
    w.text("EDUCATION", bold=True, size=14)
    for study in s.studies("y", starts=False):
        w.text(f"{study.degree}, {study.field} | {study.school} | {study.end[0]}")
    w.box(["SKILLS", *s.skills])
    return w.finish()


@template("word-tabs", "gb", "docx", professions=("hr", "finance", "logistics", "marketing"))
def tabs(s: Seen) -> bytes:
    w = Word()
    w.header(f"{s.name}", f"{s.place} · {s.phone} · {s.email}")
    w.text("Career History", bold=True, size=13)
    for job in s.jobs("Month y"):
        w.text(f"{job.employer}\t{period(job, 'Month y', 'Present')}", bold=True, stops=(16,))
        w.text(job.title)
        w.bullets(job.duties)
    w.text("Education & Training", bold=True, size=13)
    for study in s.studies("y"):
        w.text(f"{study.school}\t{period(study, 'y', '')}", bold=True, stops=(16,))
        w.text(f"{study.degree} {study.field}")
    w.text("Skills Profile", bold=True, size=13)
    w.bullets(s.skills)
    w.text("Professional Qualifications", bold=True, size=13)
    w.bullets(s.certificates)
    w.footer("Page 1")
    return w.finish()


@template("word-header", "au", "docx")
def header(s: Seen) -> bytes:
    w = Word()
    w.header(s.name, f"Mobile: {s.phone}", f"Email: {s.email}")
    w.text("Professional Summary", bold=True)
    w.text("A steady pair of hands who leaves a place tidier than it was.")
    w.text("Core Competencies", bold=True)
    w.table([tuple(s.skills[:2]), tuple(s.skills[2:4])], style=None)
    s.truth.skills = s.person.skills[:4]
    w.text("Career Summary", bold=True)
    for job in s.jobs("Mmm y"):
        w.text(f"{job.title}, {job.employer}, {job.city}\t{period(job, 'Mmm y', 'current')}", bold=True, stops=(16,))
        w.text("Responsibilities:")
        w.bullets(job.duties[:2])
        w.text("Achievements:")
        w.bullets(job.duties[2:])
    w.text("Education", bold=True)
    for study in s.studies("y", starts=False):
        w.text(f"{study.degree} ({study.field}), {study.school}, {study.end[0]}")
    w.text("Referees", bold=True)
    w.text("Pat Quaife, Operations Manager, Wattle Supplies, 0491 570 006")
    return w.finish()


@template("word-lebenslauf", "de", "docx")
def lebenslauf(s: Seen) -> bytes:
    w = Word()
    w.text("LEBENSLAUF", bold=True, size=16)
    w.table(
        [
            ("Name", s.name),
            ("Anschrift", s.place),
            ("Telefon", s.phone),
            ("E-Mail", s.email),
            ("Staatsangehörigkeit", "deutsch"),
        ],
        style=None,
        widths=(5, 11),
    )
    w.text("Berufspraxis", bold=True)
    rows = [
        (period(job, "mm/y", "heute"), f"{job.employer}, {job.city}\n{job.title}\n{_listed(job, '- ')}")
        for job in s.jobs("mm/y")
    ]
    w.table(rows, style=None, widths=(5, 11))
    w.text("Hochschulausbildung", bold=True)
    w.table(
        [
            (period(t, "mm/y", ""), f"{t.school}\nStudiengang {t.field}\nAbschluss: {t.degree}")
            for t in s.studies("mm/y")
        ],
        style=None,
        widths=(5, 11),
    )
    w.text("Weitere Kenntnisse", bold=True)
    w.table(
        [
            ("IT", ", ".join(s.skills)),
            (
                "Sprachen",
                ", ".join(
                    f"{n} ({level(g, ('Muttersprache', 'fließend', 'gut', 'Grundkenntnisse'))})" for n, g in s.languages
                ),
            ),
        ],
        style=None,
        widths=(5, 11),
    )
    return w.finish()


@template("word-fr", "fr", "docx")
def french(s: Seen) -> bytes:
    w = Word()
    w.text(s.name, bold=True, size=18)
    w.text(f"{s.place} – Tél. : {s.phone} – {s.email}")
    w.text("Permis B, 34 ans")
    w.text("EXPÉRIENCES PROFESSIONNELLES", bold=True)
    for job in s.jobs("mois y"):
        until = (
            f"De {month(job.start, 'mois y')} à {month(job.end, 'mois y')}"
            if job.end
            else f"Depuis {month(job.start, 'mois y')}"
        )
        w.text(f"{until} : {job.title}", bold=True)
        w.text(f"{job.employer}, {job.city}")
        w.bullets(job.duties)
    w.text("FORMATION", bold=True)
    for study in s.studies("y", starts=False):
        w.text(f"{study.end[0]} : {study.degree} {study.field}, {study.school}")
    w.text("COMPÉTENCES", bold=True)
    w.text("Informatique : " + ", ".join(s.skills))
    w.text("LANGUES", bold=True)
    w.text(
        ", ".join(
            f"{n} : {level(g, ('langue maternelle', 'courant', 'bon niveau', 'notions'))}" for n, g in s.languages
        )
    )
    w.text("CENTRES D’INTÉRÊT", bold=True)
    w.text("Voile, cuisine de saison")
    return w.finish()


@template("form-zh", "cn", "docx", professions=("accounting", "hr", "electric", "nursing"))
def form(s: Seen) -> bytes:
    w = Word()
    p = s.person
    w.text("应聘登记表", bold=True, size=18)
    rows: list[tuple[str, ...]] = [
        ("姓名", s.name, "性别", "男" if p.gender == "male" else "女", "出生年月", f"{p.birth[0]}.{p.birth[1]:02}"),
        ("民族", "汉族", "政治面貌", "群众", "籍贯", "江苏"),
        ("联系电话", s.phone, "电子邮箱", s.email, "应聘岗位", p.headline),
        ("教育经历",),
        ("起止时间", "毕业院校", "专业", "学历"),
    ]
    rows += [(period(t, "y.mm", "", "-"), t.school, t.field, t.degree) for t in s.studies("y.mm")]
    rows += [("工作经历",), ("起止时间", "工作单位", "职务", "离职原因")]
    rows += [(period(job, "y.mm", "至今", "-"), job.employer, job.title, "个人发展") for job in s.jobs("y.mm")]
    rows += [("技能特长", "、".join(s.skills)), ("证书", "、".join(s.certificates))]
    w.table(rows)
    return w.finish()


@template("form-zh-periods", "cn", "docx", professions=("accounting", "hr", "electric", "nursing"))
def periods(s: Seen) -> bytes:
    w = Word()
    w.text("个 人 简 历", bold=True, size=18)
    w.table(
        [
            ("姓 名", s.name, "性 别", "女" if s.person.gender == "female" else "男"),
            ("电 话", s.phone, "邮 箱", s.email),
        ]
    )
    w.text("一、学习经历", bold=True)
    w.table(
        [
            ("时间", "学校", "所学专业", "学历"),
            *((period(t, "y年m月", "", "至"), t.school, t.field, t.degree) for t in s.studies("y年m月")),
        ]
    )
    w.text("二、工作经历", bold=True)
    w.table(
        [
            ("时间", "单位名称", "岗位", "主要工作内容"),
            *((period(j, "y年m月", "今", "至"), j.employer, j.title, "；".join(j.duties)) for j in s.jobs("y年m月")),
        ]
    )
    w.text("三、专业技能", bold=True)
    w.text("、".join(s.skills))
    w.text("四、资格证书", bold=True)
    w.text("、".join(s.certificates))
    return w.finish()


@template("form-tw", "tw", "docx")
def form_tw(s: Seen) -> bytes:
    w = Word()
    w.text("個人履歷表", bold=True, size=18)
    w.table(
        [
            ("姓名", s.name, "性別", "女" if s.person.gender == "female" else "男"),
            ("行動電話", s.phone, "電子郵件", s.email),
            ("應徵職務", s.person.headline, "希望待遇", "面議"),
        ]
    )
    w.text("學歷", bold=True)
    w.table(
        [
            ("學校名稱", "科系", "學位", "就學期間"),
            *((t.school, t.field, t.degree, period(t, "y/mm", "", "～")) for t in s.studies("y/mm")),
        ]
    )
    w.text("經歷", bold=True)
    w.table(
        [
            ("公司名稱", "職稱", "任職期間", "工作內容"),
            *((j.employer, j.title, period(j, "y/mm", "迄今", "～"), "、".join(j.duties)) for j in s.jobs("y/mm")),
        ]
    )
    w.text("專長", bold=True)
    w.text("、".join(s.skills))
    w.text("語文能力", bold=True)
    w.text("；".join(f"{n}：{g}" for n, g in s.languages))
    return w.finish()


@template("word-zh-bilingual", "cn", "docx", professions=("sales", "product", "hr"))
def bilingual(s: Seen) -> bytes:
    w = Word()
    w.text(f"{s.name}　{s.person.headline}", bold=True, size=18)
    w.text(f"电话：{s.phone}　邮箱：{s.email}　现居：{s.place}")
    w.text("工作经历 WORK EXPERIENCE", bold=True, size=13)
    for job in s.jobs("y.mm"):
        w.text(f"{period(job, 'y.mm', '至今', '-')}\t{job.employer}\t{job.title}", bold=True, stops=(5, 16))
        w.bullets(job.duties)
    w.text("教育背景 EDUCATION", bold=True, size=13)
    for study in s.studies("y.mm"):
        w.text(
            f"{period(study, 'y.mm', '', '-')}\t{study.school}\t{study.field}（{study.degree}）",
            bold=True,
            stops=(5, 16),
        )
    w.text("专业技能 SKILLS", bold=True, size=13)
    w.text("，".join(s.skills))
    w.text("证书 CERTIFICATES", bold=True, size=13)
    w.text("，".join(s.certificates))
    return w.finish()


@template("word-sidebar", "us", "docx")
def sidebar(s: Seen) -> bytes:
    w = Word()
    left, right = w.halves((5, 11))
    w.into = left
    w.text(s.name, bold=True, size=16)
    w.text(s.person.headline)
    w.text("Contact", bold=True)
    for line in (s.phone, s.email, s.place):
        w.text(line)
    w.text("Skills", bold=True)
    for skill in s.skills:
        w.text(skill)
    w.text("Languages", bold=True)
    for name, grade in s.languages:
        w.text(f"{name}, {level(grade, _SPOKEN)}")
    w.into = right
    w.text("Experience", bold=True)
    for job in s.jobs("MMM y"):
        w.text(f"{job.title}, {job.employer}", bold=True)
        w.text(f"{period(job, 'MMM y', 'PRESENT')}")
        for duty in job.duties:
            w.text(duty, style="List Bullet")
    w.text("Education", bold=True)
    for study in s.studies("MMM y"):
        w.text(f"{study.degree} in {study.field}, {study.school}", bold=True)
        w.text(period(study, "MMM y", ""))
    return w.finish()


@template("word-nurse-uk", "gb", "docx", professions=("nurse",))
def nurse_uk(s: Seen) -> bytes:
    w = Word()
    w.text(f"{s.name} RN", bold=True, size=16)
    w.text(f"{s.place}   Tel: {s.phone}   Email: {s.email}")
    w.text("NMC PIN: 18A0000E")
    w.text("Clinical Experience", bold=True)
    for job in s.jobs("mm/y"):
        w.text(f"{period(job, 'mm/y', 'date', ' to ')}   {job.title} (Band 5)", bold=True)
        w.text(f"{job.employer}, {job.city}")
        w.bullets(job.duties)
    w.text("Education", bold=True)
    for study in s.studies("y"):
        w.text(f"{period(study, 'y', '')}   {study.degree} {study.field}, {study.school}")
    w.text("Mandatory Training", bold=True)
    w.bullets(s.certificates)
    w.text("Clinical Skills", bold=True)
    w.text(", ".join(s.skills))
    return w.finish()


@template("word-india-table", "in", "docx", professions=("software", "finance", "mechanical"))
def india(s: Seen) -> bytes:
    w = Word()
    w.text("CURRICULUM VITAE", bold=True, size=14)
    w.text(s.name.upper(), bold=True)
    w.text(f"Mobile: {s.phone}")
    w.text(f"E-mail: {s.email}")
    w.text("Career Objective:", bold=True)
    w.text("To work where I can keep learning and be of use.")
    w.text("Work Experience:", bold=True)
    w.table(
        [
            ("Organization", "Designation", "From", "To"),
            *(
                (j.employer, j.title, month(j.start, "Mmm y"), month(j.end, "Mmm y") if j.end else "Till date")
                for j in s.jobs("Mmm y")
            ),
        ]
    )
    w.text("Academic Qualifications:", bold=True)
    w.table(
        [
            ("Degree", "Specialization", "Institute", "Year of passing"),
            *((t.degree, t.field, t.school, str(t.end[0])) for t in s.studies("y", starts=False)),
        ]
    )
    w.text("Technical Skills:", bold=True)
    w.text(", ".join(s.skills))
    w.text("Personal Details:", bold=True)
    w.text("Father's Name: Mr. R. Deshmukh")
    w.text("Marital Status: Single")
    w.text("Declaration: I hereby declare that the above is true to the best of my knowledge.")
    return w.finish()
