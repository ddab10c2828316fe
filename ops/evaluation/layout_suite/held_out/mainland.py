"""Resumes of China: TeX and Markdown of programmers, job sites, registry forms of offices, workshops, hospitals and schools."""

from html import escape

from ops.evaluation.layout_suite.held_out.when import say, span
from ops.evaluation.layout_suite.paper import MAIL, PHONE, WIDTH, Paper
from ops.evaluation.layout_suite.seen import Seen
from ops.evaluation.layout_suite.templates.registry import sheet
from ops.evaluation.layout_suite.word import Word


def _born(s: Seen) -> str:
    y, m, _ = s.person.birth
    s.truth.facts["birth"] = f"{y}-{m:02}"
    return f"{y}年{m}月"


def _sex(s: Seen) -> str:
    s.truth.facts["gender"] = s.person.gender
    return "男" if s.person.gender == "male" else "女"


@sheet("tex-dated", "cn", "pdf", "developer", scanned=True)
def tex_dated(s: Seen) -> bytes:
    p = Paper("serif", 10.5)
    p.text(s.name, 20, align="centre")
    p.text(f"{s.email} · {s.phone} · {s.link('github.com/' + s.person.handle)}", 9.5, align="centre")
    p.gap(6)
    p.text("教育背景", 13, bold=True)
    p.rule()
    for study in s.studies("m"):
        p.row(study.school, span(study, "{Y}.{mm}", between=" -- "), bold=True)
        p.text(f"{study.degree}  {study.field}")
    p.text("工作经历", 13, bold=True)
    p.rule()
    for job in s.jobs("m"):
        p.row(f"{job.employer}  {job.city}", span(job, "{Y}年{m}月", "至今", " -- "), bold=True)
        p.text(job.title)
        p.bullets(job.duties)
    p.text("IT 技能", 13, bold=True)
    p.rule()
    p.bullets(["常用：" + "、".join(s.skills)])
    p.text("获奖情况", 13, bold=True)
    p.rule()
    p.row("校级优秀毕业论文", "2015 年 6 月")
    return p.finish()


@sheet("markdown-links", "cn", "txt", "developer")
def markdown_links(s: Seen) -> bytes:
    out = [
        f"# {s.name}",
        "",
        f"## {s.person.headline}",
        "",
        f"- 联系电话: {s.phone}",
        f"- 电子邮箱: [{s.email}](mailto:{s.person.email})",
        "",
        "## 工作经验",
        "",
    ]
    for n, job in enumerate(s.jobs("m")):
        out += [
            f"### **{job.title}** [{job.employer}](https://www.example.com/{n})",
            "",
            f"*{span(job, '{Y}/{mm}', '至今')}*",
            "",
        ]
        out += [f"* {d}；" for d in job.duties] + [""]
    out += ["## 技能专长", ""] + [f"- {k}" for k in s.skills] + ["", "## 教育经历", ""]
    out += [f"*{t.start[0]} - {t.end[0]}* {t.school} {t.field} {t.degree}" for t in s.studies("y")]
    s.truth.facts.pop("link", None)
    return "\n".join(out).encode()


@sheet("markdown-quote", "cn", "txt", "developer", jobs=3)
def markdown_quote(s: Seen) -> bytes:
    out = [
        f"# {s.name}",
        "",
        f"> {s.person.headline} ｜ {s.person.city} ｜ {s.phone} ｜ {s.email}",
        "",
        "## 专业技能",
        "",
        "- 熟悉 " + "、".join(s.skills),
        "",
        "## 工作经历",
        "",
    ]
    for job in s.jobs("m"):
        out += [
            f"### {job.employer} <span style='float:right'>{span(job, '{Y}.{mm}', '至今')}</span>",
            "",
            f"**{job.title}**",
            "",
        ]
        out += [f"{n}. {d}" for n, d in enumerate(job.duties, 1)] + [""]
    out += ["## 教育背景", ""]
    for study in s.studies("m"):
        out += [
            f"### {study.school} <span style='float:right'>{span(study, '{Y}.{mm}')}</span>",
            "",
            f"{study.field} · {study.degree}",
            "",
        ]
    return "\n".join(out).encode()


