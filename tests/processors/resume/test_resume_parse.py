"""What a resume's text says: fields, places, hostile texts, exports, talents, scoring."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.evaluation.profile import accuracy, score_profile
from processors.resume.degrees import level
from processors.resume.export_hr_open import hr_open
from processors.resume.export_json_resume import json_resume
from processors.resume.history import union
from processors.resume.name_parts import parts
from processors.resume.parse import parse_resume
from processors.resume.schools import marks
from processors.resume.talent import talent
from processors.resume.terms import availability, pay
from schemas.resume import Found, PageBox, ResumeProfile, personal_fields

TODAY = date(2024, 6, 30)
ZH = """个人简历
欧阳文博
男 | 1990年5月 | 138-0013-8000 | wenbo@example.com | 现居地：杭州
求职意向：高级Java开发工程师　　期望城市：上海、杭州
期望薪资：20-30K·14薪　　到岗时间：离职-随时到岗

【工作经历】
2019.03-至今\t云帆科技有限公司\t高级Java开发工程师
• 带领8人团队重构支付网关，精通Java与Kafka
• 接口延迟降低40%
2015/07~2018/08\t华晟软件股份有限公司\t测试工程师
• 使用Python编写自动化测试

教育背景
浙江大学\t计算机科学与技术\t硕士\t2012.09-2015.06

项目经验
智慧园区平台\t核心成员\t2020.01-2020.06
• 设计消息平台

专业技能
Java、Kafka、Python、祖传炼丹术
语言能力
英语（CET-6）；日语：N1
证书
2018年 PMP项目管理专业人士
荣誉奖项
2014年 国家奖学金
"""
EN = """JANE VAN DOE
Senior Software Engineer
jane@example.com | (312) 555-0123 | Chicago, IL | linkedin.com/in/janedoe

PROFESSIONAL EXPERIENCE
Senior Software Engineer, Acme Systems Inc. — Mar 2019 – Present
- Led a team of 5 engineers with Kubernetes
Developer at Initech LLC    Jan '15 - 02/2019
- Built Java services

EDUCATION
University of Texas at Austin    2011 – 2015
Bachelor of Science in Computer Science, GPA: 3.8/4.0

LANGUAGES
English (native), German - B2

