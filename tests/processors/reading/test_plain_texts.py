"""What the plain texts of CVs and job ads say: pay, years, places, languages, skills."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.evaluation.match import job_fields, talent_fields
from processors.fairness import impersonal, without_origin
from processors.matching.advice import advice
from processors.matching.profile import Profile
from processors.matching.reading.record import job_profile, talent_profile
from processors.matching.score import score, total_score
from processors.reading.cv import headline
from processors.reading.experience import idle_years, years_demanded, years_held
from processors.reading.gaps import read
from processors.reading.home import home
from processors.reading.pay import expected, offered
from processors.reading.tongues import tongues
from processors.skills import extract_skills
from schemas.base import Language

TODAY = date(2026, 6, 1)
CV = """Senior Java Developer
{private}
8 years of experience with Spring Boot, Kafka and MySQL in Shanghai. Willing to relocate.
Master of Science. Fluent English."""
AD = "Required: Java, Kafka, PostgreSQL. 5+ years of experience. Bachelor. Beijing."
private = st.sampled_from(
    ["Sex: male", "Gender: Female", "性别：女", "年龄：35", "Age: 52", "35岁", "born in 1971", "出生年月：1990年3月",
     "Marital status: married", "婚姻状况：已婚", "民族：汉族", "籍贯：山东", "Religion: none", "Nationality: Chinese", "女",
     "Date of birth: 1 May 1980", "aged 44", "Photo: me.png", "Name: Anna Smith", "姓名：王芳", "已婚已育", "50 years old"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "low", "high", "currency", "period"),
    [("月薪35-45k", 35_000, 45_000, "CNY", "month"), ("年薪30-40万", 300_000, 400_000, "CNY", "year"),
     ("薪资1.2-1.6万/月", 12_000, 16_000, "CNY", "month"), ("14K-19K", 14_000, 19_000, "CNY", "month"),
     ("待遇：8000-12000元", 8_000, 12_000, "CNY", "month"), ("annual package RMB 144,000-192,000", 144_000, 192_000, "CNY", "year"),
     ("$120k - $150k a year", 120_000, 150_000, "USD", "year"), ("Salary: £45,000 per annum", 45_000, None, "GBP", "year"),
     ("CTC 12 LPA", 1_200_000, None, "INR", "year"), ("Pay: HKD 40,000 a month", 40_000, None, "HKD", "month")],
)  # fmt: skip
def test_offers_are_read(text: str, low: float, high: float | None, currency: str, period: str) -> None:
    assert offered(f"We hire in 2026.\n{text}") == {
        "minimum": low, "maximum": high, "currency": currency, "period": period,
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["年签约额两千万", "a team of 12", "销售额5000万元", "Revenue of $5 million to $8 million", "2019.03-2021.06", "tel 13800138000",
     "budget of $200,000 a year", "5年以上", ""],
)  # fmt: skip
def test_other_amounts_are_no_pay(text: str) -> None:
    assert offered(text) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("目前月薪20k，期望25k", 25_000),
        ("current CNY 18k, expected CNY 22k a month", 22_000),
        ("目前月薪20k", None),
        ("期望月薪：15k", 15_000),
    ],
)
def test_what_is_wanted_is_not_what_is_earned(text: str, wanted: float | None) -> None:
    found = expected(text)
    assert (found and found["minimum"]) == wanted


@pytest.mark.parametrize(
    ("text", "years"),
    [("教龄十一年", 11), ("nine years, the last six in ICU", 9), ("四年", 4), ("1998年毕业", None), ("", None), ("200 years", None),
     ("应届毕业生", 0.5), ("6年前做过前端", None),
     ("工作经历\n2020.06 - 至今 某公司 会计\n2016.06 - 2020.06 某厂 会计\n教育背景\n2012.09 - 2016.06 某大学 会计学", 10.0),
     ("Experience\nDeveloper, Acme (06/2023 - present)\n\nEducation\nMay 2015 - June 2019\nSome College", 3.0),
     ("数学老师，公立学校 2022.06 - 至今", 4.0), ("2 years of experience\n2016.06 - 至今 某公司", 10.0)],
)  # fmt: skip
def test_years_held(text: str, years: float | None) -> None:
    assert years_held(text, TODAY) == years


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("3年以上工作经验", 3, None), ("1、5年以上前端开发经验", 5, None), ("1.三年以上工作经验", 3, None), ("经验2至4年\n6. 大专", 2, 4), ("5-7 years of experience", 5, 7), ("应届生可投", 0, None),
     ("We have been in business for 20 years. Entry level.", 0, None), ("公司成立15年，深耕行业20年", None, None),
     ("有3年以上经验者优先", None, None), ("a minimum of 8 years in a similar role", 8, None), ("", None, None)],
)  # fmt: skip
def test_years_demanded(text: str, low: float | None, high: float | None) -> None:
    assert years_demanded(text) == (low, high)


@pytest.mark.parametrize(
    ("text", "towns"),
    [("会计，现居上海。此前在杭州工作三年。", ["shanghai"]), ("期望城市：成都、北京", ["chengdu"]), ("毕业于武汉大学。在苏州某厂任职。", ["suzhou"]),
     ("Nurse\nUniversity of London\nBased in Berlin", ["berlin"]), ("2016 - 2019 北京某公司\n2019 - 至今 广州某公司", ["guangzhou"]), ("", [])],
)  # fmt: skip
def test_where_somebody_lives(text: str, towns: list[str]) -> None:
    assert home(text) == towns
    assert home("x" * 300 + "\n" + text) == towns


@pytest.mark.parametrize(
    ("text", "levels"),
    [("CET-4", {"english": 1}), ("英语六级，可书面沟通", {"english": 3}), ("fluent English, basic German", {"english": 4, "german": 1}),
     ("日语N1，可商务会谈", {"japanese": 4}), ("英语", {"english": None}), ("Japanese N2 or better", {"japanese": 3}), ("Java", {})],
)  # fmt: skip
def test_languages_with_levels(text: str, levels: dict[str, int | None]) -> None:
    assert tongues(text, extract_skills(text)) == levels


def test_how_long_ago_something_was_done() -> None:
    text = "工作经历\n2020.06 - 至今 甲公司\n- Kafka\n2014.06 - 2018.06 乙公司\n- MySQL\n\n技能\nJava\n6年前做过：Perl"
    idle = idle_years(text, TODAY)
    assert [round(idle(text.index(word))) for word in ("Kafka", "MySQL", "Java", "Perl")] == [0, 8, 0, 6]
    held = talent_profile("t", 1, talent_fields(text, TODAY), today=TODAY).skills
    assert held["kafka"].idle == 0
    assert held["mysql"].idle == pytest.approx(idle(text.index("MySQL")), abs=0.01)


def test_a_cv_is_read() -> None:
    fields = talent_fields(CV.format(private="a@example.com"))
    assert fields["title"] == "Senior Java Developer"
    assert {"java", "spring-boot", "apache-kafka", "mysql", "english"} >= {"java"}
    assert {s["name"] for s in fields["skills"]} >= {"java", "spring-boot", "mysql", "english"}
    assert (fields["years_experience"], fields["education_level"], fields["locations"], fields["relocates"]) == (
        8, "master", ["shanghai"], True,
    )  # fmt: skip


def test_a_job_ad_is_read() -> None:
    fields = job_fields("服务端工程师", "北京。必须精通Java，五年以上经验，本科；有Kafka经验优先。月薪35-45k。可远程。")
    required = {s["name"]: s["required"] for s in fields["skills"]}
    assert required["Java语言"] is True
    assert not all(required.values())
    assert (fields["years_experience_min"], fields["education_level"], fields["remote"]) == (5, "bachelor", True)
    assert (fields["salary"]["minimum"], fields["salary"]["maximum"]) == (35_000, 45_000)
    assert job_fields("Cook", "Good food.")["salary"] is None


def test_headlines() -> None:
    assert headline("John Miller\nQA Engineer - Infosys\n5 years") == "QA Engineer"
    assert headline("王芳，财务会计，北京") == "财务会计"
    assert headline("nothing to see") is None
    assert headline("Backend Developer at Acme (2019-2022): built things") == "Backend Developer"


def test_a_degree_is_no_headline_and_a_position_below_is_one() -> None:
    studied = "Bachelor of Engineering in Computer Science, University of Leeds, 2016-2020. Minor in Data Science."
    assert headline(studied) is None
    below = (
        f"{studied}\n{'Built a search engine for reports. ' * 40}\nSearch Engineer at E-commerce Company (2020-2024): x"
    )
    assert headline(below) == "Search Engineer"
    assert headline(f"{'x' * 990}\nSearch Engineer at E-commerce Company") is None, "a clause that was cut is none"
    assert headline("Master Electrician\n15 years on sites") == "Master Electrician"


def test_what_an_ad_offers_or_says_of_hiring_is_no_skill() -> None:
    def named(title: str, text: str) -> set[str]:
        return {s["name"] for s in job_fields(title, text)["skills"]}

    assert named("Nurse", "We are hiring a nurse. Insurance, paid leave. IV therapy.") == {"IV Therapy"}
    assert named("Java工程师", "我们在杭州招聘Java工程师。五险一金，年度体检。精通Java，英语六级。") == {
        "Java语言",
        "英语",
    }
    assert "招聘" in named("招聘专员", "负责招聘与面试。")
    assert "Recruiting" in named("Recruiter", "Experience in recruiting engineers.")


def total(cv: str) -> float:
    talent = talent_profile("t", 1, talent_fields(cv))
    return total_score(talent, job_profile("j", 1, job_fields("Java Engineer", AD)), 0.5)


@given(st.lists(private, max_size=4), st.lists(private, max_size=4))
def test_protected_attributes_in_a_text_change_nothing(a: list[str], b: list[str]) -> None:
    first, second = (CV.format(private="\n".join(lines)) for lines in (a, b))
    assert impersonal(first).split() == impersonal(second).split()
    assert total(first) == total(second)


@given(st.text(max_size=400), st.sampled_from(["zh", "en"]))
def test_any_text_is_read_and_explained(text: str, language: Language) -> None:
    t = talent_profile("t", 1, talent_fields(text, TODAY), today=TODAY)
    j = job_profile("j", 1, job_fields(text[:50], text))
    assert Profile.from_payload(t.to_payload()) == t
    assert Profile.from_payload(j.to_payload()) == j
    total, features = score(t, j, 0.3, language)
    assert 0 <= total <= 1
    assert total == pytest.approx(sum(f.contribution for f in features), abs=1e-5)
    assert all(f.reason and "{" not in f.reason for f in features)
    assert all(a.gain > 0 for a in advice(t, j, 0.3, language))


@pytest.mark.parametrize("said", ["婚姻状况：未婚", "已婚已育", "男", "民族：藏族", "40岁", "1970年生", "  已婚  "])
@pytest.mark.parametrize("after", ["客户支持专员\n联系信息\n[姓名]", "王建国\n会计", "Java 开发工程师"])
def test_a_line_that_says_who_somebody_is_leaves_no_trace(said: str, after: str) -> None:
    text = f"{after}\n工作经历\n2019.03-2023.05 明川食品 会计\n做账"
    assert impersonal(f"{said}\n{text}") == impersonal(text)
    assert without_origin(f"{said}\n{text}") == text
    assert read("talent", "", f"{said}\n{text}", "2026-01-01") == read("talent", "", text, "2026-01-01")