@sheet("rail-timeline", "cn", "pdf", "operations", scanned=True)
def rail_timeline(s: Seen) -> bytes:
    p = Paper("sans", 9.5, margin=36)
    p.fill(0, 0, 180, 842, "#f0f4f8")
    p.column(24, 140, 120)
    p.text(s.name, 22, bold=True, align="centre")
    p.text(s.person.headline, align="centre")
    p.gap(12)
    p.icons([(PHONE, s.phone)])
    p.icons([(MAIL, s.email)])
    p.gap(12)
    p.text("教育背景", 12, bold=True)
    for study in s.studies("y"):
        p.text(study.school, bold=True)
        p.text(f"{study.field}（{study.degree}）")
        p.text(f"{study.start[0]} ~ {study.end[0]}")
    p.gap(12)
    p.text("专业技能", 12, bold=True)
    for skill in s.skills:
        p.text(skill)
    p.gap(12)
    p.text("奖项荣誉", 12, bold=True)
    p.text("2019年度优秀员工")
    p.column(200, WIDTH - 236, 40)
    p.text("关于我", 13, bold=True)
    p.text("喜欢把数据讲成故事，也愿意为一个标题改十遍。")
    p.gap(10)
    p.text("工作经历", 13, bold=True)
    for job in s.jobs("m"):
        p.text(span(job, "{Y}.{mm}", "至今", " ~ "), 9, colour="#888888")
        p.text(f"{job.employer}  {job.title}", 10.5, bold=True)
        for duty in job.duties:
            p.text("- " + duty)
        p.gap(6)
    return p.finish()


@sheet("site-cards", "cn", "html", "operations")
def site_cards(s: Seen) -> bytes:
    jobs = "".join(
        f'<div class="jobExperience"><dl><dt>{escape(j.employer)}</dt><dd class="pos">{j.title}</dd><dd class="time">{span(j, "{Y}.{mm}", "至今", "-")}</dd></dl><div class="detail">{"<br/>".join(j.duties)}</div></div>'
        for j in s.jobs("m")
    )
    studies = "".join(
        f'<div class="edu"><h4>{t.school}</h4><span>{t.degree} · {t.field}</span><span class="year">{t.end[0]}年毕业</span></div>'
        for t in s.studies("y", starts=False)
    )
    low = s.person.pay
    s.pay(low * 1000, (low + 5) * 1000, "CNY", "month")
    return f"""<html><head><meta charset="utf-8"><title>在线简历</title></head><body><div class="mr_baseinfo"><div class="mr_name">{s.name}</div>
<p>{s.person.headline}</p><p><span>{_sex(s)}</span> / <span>{s.person.studies[0].degree}</span> / <span>{s.person.city}</span></p><p><em>{s.phone}</em> <em>{s.email}</em></p></div>
<div id="expect"><h3>期望工作</h3><ul><li>{s.person.headline}</li><li>全职</li><li>{low}k-{low + 5}k</li></ul></div>
<div id="work"><h3>工作经历</h3>{jobs}</div><div id="edu"><h3>教育经历</h3>{studies}</div>
<div id="skill"><h3>技能评价</h3>{"".join(f"<span class='sk'>{k}</span><i>掌握</i>" for k in s.skills)}</div></body></html>""".encode()


