"""Resumes of Taiwan: job boards, builders, a company's own form, an autobiography, the republic's calendar."""

from html import escape

from ops.evaluation.layout_suite.held_out.when import long, say, span
from ops.evaluation.layout_suite.paper import MAIL, PHONE, Paper
from ops.evaluation.layout_suite.seen import Seen
from ops.evaluation.layout_suite.templates.registry import sheet
from ops.evaluation.layout_suite.word import Word


@sheet("company-form-tw", "tw", "pdf", "office", jobs=3, scanned=True)
def company_form(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text("應徵人員履歷表", 17, bold=True, align="centre")
    p.gap(6)
    y, m, d = s.person.birth
    s.truth.facts["birth"] = f"{y}-{m:02}-{d:02}"
    p.table([("姓名", s.name, "應徵職務", s.person.headline), ("出生日期", f"民國{y - 1911}年{m}月{d}日", "行動電話", s.phone), ("電子郵件", s.email, "居住縣市", s.place)], (0.16, 0.34, 0.16, 0.34))  # fmt: skip
    p.gap(6)
    p.text("【學歷】", bold=True)
    shares = (0.3, 0.3, 0.28, 0.12)
    p.table(
        [
            ("起訖", "學校", "科系", "學位"),
            *((span(t, "{Y}/{mm}", between="~"), t.school, t.field, t.degree) for t in s.studies("m")),
        ],
        shares,
    )
    p.gap(6)
    p.text("【工作經歷】", bold=True)
    rows = [
        (span(j, "{Y}/{mm}", "迄今", "~"), j.employer, j.title, "林主任", "38,000", "生涯規劃" if j.end else "在職")
        for j in s.jobs("m")
    ]
    p.table([("起訖", "公司名稱", "職位", "主管", "薪資", "離職原因"), *rows], (0.23, 0.27, 0.14, 0.1, 0.1, 0.16))
    p.gap(6)
    p.text("【專長證照】", bold=True)
    p.table([("專長", "、".join(s.skills)), ("證照", "、".join(s.certificates))], (0.16, 0.84))
    return p.finish()


@sheet("builder-tw", "tw", "html", "developer")
def builder_tw(s: Seen) -> bytes:
    jobs = "".join(
        f'<div class="item"><h3>{j.title}<span class="dot"> • </span>{escape(j.employer)}</h3><p class="time">{say(j.start, "{Y}年{m}月")} - {say(j.end, "{Y}年{m}月") if j.end else "Present"}'
        f" | {j.city}</p><ul>{''.join(f'<li>{d}</li>' for d in j.duties)}</ul></div>"
        for j in s.jobs("m")
    )
    studies = "".join(
        f'<div class="item"><h3>{t.school}</h3><p>{t.degree} • {t.field}</p><p class="time">{t.start[0]} - {t.end[0]}</p></div>'
        for t in s.studies("y")
    )
    return f"""<html lang="zh-Hant"><head><meta charset="utf-8"></head><body><section><h1>{s.name}</h1><h2>{s.person.headline}</h2><p>{s.place}，台灣</p><p>{s.email}</p><p>{s.phone}</p></section>
<section><h2>工作經歷</h2>{jobs}</section><section><h2>學歷</h2>{studies}</section><section><h2>技能</h2><ul>{"".join(f"<li>{k}</li>" for k in s.skills)}</ul></section>
<section><h2>語言</h2><ul>{"".join(f"<li>{n} — {g}</li>" for n, g in s.languages)}</ul></section></body></html>""".encode()


@sheet("autobiography", "tw", "docx", "office", jobs=3)
def autobiography(s: Seen) -> bytes:
    w = Word()
    w.text("個人履歷", bold=True, size=18)
    w.table([("姓 名", s.name, "手 機", s.phone), ("信 箱", s.email, "現 居 地", s.place)])
    w.text("學歷", bold=True)
    for study in s.studies("y"):
        w.text(f"{study.school} {study.field}（{study.degree}）　{study.start[0]}－{study.end[0]}")
    w.text("經歷", bold=True)
    for job in s.jobs("m"):
        w.text(f"{job.employer}　{job.title}　{span(job, '{Y}.{mm}', '迄今', '－')}")
    w.text("專長", bold=True)
    w.text("、".join(s.skills))
    w.text("自傳", bold=True)
    w.text("我生長於一個小康家庭，父親務農，母親在市場擺攤，從小教我凡事自己來。")
    w.text("求學期間我一邊打工一邊完成學業，學會了與各種人相處。")
    w.text("若有機會進入貴公司，我會把每一天都做好。")
    return w.finish()


@sheet("republic-years", "tw", "docx", "office", jobs=3)
def republic_years(s: Seen) -> bytes:
    w = Word()
    w.text("簡歷表", bold=True, size=18)
    w.text(f"姓名：{s.name}")
    w.text(f"連絡電話：{s.phone}")
    w.text(f"E-mail：{s.email}")
    w.text("最高學歷", bold=True)
    w.table(
        [
            ("學校名稱", "科系", "學位", "修業期間"),
            *((t.school, t.field, t.degree, span(t, "{roc}年{m}月", between="至")) for t in s.studies("m")),
        ]
    )
    w.text("工作經歷", bold=True)
    w.table(
        [
            ("服務單位", "職稱", "任職期間"),
            *((j.employer, j.title, span(j, "{roc}年{m}月", "迄今", "至")) for j in s.jobs("m")),
        ]
    )
    w.text("證照", bold=True)
    for name in s.certificates:
        w.text(name)
    return w.finish()


@sheet("startup-tw", "tw", "pdf", "developer")
def startup(s: Seen) -> bytes:
    p = Paper("sans", 10)
    p.text(s.name, 22, bold=True)
    p.text(s.person.headline, 12, colour="#4a90e2")
    p.icons([(PHONE, s.phone), (MAIL, s.email)])
    p.gap(10)
    p.text("經歷", 14, bold=True)
    for job in s.jobs("m"):
        p.text(job.employer, 11, bold=True)
        p.text(job.title)
        p.text(
            f"{span(job, '{mm}/{Y}', '現在', ' ～ ')}・{long(job, ('年', '年'), ('個月', '個月'), '')}",
            9,
            colour="#999999",
        )
        p.bullets(job.duties)
        p.gap(4)
    p.text("學歷", 14, bold=True)
    for study in s.studies("y"):
        p.text(study.school, 11, bold=True)
        p.text(f"{study.field}・{study.degree}")
        p.text(f"{study.start[0]} ～ {study.end[0]}", 9, colour="#999999")
    p.text("專業技能", 14, bold=True)
    p.text("　".join(s.skills))
    p.text("語言能力", 14, bold=True)
    p.text("　".join(f"{name}（{grade}）" for name, grade in s.languages))
    return p.finish(footer="{page} / {pages}")