REFERENCES
Peter Novak, p.novak@example.com, (312) 555-0190
"""


@pytest.fixture(scope="module")
def zh() -> ResumeProfile:
    return parse_resume(ZH, today=TODAY)


@pytest.fixture(scope="module")
def en() -> ResumeProfile:
    return parse_resume(EN, today=TODAY)


def value(found: Found | None) -> object:
    return found.value if found else None


def test_chinese_resume(zh: ResumeProfile) -> None:
    assert zh.name
    assert (zh.name.value.family, zh.name.value.given) == ("欧阳", "文博")
    assert [p.value for p in zh.phones] == ["+8613800138000"]
    assert (value(zh.gender), value(zh.birth_date)) == ("male", "1990-05")
    assert [p.value for p in zh.target_places] == ["上海", "杭州"]
    assert zh.salary_expected
    assert zh.salary_expected.value.months == 14
    assert zh.availability
    assert (zh.availability.value.days, zh.availability.value.employed) == (0, False)
    assert [(value(w.employer), value(w.title), value(w.start), w.current) for w in zh.work] == [
        ("云帆科技有限公司", "高级Java开发工程师", "2019-03", True),
        ("华晟软件股份有限公司", "测试工程师", "2015-07", False),
    ]
    assert value(zh.work[0].team_size) == 8
    assert zh.work[0].seniority == "senior"
    assert zh.work[0].title_normalised == "java开发工程师"
    assert [(g.start, g.end) for g in zh.gaps] == [("2018-09", "2019-02")]
    assert value(zh.years_total) == 8.5
    (study,) = zh.education
    assert (value(study.school), study.level, value(study.field)) == ("浙江大学", "master", "计算机科学与技术")
    assert "985" in study.marks
    assert [p.name.value for p in zh.projects] == ["智慧园区平台"]
    assert [(s.code, s.level) for s in zh.languages] == [("en", "B2"), ("ja", "C1")]
    assert [(c.name.value, c.date) for c in zh.certificates] == [("PMP项目管理专业人士", "2018")]
    assert [a.title.value for a in zh.awards] == ["国家奖学金"]
    java = next(s for s in zh.skills if s.id == "java")
    assert (java.level, java.months, java.last_used) == ("expert", 64, "2024-06")
    assert any(s.id is None and s.name == "祖传炼丹术" for s in zh.skills)


def test_english_resume(en: ResumeProfile) -> None:
    assert en.name
    assert (en.name.value.family, en.name.value.order) == ("Doe", "given_first")
    assert [e.value for e in en.emails] == ["jane@example.com"]  # a referee's data are not the person's
    assert [p.value for p in en.phones] == ["+13125550123"]
    assert [a.value for a in en.addresses] == ["Chicago, IL"]
    assert en.links[0].value.kind == "linkedin"
    assert [(value(w.employer), value(w.title), value(w.start), value(w.end)) for w in en.work] == [
        ("Acme Systems Inc.", "Senior Software Engineer", "2019-03", None),
        ("Initech LLC", "Developer", "2015-01", "2019-02"),
    ]
    (study,) = en.education
    assert (value(study.school), value(study.field), value(study.grade)) == (
        "University of Texas at Austin", "Computer Science", "3.8/4.0",
    )  # fmt: skip
    assert [(s.code, s.level) for s in en.languages] == [("en", "native"), ("de", "B2")]


@pytest.mark.parametrize("text", [ZH, EN])
def test_spans_are_places_in_the_text(text: str) -> None:
    profile = parse_resume(text, today=TODAY, locate=lambda start, end: [PageBox(1, start, 0, end, 1)])
    for w in profile.work:
        for found in (w.employer, w.title, *w.achievements):
            assert found
            assert found.places
            (span,) = found.spans
            assert text[span.start : span.end] == found.value
            assert found.places[0].left == span.start


def test_pay_and_availability() -> None:
    assert pay("年薪30万", "zh").model_dump(exclude={"months"}) == {
        "minimum": 300_000, "maximum": None, "currency": "CNY", "period": "year",
    }  # fmt: skip
    assert (pay("$120k", "en").currency, pay("15000-20000元/月", "zh").maximum) == ("USD", 20_000)
    assert pay("面议", "zh") is None
    assert [availability(t).days for t in ("两周", "immediately", "一个月内到岗", "2 weeks")] == [14, 0, 30, 14]


def test_names_levels_and_marks() -> None:
    assert parts("WANG Xiaoming").family == "Wang"
    assert parts("Doe, Jane").given == "Jane"
    assert [level(t) for t in ("Ph.D.", "M.Sc.", "本科", "大专", "High School")] == [
        "doctorate", "master", "bachelor", "associate", "high_school",
    ]  # fmt: skip
    assert marks("南京邮电大学") == ("double_first_class",)
    assert marks("湖南科技大学") == ()


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 60)).map(lambda t: (t[0], t[0] + t[1])), max_size=12))
def test_union_counts_each_month_once(spans: list[tuple[int, int]]) -> None:
    months = {m for a, b in spans for m in range(a, b)}
    assert [m for a, b in union(spans) for m in range(a, b)] == sorted(months)


@settings(max_examples=60)
@given(st.text(st.sampled_from("ab1 2019.-至今工作经历教育背景大学公司\t\n|:：@+()【】，"), max_size=300))
def test_any_text_gives_a_profile(text: str) -> None:
    profile = parse_resume(text, today=TODAY)
    assert ResumeProfile.model_validate_json(profile.model_dump_json()) == profile


def test_exports_and_talent(zh: ResumeProfile, en: ResumeProfile) -> None:
    assert json_resume(en)["work"][0]["position"] == "Senior Software Engineer"
    assert json_resume(zh)["education"][0]["studyType"] == "硕士"
    assert hr_open(zh)["person"]["name"]["family"] == "欧阳"
    json.dumps([json_resume(zh), hr_open(en)])
    made = talent(zh, ZH)
    assert (made.name, made.education_level, made.title) == ("欧阳文博", "master", "高级Java开发工程师")
    assert made.employments
    assert made.employments[0].start == date(2019, 3, 1)
    assert talent(parse_resume("")).model_dump(exclude_none=True) == {"language": "zh"}


def test_half_of_a_position_stays_in_the_talent() -> None:
    text = "Nadia Example\nnadia@example.com\n\nExperience\n\nQuayside Dental Surgery\t2014 - 2019\n• Kept the appointment book\n"
    (kept,) = talent(parse_resume(text), text).employments or ()
    assert (kept.company, kept.title, kept.start, kept.end) == (
        "Quayside Dental Surgery", None, date(2014, 1, 1), date(2019, 1, 1),
    )  # fmt: skip


def test_personal_data_is_marked() -> None:
    assert {"name", "emails", "phones", "birth_date"} <= set(personal_fields(ResumeProfile))


def test_scoring(zh: ResumeProfile) -> None:
    truth = {
        "name": "欧阳文博", "phones": ["13800138000"], "work": [{"employer": "云帆科技有限公司", "start": "2019"}],
        "education": [{"school": "浙江大学", "level": "本科"}], "skills": ["Java", "COBOL"],
    }  # fmt: skip
    fields = accuracy([score_profile(truth, zh, ZH)])["fields"]
    assert {f: fields[f]["accuracy"] for f in ("name", "phone", "work.start", "education.degree", "skills")} == {
        "name": 1, "phone": 1, "work.start": 1, "education.degree": 0, "skills": 0.5,
    }  # fmt: skip
    assert fields["work.made_up"]["items"] == 1


def test_projects_inside_a_position_belong_to_it() -> None:
    text = (
        "工作经历\n云帆科技有限公司\t高级Java工程师\t2019.03-至今\n- 负责平台\n项目一：交易系统（2019.03-2020.01）\n- 用Redis做缓存\n"
        "项目名称：风控平台\n- 用Kafka\n大海科技有限公司\tJava工程师\t2015.03-2019.02\n- 写代码\n"
    )
    first, second = parse_resume(text, today=TODAY).work
    trading, risk = first.projects
    assert (trading.name.value, trading.start and trading.start.value, trading.end and trading.end.value) == (
        "交易系统", "2019-03", "2020-01",
    )  # fmt: skip
    assert risk.name.value == "风控平台"
    assert "kafka" in risk.skills
    assert "redis" in trading.skills
    assert [a.value for a in trading.achievements] == ["用Redis做缓存"]
    assert second.projects == ()
    english = parse_resume(
        "Experience\nAcme Inc\nEngineer\n2019 - 2021\n- Led it\nProject: Atlas\n- Built maps\n", today=TODAY
    )
    assert [p.name.value for p in english.work[0].projects] == ["Atlas"]


def test_an_employer_and_a_title_without_a_space_are_told_apart() -> None:
    (job,) = parse_resume("工作经历\n2019.03 - 2020.04\t新纪元服务股份有限公司招聘专员\n- 招人\n", today=TODAY).work
    assert (job.employer and job.employer.value, job.title and job.title.value) == (
        "新纪元服务股份有限公司",
        "招聘专员",
    )
    (job,) = parse_resume("工作经历\n2019.03 - 2020.04\t新纪元服务有限公司北京分公司\t会计\n", today=TODAY).work
    assert job.employer
    assert job.employer.value == "新纪元服务有限公司北京分公司"


def test_a_university_keeps_its_campus() -> None:
    (study,) = parse_resume(
        "Education\nBSc Physics, University of California, San Diego, 2010 - 2013\n", today=TODAY
    ).education
    assert study.school
    assert study.school.value == "University of California, San Diego"


def test_listed_names_are_skills_that_would_be_words_elsewhere() -> None:
    ids = {s.id for s in parse_resume("Skills\nRust\nSwift, frobnication\n").skills if not s.implied}
    assert {"rust", "swift", None} <= ids


def test_numbers_that_a_scan_read_as_letters() -> None:
    text = "电话：138OO138000\n工作经历\n2019.O3-2020.l2 云帆科技有限公司高级Java工程师\n2018年3月一2019年1月 大海有限公司 工程师\n"
    p = parse_resume(text, today=TODAY)
    assert [n.value for n in p.phones] == ["+8613800138000"]
    assert [(w.start and w.start.value, w.end and w.end.value) for w in p.work] == [
        ("2019-03", "2020-12"),
        ("2018-03", "2019-01"),
    ]
    assert p.work[0].employer
    assert p.work[0].employer.value == "云帆科技有限公司"
    assert p.work[0].start
    assert text[slice(*p.work[0].start.spans[0])] == "2019.O3"


def of(text: str) -> ResumeProfile:
    return parse_resume(text, today=TODAY)


def test_a_name_that_is_also_a_title_is_known_by_the_mailbox() -> None:
    profile = of("Jane Developer\nFull Stack Engineer\njane.developer@example.com\n")
    assert profile.name
    assert (profile.name.value.full, profile.headline.value) == ("Jane Developer", "Full Stack Engineer")  # type: ignore[union-attr]
    assert of("Senior Developer\njane.roe@example.com\n").name is None


def test_what_stands_below_the_name_is_a_headline() -> None:
    profile = of("Maya Okonkwo\nComputer Science Graduate\nmaya@example.com | Seattle, WA\n")
    assert profile.headline
    assert profile.headline.value == "Computer Science Graduate"
    assert of("Maya Okonkwo\nSeattle, WA\nmaya@example.com\n").headline is None


def test_times_in_a_column_beside_the_bullets() -> None:
    (first, second) = of(
        "Ann Lee\nExperience\nNexus AI, Co-Founder & CTO\tSan Francisco, CA\n• Built things\tJune 2023 – present\nmore\t2 years\n"
        "NVIDIA Research, Research Intern\tSanta Clara, CA\n• Cut memory by 4.2x\tMay 2022 – Aug 2022\n"
    ).work
    assert first.employer
    assert first.title
    assert first.start
    assert first.description
    assert (first.employer.value, first.title.value, first.current) == ("Nexus AI", "Co-Founder & CTO", True)
    assert first.location
    assert first.location.value == "San Francisco, CA"
    assert "Built things" in first.description.value
    assert (first.start.value, second.end.value) == ("2023-06", "2022-08")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("line", "school", "degree", "field"),
    [
        (
            "University of Washington, Bachelor of Science, Computer Science    2021-09 - 2025-06",
            "University of Washington",
            "Bachelor of Science",
            "Computer Science",
        ),
        (
            "PhD\tPrinceton University, PhD in Computer Science – Princeton, NJ\tSept 2018 – May 2023",
            "Princeton University",
            "PhD",
            "Computer Science",
        ),
    ],
)
def test_a_study_on_one_line(line: str, school: str, degree: str, field: str) -> None:
    (study,) = of(f"Ann Lee\nEducation\n{line}\n").education
    assert study.school
    assert study.degree
    assert study.field
    assert (study.school.value, study.degree.value, study.field.value) == (school, degree, field)


@pytest.mark.parametrize(
    ("text", "employer", "title"),
    [
        ("工作经历\n2018.06 - 至今 蚂蚁集团 体验技术部\n• 做事\n", "蚂蚁集团", None),
        ("工作经历\n2017.06 - 2017.12 蚂蚁金服 大数据部\n前端实习生。使用 React 开发\n", "蚂蚁金服", "前端实习生"),
        ("工作经历\n博远咨询有限公司\nHRBP\t2022.04 - 2024.04\n• 做事\n", "博远咨询有限公司", "HRBP"),
        ("Work Experience\nCrestline Energy Corp.\nElectrical Supervisor    Nov 2019 to present\n", "Crestline Energy Corp.",
         "Electrical Supervisor"),
        ("Work Experience\nData Analyst (Contract), Freelance    2024-08 - 2025-04\n", "Freelance", "Data Analyst (Contract)"),
        ("Work Experience\nBeacon Accountants\tMar 2025 – Present\nAccountant, San Francisco\n", "Beacon Accountants", "Accountant"),
    ],
)  # fmt: skip
def test_who_employed_whom_as_what(text: str, employer: str, title: str | None) -> None:
    (position,) = of(text).work
    assert position.employer
    assert (position.employer.value, position.title and position.title.value) == (employer, title)


def test_labels_in_a_table_that_are_headings_elsewhere() -> None:
    profile = of("姓名\t苏海燕\t手机\t13902237021\n意向岗位\t专职律师\t期望工作地\t南京\n户籍\t陕西西安\n教育情况\n")
    assert [r.value for r in profile.target_roles] == ["专职律师"]
    assert [p.value for p in profile.target_places] == ["南京"]
    assert profile.addresses == ()


@pytest.mark.parametrize("text", ["DOB: 13/10/1985", "Campus App\tContributor\t11/2016 - 06/2017"])
def test_dates_are_no_phones(text: str) -> None:
    assert of(f"Ann Lee\n{text}\n").phones == ()


def test_a_template_without_a_name_has_none() -> None:
    profile = of("姓名\n前端工程师 | 浙江杭州\n736@example.com\n")
    assert profile.name is None
    assert profile.headline
    assert (profile.headline.value, profile.addresses[0].value) == ("前端工程师", "浙江杭州")