@sheet("cadre-form", "cn", "docx", "civil", jobs=4)
def cadre_form(s: Seen) -> bytes:
    w = Word()
    w.text("干部履历表", bold=True, size=18)
    rows: list[tuple[str, ...]] = [
        ("姓  名", s.name, "性  别", _sex(s)),
        ("出生年月", _born(s), "政治面貌", "中共党员"),
        ("联系电话", s.phone, "电子邮箱", s.email),
        ("现任职务", s.person.headline),
    ]
    studies = s.studies("m")
    lines = [f"{span(t, '{Y}.{mm}', between='—')}  {t.school}{t.field}专业{t.degree}学习" for t in reversed(studies)]
    lines += [f"{span(j, '{Y}.{mm}', '', '—')}  {j.employer}{j.title}" for j in reversed(s.jobs("m"))]
    rows += [("简  历", "\n".join(lines)), ("奖惩情况", "2021年度考核优秀"), ("主要家庭成员", "配偶  某中学教师")]
    w.table(rows, widths=(3, 5, 3, 5))
    return w.finish()


@sheet("institution-form", "cn", "docx", "teacher", jobs=3)
def institution_form(s: Seen) -> bytes:
    w = Word()
    w.text("事业单位公开招聘工作人员报名登记表", bold=True, size=15)
    w.table(
        [
            ("姓名", s.name, "性别", _sex(s), "出生年月", _born(s)),
            ("手机", s.phone, "邮箱", s.email, "民族", "汉族"),
            ("学习经历（从高中后填起）",),
            ("起止时间", "毕业院校", "所学专业", "学历", "学习形式", "证明人"),
            *(
                (span(t, "{Y}年{m}月", between="至"), t.school, t.field, t.degree, "全日制", "—")
                for t in s.studies("m")
            ),
            ("工作经历",),
            ("起止时间", "工作单位", "岗位", "离职原因", "用工形式", "证明人"),
            *(
                (span(j, "{Y}年{m}月", "今", "至"), j.employer, j.title, "个人发展" if j.end else "在职", "合同制", "—")
                for j in s.jobs("m")
            ),
            ("本人承诺以上信息真实。",),
        ]
    )
    return w.finish()


@sheet("hospital-doc", "cn", "docx", "nurse")
def hospital_doc(s: Seen) -> bytes:
    w = Word()
    w.text("个 人 简 历", bold=True, size=20)
    w.text("一、基本情况", bold=True)
    w.text(f"姓名：{s.name}    性别：{_sex(s)}    出生日期：{_born(s)}")
    w.text(f"联系方式：{s.phone}    邮箱：{s.email}")
    w.text("二、教育经历", bold=True)
    for study in s.studies("m"):
        w.text(f"{span(study, '{Y}年{m}月', between='—')}，{study.school}，{study.field}专业，{study.degree}")
    w.text("三、工作经历", bold=True)
    for job in s.jobs("m"):
        w.text(f"{span(job, '{Y}年{m}月', '至今', '—')}，{job.employer}，{job.title}")
        w.text("主要工作：" + "；".join(job.duties) + "。")
    w.text("四、专业技能", bold=True)
    w.text("、".join(s.skills))
    w.text("五、资格证书", bold=True)
    for name in s.certificates:
        w.text(name)
    w.text("六、自我评价", bold=True)
    w.text("工作细致，有责任心，能适应倒班。")
    return w.finish()


@sheet("worker-message", "cn", "txt", "worker", jobs=3)
def worker_message(s: Seen) -> bytes:
    out = [
        f"姓名：{s.name}",
        f"性别：{_sex(s)}",
        f"电话：{s.phone}（微信同号）",
        f"邮箱：{s.email}",
        f"现住：{s.place}",
        "",
        "干过的活：",
    ]
    for job in s.jobs("m"):
        out.append(f"{span(job, '{Y}年{m}月', '现在', '到')} 在{job.employer}做{job.title}")
    (study, *_) = s.studies("y", starts=False)
    out += ["", "证件：" + "，".join(s.certificates), "会的：" + "，".join(s.skills)]
    out += [
        "",
        f"学历：{study.degree}，{study.end[0]}年毕业于{study.school}{study.field}专业",
        "要求：包吃住，能上夜班",
    ]
    return "\n".join(out).encode()


