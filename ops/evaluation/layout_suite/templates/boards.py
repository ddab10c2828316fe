"""Resumes as job boards of China, Taiwan and Hong Kong export them, and builders there draw them."""

from html import escape

from ops.evaluation.layout_suite.paper import MAIL, PHONE, WIDTH, Paper
from ops.evaluation.layout_suite.people import Job
from ops.evaluation.layout_suite.seen import Seen, duration, period
from ops.evaluation.layout_suite.templates.registry import template


def _sex(s: Seen) -> str:
    return "男" if s.person.gender == "male" else "女"


def _bar(p: Paper, text: str) -> None:
    p.gap(10)
    p.text(text, 13, bold=True, colour="#00a6a7")
    p.gap(2)


@template("boss", "cn", professions=("backend", "product", "sales"))
def boss(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text(s.name, 20, bold=True)
    p.text(f"{_sex(s)}  |  {2026 - s.person.birth[0]}岁  |  {s.phone}  |  {s.email}", 9.5)
    p.text(
        f"{2026 - s.person.jobs[-1].start[0]}年工作经验  |  求职意向：{s.person.headline}  |  期望薪资：{s.person.pay}-{s.person.pay + 6}K  |  期望城市：{s.person.city}",
        9.5,
    )
    s.pay(s.person.pay * 1000, (s.person.pay + 6) * 1000, "CNY", "month")
    _bar(p, "个人优势")
    p.text("做事踏实，能把话说明白。")
    _bar(p, "工作经历")
    for job in s.jobs("y.mm"):
        p.row(f"{job.employer}    {job.title}", period(job, "y.mm", "至今", "-"), bold=True)
        p.text("内容：" + "；".join(job.duties) + "。")
        p.gap(4)
    _bar(p, "教育经历")
    for study in s.studies("y"):
        p.row(f"{study.school}    {study.degree}    {study.field}", period(study, "y", "", "-"), bold=True)
    _bar(p, "专业技能")
    p.text(" ".join(s.skills))
    return p.finish()


@template("boss-online", "cn", "html", professions=("backend", "product", "sales"))
def boss_online(s: Seen) -> bytes:
    jobs = "".join(
        f'<div class="history-item"><span class="period">{period(j, "y.mm", "至今", "-")}</span>'
        f'<h4 class="name">{escape(j.employer)}<em class="vline"></em>{escape(j.title)}</h4>'
        f'<div class="item-text"><h5>工作内容</h5><div class="text">{"<br>".join(f"{n}. {d}" for n, d in enumerate(j.duties, 1))}</div></div></div>'
        for j in s.jobs("y.mm")
    )
    studies = "".join(
        f'<div class="history-item"><span class="period">{t.start[0]}-{t.end[0]}</span><h4 class="name">{t.school}<em class="vline"></em>{t.field}<em class="vline"></em>{t.degree}</h4></div>'
        for t in s.studies("y")
    )
    s.pay(s.person.pay * 1000, (s.person.pay + 5) * 1000, "CNY", "month")
    page = f"""<html><head><meta charset="utf-8"><title>{s.name}的简历</title></head><body><div class="resume-box">
<div class="item-base"><span class="name">{s.name}</span><div class="info-labels"><span>{2026 - s.person.jobs[-1].start[0]}年经验</span><em></em><span>{s.person.studies[0].degree}</span><em></em><span>离职-随时到岗</span></div>
<div class="tel">电话：{s.phone}</div><div class="mail">邮箱：{s.email}</div></div>
<div class="resume-item"><h3 class="title">期望职位</h3><div>{s.person.headline}<em class="vline"></em>{s.person.city}<em class="vline"></em>期望薪资：{s.person.pay}-{s.person.pay + 5}K</div></div>
<div class="resume-item"><h3 class="title">工作经历</h3>{jobs}</div>
<div class="resume-item"><h3 class="title">教育经历</h3>{studies}</div>
<div class="resume-item"><h3 class="title">专业技能</h3><p>{"、".join(s.skills)}</p></div></div></body></html>"""
    return page.encode()


@template("zhaopin", "cn", "html", professions=("accounting", "hr", "sales"))
def zhaopin(s: Seen) -> bytes:
    jobs = "".join(
        f"<tr><td><h5>{period(j, 'y/mm', '至今', ' - ')}&nbsp;&nbsp;{escape(j.employer)}（{duration(j, 'cn')}）</h5>"
        f"<p>{escape(j.title)} | 8001-10000元/月</p><p>其他 | 企业性质：民营 | 规模：100-499人</p>"
        f"<table><tr><td>工作描述：</td><td>{'<br/>'.join(j.duties)}</td></tr></table></td></tr>"
        for j in s.jobs("y/mm")
    )
    studies = "".join(
        f"<tr><td>{period(t, 'y/mm', '', ' - ')}&nbsp;&nbsp;{t.school}&nbsp;&nbsp;{t.field}&nbsp;&nbsp;{t.degree}</td></tr>"
        for t in s.studies("y/mm")
    )
    s.pay(8001, 10000, "CNY", "month")
    page = f"""<!DOCTYPE html><html><head><meta charset="utf-8"></head><body><div>智联招聘</div>
<table><tr><td><h1>{s.name}</h1></td></tr><tr><td>{_sex(s)}&nbsp;|&nbsp;{s.person.birth[0]}年{s.person.birth[1]}月生&nbsp;|&nbsp;现居住于{s.person.city}&nbsp;|&nbsp;{2026 - s.person.jobs[-1].start[0]}年工作经验</td></tr>
<tr><td>手机：{s.phone}</td></tr><tr><td>E-mail：<a href="mailto:{s.email}">{s.person.email}</a></td></tr></table>
<h3>求职意向</h3><table><tr><td>期望工作地区：</td><td>{s.person.city}</td></tr><tr><td>期望月薪：</td><td>8001-10000元/月</td></tr><tr><td>目前状况：</td><td>我目前处于离职状态，可立即上岗</td></tr><tr><td>期望职业：</td><td>{s.person.headline}</td></tr></table>
<h3>工作经历</h3><table>{jobs}</table><h3>教育经历</h3><table>{studies}</table>
<h3>证书</h3><table>{"".join(f"<tr><td>2018/06&nbsp;&nbsp;{c}</td></tr>" for c in s.certificates)}</table>
<h3>专业技能</h3><table>{"".join(f"<tr><td>{x}：熟练 | 36个月</td></tr>" for x in s.skills)}</table></body></html>"""
    return page.encode()


@template("zhaopin-pdf", "cn", professions=("accounting", "hr", "sales", "nursing"))
def zhaopin_pdf(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text(s.name, 18, bold=True)
    p.text(
        f"{_sex(s)}    {2026 - s.person.birth[0]}岁（{s.person.birth[0]}年{s.person.birth[1]}月）    {2026 - s.person.jobs[-1].start[0]}年工作经验    {s.person.studies[0].degree}    {s.person.city}"
    )
    p.icons([(PHONE, s.phone), (MAIL, s.email)])
    _bar(p, "求职意向")
    p.table(
        [("意向岗位：" + s.person.headline, "工作性质：全职"), ("意向城市：" + s.person.city, "期望薪资：面议")],
        (0.5, 0.5),
        ruled=False,
    )
    _bar(p, "工作经历")
    for job in s.jobs("y.mm"):
        p.cells([job.employer, job.title, period(job, "y.mm", "至今", " - ")], (0, 0.45, 0.76), bold=True)
        p.text("工作描述：" + " ".join(f"{n}、{d}" for n, d in enumerate(job.duties, 1)))
        p.gap(4)
    _bar(p, "教育经历")
    for study in s.studies("y.mm"):
        p.cells(
            [study.school, f"{study.field} | {study.degree}", period(study, "y.mm", "", " - ")],
            (0, 0.45, 0.76),
            bold=True,
        )
    _bar(p, "专业技能")
    p.text("、".join(s.skills))
    return p.finish(header="智联招聘 zhaopin.com", footer="{page}/{pages}")


@template("51job", "cn", "html", professions=("accounting", "hr", "electric"))
def fiftyone(s: Seen) -> bytes:
    jobs = "".join(
        f"""<table class="box"><tr><td>{period(j, "y/mm", "至今", "-")}</td><td><strong>{j.title}</strong></td></tr>
<tr><td></td><td>{j.employer} [{duration(j, "cn")}]</td></tr><tr><td></td><td>机械/设备/重工 | 150-500人 | 民营公司</td></tr>
<tr><td>工作描述：</td><td>{"<br>".join(j.duties)}</td></tr></table>"""
        for j in s.jobs("y/mm")
    )
    studies = "".join(
        f'<table class="box"><tr><td>{period(t, "y/mm", "", "-")}</td><td><strong>{t.school}</strong></td></tr><tr><td></td><td>{t.degree} | {t.field}</td></tr></table>'
        for t in s.studies("y/mm")
    )
    page = f"""<html><head><meta charset="utf-8"></head><body><table><tr><td id="tdseekname"><b>{s.name}</b></td></tr>
<tr><td>{_sex(s)} | {2026 - s.person.birth[0]}岁（{s.person.birth[0]}/{s.person.birth[1]}/{s.person.birth[2]}）| 现居住{s.person.city} | {2026 - s.person.jobs[-1].start[0]}年工作经验</td></tr>
<tr><td>{s.phone}</td><td>{s.email}</td></tr></table>
<table class="column"><tr><td>最近工作</td></tr><tr><td>职 位：</td><td>{s.person.headline}</td></tr></table>
<h2>求职意向</h2><table><tr><td>职能/职位：</td><td>{s.person.headline}</td></tr><tr><td>到岗时间：</td><td>1周内</td></tr></table>
<h2>工作经验</h2>{jobs}<h2>教育经历</h2>{studies}
<h2>技能特长（包括IT技能、语言能力、证书、成绩、培训经历）</h2><table>{"".join(f"<tr><td>{x}</td><td>熟练</td></tr>" for x in s.skills)}</table></body></html>"""
    return page.encode()


@template("liepin", "cn", professions=("product", "sales", "backend"))
def liepin(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text(s.name, 18, bold=True)
    p.text(
        f"{_sex(s)} · {2026 - s.person.birth[0]}岁 · {s.person.studies[0].degree} · 工作{2026 - s.person.jobs[-1].start[0]}年 · {s.person.city}"
    )
    p.text(f"手机号码：{s.phone}    邮箱：{s.email}")
    _bar(p, "求职期望")
    p.text(f"{s.person.headline}  {s.person.city}  期望薪资：{s.person.pay}-{s.person.pay + 10}k·14薪")
    s.pay(s.person.pay * 1000, (s.person.pay + 10) * 1000, "CNY", "month")
    _bar(p, "工作经历")
    for job in s.jobs("y.mm"):
        p.row(f"{job.employer}（{duration(job, 'cn')}）", period(job, "y.mm", "至今", "-"), bold=True)
        p.text(f"{job.title}")
        p.text(f"工作地点：{job.city}  |  下属人数：4")
        p.text("职责业绩：")
        for n, duty in enumerate(job.duties, 1):
            p.text(f"{n}. {duty}；")
        p.gap(4)
    _bar(p, "教育经历")
    for study in s.studies("y.mm"):
        p.row(study.school, period(study, "y.mm", "", "-"), bold=True)
        p.text(f"{study.field}  {study.degree}  统招")
    _bar(p, "技能标签")
    p.text("  ".join(s.skills))
    return p.finish(footer="猎聘 第{page}页")


@template("wondercv", "cn", professions=("product", "sales", "hr", "accounting"), scanned=True)
def wonder(s: Seen) -> bytes:
    p = Paper("serif", 10)
    p.text(s.name, 20, bold=True, align="centre")
    p.text(f"{s.phone} | {s.email} | {s.place}", align="centre")
    _rule(p, "教育经历")
    for study in s.studies("y.mm"):
        p.row(study.school, period(study, "y.mm", "", " - "), bold=True)
        p.row(f"{study.field}  {study.degree}", study.city)
    _rule(p, "工作经历")
    for job in s.jobs("y.mm"):
        p.row(job.employer, period(job, "y.mm", "至今", " - "), bold=True)
        p.row(job.title, job.city)
        p.bullets(job.duties)
    _rule(p, "其他")
    p.bullets(["技能：" + "、".join(s.skills), "证书/执照：" + "、".join(s.certificates)])
    return p.finish()


def _rule(p: Paper, text: str) -> None:
    p.gap(8)
    p.text(text, 12, bold=True)
    p.rule()


@template("500d", "cn", professions=("hr", "accounting", "nursing", "sales"))
def builder(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.fill(0, 0, WIDTH, 60, "#456789")
    p.text("求职简历  PERSONAL RESUME", 16, colour="#ffffff")
    p.column(p.margin, WIDTH - 2 * p.margin, 72)
    p.table(
        [
            ("姓    名：" + s.name, "出生年月：" + f"{s.person.birth[0]}.{s.person.birth[1]:02}"),
            ("电    话：" + s.phone, "邮    箱：" + s.email),
            ("求职意向：" + s.person.headline, "现 居 地：" + s.place),
        ],
        (0.5, 0.5),
        ruled=False,
    )
    for heading in ("教育背景", "工作经验", "技能证书"):
        p.gap(8)
        p.text(f"◆ {heading}", 12, bold=True, colour="#456789")
        if heading == "教育背景":
            for study in s.studies("y.mm"):
                p.cells(
                    [period(study, "y.mm", "", "-"), study.school, f"{study.field}（{study.degree}）"],
                    (0, 0.33, 0.66),
                    bold=True,
                )
        elif heading == "工作经验":
            for job in s.jobs("y.mm"):
                p.cells([period(job, "y.mm", "至今", "-"), job.employer, job.title], (0, 0.33, 0.76), bold=True)
                p.text("工作内容：")
                p.bullets(job.duties)
        else:
            p.text("技能：" + "、".join(s.skills))
            p.text("证书：" + "、".join(s.certificates))
    return p.finish()


@template("104", "tw", jobs=3)
def hundredfour(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text(s.name, 18, bold=True)
    p.text(f"{_sex(s)} | {2026 - s.person.birth[0]}歲 | 總年資 {2026 - s.person.jobs[-1].start[0]}年")
    p.text(f"聯絡電話  {s.phone}")
    p.text(f"E-mail  {s.email}")
    p.text(f"居住地  {s.place}")
    _bar(p, "工作經歷")
    for job in s.jobs("y/mm"):
        p.text(job.title, 11, bold=True)
        p.text(f"{job.employer}（電腦系統整合服務業 30~100人）")
        p.text(f"{period(job, 'y/mm', '仍在職', '~')}（{duration(job, 'tw')}）")
        p.text("。".join(job.duties) + "。")
        p.gap(4)
    _bar(p, "教育背景")
    for study in s.studies("y/mm"):
        p.text(study.school, 11, bold=True)
        p.text(f"{study.field}｜{study.degree}畢業")
        p.text(period(study, "y/mm", "", "~"))
    _bar(p, "專長")
    p.text("#" + " #".join(s.skills))
    _bar(p, "語文能力")
    for name, grade in s.languages:
        p.text(f"{name}  聽 /{grade}  說 /{grade}")
    return p.finish(footer="104人力銀行  {page}")


@template("cakeresume", "tw", professions=("software", "sales"))
def cake(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text(s.name, 20)
    p.text(s.person.headline, 12)
    p.text(f"{s.place}    {s.email}    {s.phone}")
    _rule(p, "工作經歷")
    for job in s.jobs("y年m月"):

        def entry(job: Job = job) -> None:
            p.text(f"{job.title}  •  {job.employer}", 11, bold=True)
            p.bullets(job.duties)

        p.beside(period(job, "y年m月", "現在", " -\n"), 80, entry)
        p.gap(3)
    _rule(p, "學歷")
    for study in s.studies("y"):
        p.beside(
            period(study, "y", "", " - "),
            80,
            f"{study.school}  •  {study.field}  •  {study.degree}",
        )
    _rule(p, "技能")
    p.text("    ".join(s.skills))
    return p.finish(footer="Powered by CakeResume")


@template("tw-minguo", "tw")
def minguo(s: Seen) -> bytes:
    p = Paper("serif", 11)
    p.text("履歷表", 18, align="centre")
    p.table([("姓名", s.name, "電話", s.phone), ("電子信箱", s.email, "通訊處", s.place)], (0.15, 0.35, 0.15, 0.35))
    p.gap(8)
    p.text("工作經驗", 12, bold=True)
    p.table(
        [
            ("服務單位", "職稱", "起迄年月"),
            *((j.employer, j.title, period(j, "民國", "迄今", "～")) for j in s.jobs("民國")),
        ],
        (0.42, 0.2, 0.38),
    )
    p.gap(8)
    p.text("學歷", 12, bold=True)
    p.table(
        [
            ("學校", "科系", "學位", "起迄年月"),
            *((t.school, t.field, t.degree, period(t, "民國", "", "～")) for t in s.studies("民國")),
        ],
        (0.3, 0.24, 0.1, 0.36),
    )
    p.gap(8)
    p.text("專業技能", 12, bold=True)
    p.text("、".join(s.skills))
    return p.finish()


@template("hk-zh", "hk")
def hongkong(s: Seen) -> bytes:
    p = Paper("serif", 11)
    p.text("個人履歷", 16, align="centre", bold=True)
    for label, value in (
        ("姓名", s.name),
        ("聯絡電話", s.phone),
        ("電郵", s.email),
        ("要求待遇", f"HK${s.person.pay},000 月薪"),
    ):
        p.beside(label + "：", 80, value)
    s.pay(s.person.pay * 1000, None, "HKD", "month")
    p.gap(8)
    p.text("工作經驗", 12, bold=True)
    for job in s.jobs("y年m月"):
        p.text(f"{period(job, 'y年m月', '現在', '至')}")
        p.text(f"{job.employer}　{job.title}", bold=True)
        p.bullets(job.duties, "－")
        p.gap(4)
    p.text("教育程度", 12, bold=True)
    for study in s.studies("y"):
        p.text(f"{study.start[0]}–{study.end[0]}　{study.school}　{study.field}　{study.degree}")
    p.text("技能", 12, bold=True)
    p.text("、".join(s.skills))
    return p.finish()


@template("cadre-table-zh", "cn", professions=("accounting", "hr", "electric"), scanned=True)
def cadre(s: Seen) -> bytes:
    p = Paper("serif", 11)
    p.text("人 员 履 历 表", 18, align="centre")
    p.table([("姓名", s.name, "性别", _sex(s)), ("联系电话", s.phone, "邮箱", s.email)], (0.15, 0.35, 0.15, 0.35))
    p.table(
        [
            ("起止年月", "在何单位", "任何职务"),
            *((period(j, "y.mm", "至今", "—"), j.employer, j.title) for j in s.jobs("y.mm")),
        ],
        (0.3, 0.45, 0.25),
    )
    p.gap(10)
    p.table(
        [
            ("学习起止年月", "学校", "专业", "学历"),
            *((period(t, "y.mm", "", "—"), t.school, t.field, t.degree) for t in s.studies("y.mm")),
        ],
        (0.3, 0.34, 0.2, 0.16),
    )
    p.gap(10)
    p.table([("专业技能", "、".join(s.skills))], (0.2, 0.8))
    return p.finish()


@template("nurse-form-zh", "cn", professions=("nursing",), scanned=True)
def nurse_form(s: Seen) -> bytes:
    p = Paper("sans", 10.5)
    p.text("护士求职简历", 16, align="centre")
    p.table(
        [
            ("姓名", s.name, "性别", _sex(s)),
            ("联系方式", s.phone, "邮箱", s.email),
            ("资格证书", "、".join(s.certificates)),
            ("专业技能", "、".join(s.skills)),
        ],
        (0.15, 0.35, 0.15, 0.35),
    )
    p.gap(8)
    p.text("工作经历", 12, bold=True)
    for job in s.jobs("y年m月"):
        p.text(f"{period(job, 'y年m月', '至今', '-')}　{job.employer}　{job.title}")
        p.bullets(job.duties, "·")
    p.gap(8)
    p.text("学习经历", 12, bold=True)
    for study in s.studies("y年m月"):
        p.text(f"{period(study, 'y年m月', '', '-')}　{study.school}　{study.field}　{study.degree}")
    return p.finish()