@sheet("workshop-table", "cn", "pdf", "worker", scanned=True)
def workshop_table(s: Seen) -> bytes:
    p = Paper("serif", 11)
    p.text("应 聘 登 记 表", 18, bold=True, align="centre")
    p.gap(6)
    p.table([("应聘岗位", s.person.headline, "填表日期", "2026年10月8日"), ("姓名", s.name, "性别", _sex(s)), ("出生年月", _born(s), "联系电话", s.phone), ("现住址", s.place, "电子邮箱", s.email)], (0.18, 0.32, 0.18, 0.32))  # fmt: skip
    p.table([("教育经历（由最高学历填起）",)], (1.0,))
    p.table([("起止年月", "学校名称", "专业", "学历")], (0.28, 0.36, 0.24, 0.12))
    p.table(
        [(span(t, "{Y}.{m}", between="-"), t.school, t.field, t.degree) for t in s.studies("m")],
        (0.28, 0.36, 0.24, 0.12),
    )
    p.table([("工作经历（由最近工作填起）",)], (1.0,))
    p.table([("起止年月", "单位名称", "职务", "月薪", "离职原因")], (0.24, 0.34, 0.16, 0.1, 0.16))
    p.table(
        [
            (span(j, "{Y}.{m}", "至今", "-"), j.employer, j.title, "6500", "合同期满" if j.end else "")
            for j in s.jobs("m")
        ],
        (0.24, 0.34, 0.16, 0.1, 0.16),
    )
    p.table([("持有证书", "、".join(s.certificates)), ("技能特长", "、".join(s.skills))], (0.18, 0.82))
    p.text("本人声明以上内容属实，如有虚假愿承担一切责任。        签名：", 9)
    return p.finish()


@sheet("bilingual-heads", "cn", "pdf", "finance", scanned=True)
def bilingual_heads(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.row(s.name, f"{s.phone}  /  {s.email}", 14, bold=True)
    for zh, en in (("教育背景", "EDUCATION"), ("工作经历", "WORK EXPERIENCE"), ("技能证书", "SKILLS & CERTIFICATES")):
        p.gap(8)
        p.text(f"{zh}  {en}", 12, bold=True, colour="#8b0000")
        p.rule()
        if en == "EDUCATION":
            for study in s.studies("m"):
                p.cells([span(study, "{Y}/{mm}"), study.school, study.field, study.degree], (0, 0.27, 0.6, 0.85))
        elif en == "WORK EXPERIENCE":
            for job in s.jobs("m"):
                p.cells([span(job, "{Y}/{mm}", "至今"), job.employer, job.title], (0, 0.27, 0.8), bold=True)
                with p.inset(20):
                    p.bullets(job.duties, "◆")
        else:
            p.text("技能：" + "、".join(s.skills))
            p.text("证书：" + "、".join(s.certificates))
            p.text("语言：" + "、".join(f"{name}（{grade}）" for name, grade in s.languages))
    return p.finish(footer="第{page}页 共{pages}页")


@sheet("sales-doc", "cn", "docx", "sales")
def sales_doc(s: Seen) -> bytes:
    w = Word()
    w.text(s.name, bold=True, size=22)
    w.text(f"求职意向：{s.person.headline}")
    s.truth.facts["target"] = [s.person.headline]
    w.text(f"{s.phone} | {s.email} | 现居{s.place}")
    w.text("■ 核心优势", bold=True)
    w.bullets(["八年一线销售，带过十五人团队", "熟悉华中渠道，有现成客户"])
    w.text("■ 工作履历", bold=True)
    for job in s.jobs("m"):
        w.text(f"【{span(job, '{Y}.{m}', '至今', '—')}】{job.employer}", bold=True)
        w.text(f"职位：{job.title}        汇报对象：总经理        下属：6人")
        w.text("工作业绩：")
        w.bullets(job.duties)
    w.text("■ 教育经历", bold=True)
    for study in s.studies("m"):
        w.text(f"【{span(study, '{Y}.{m}', between='—')}】{study.school}  {study.field}  {study.degree}")
    w.text("■ 其他", bold=True)
    w.text("技能：" + "/".join(s.skills))
    w.text("证书：" + "/".join(s.certificates))
    return w.finish()


@sheet("graduate", "cn", "pdf", "operations", jobs=2, scanned=True)
def graduate(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text(f"{s.name}的简历", 18, bold=True)
    s.truth.facts["name"] = s.person.name
    p.text(f"手机：{s.phone}  邮箱：{s.email}")
    for heading in ("教育经历", "实习与工作经历", "在校经历", "技能与语言"):
        p.gap(8)
        p.text(heading, 12, bold=True)
        p.rule()
        if heading == "教育经历":
            for study in s.studies("m"):
                p.row(
                    f"{study.school} - {study.field} - {study.degree}",
                    span(study, "{Y}年{mm}月", between=" - "),
                    bold=True,
                )
                p.text("GPA：3.6/4.0（专业前10%）  主修课程：传播学概论、统计学、新媒体写作")
        elif heading == "实习与工作经历":
            for job in s.jobs("m"):
                p.row(f"{job.employer} - {job.title}", span(job, "{Y}年{mm}月", "至今", " - "), bold=True)
                p.bullets(job.duties)
        elif heading == "在校经历":
            p.bullets(["获国家励志奖学金两次", "校园歌手大赛海报设计一等奖"])
        else:
            p.text("技能：" + "，".join(s.skills))
            p.text("语言：" + "，".join(f"{name}（{grade}）" for name, grade in s.languages))
    return p.finish()


@sheet("finance-columns", "cn", "docx", "finance", jobs=3)
def finance_columns(s: Seen) -> bytes:
    w = Word()
    left, right = w.halves((5, 12))
    w.into = left
    w.text(s.name, bold=True, size=20)
    for line in (s.person.headline, s.phone, s.email, s.place):
        w.text(line)
    w.text("专业能力", bold=True, size=13)
    for skill in s.skills:
        w.text(skill)
    w.text("职业资格", bold=True, size=13)
    for name in s.certificates:
        w.text(name)
    w.into = right
    w.text("职业经历", bold=True, size=13)
    for job in s.jobs("m"):
        w.text(f"{job.title}", bold=True)
        w.text(f"{job.employer}  |  {span(job, '{Y}年{m}月', '至今')}")
        w.bullets(job.duties)
    w.text("教育情况", bold=True, size=13)
    for study in s.studies("y"):
        w.text(f"{study.school}  |  {study.field}  |  {study.degree}  |  {span(study, '{Y}')}")
    return w.finish()


@sheet("year-first", "cn", "pdf", "teacher", jobs=3)
def year_first(s: Seen) -> bytes:
    p = Paper("serif", 10.5, margin=60)
    p.text(s.name, 20, bold=True)
    p.text(f"应聘：{s.person.headline}")
    p.text(f"电话 {s.phone}    邮箱 {s.email}")
    p.gap(10)
    p.beside("工作", 50, lambda: _years(p, s), align="right")
    p.gap(10)
    p.beside("求学", 50, lambda: _school(p, s), align="right")
    p.gap(10)
    p.beside("证书", 50, "　".join(s.certificates), align="right")
    p.gap(10)
    p.beside("所长", 50, "　".join(s.skills), align="right")
    return p.finish()


def _years(p: Paper, s: Seen) -> None:
    for job in s.jobs("m"):
        p.text(f"{say(job.start, '{Y}年{m}月')}起{'，' + say(job.end, '{Y}年{m}月') + '止' if job.end else '，至今'}")
        p.text(f"{job.employer}　{job.title}", bold=True)
        p.text("，".join(job.duties) + "。")


def _school(p: Paper, s: Seen) -> None:
    for study in s.studies("m"):
        p.text(f"{say(study.start, '{Y}年{m}月')}起，{say(study.end, '{Y}年{m}月')}止")
        p.text(f"{study.school}　{study.field}　{study.degree}", bold=True)
