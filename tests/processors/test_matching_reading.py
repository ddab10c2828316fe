"""What texts say of pay, years, places, languages, teams, start, industries and studies."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.evaluation.reading.experience import idle_years, years_demanded, years_held
from ops.evaluation.reading.fields import job_fields, talent_fields
from ops.evaluation.reading.home import home
from ops.evaluation.reading.pay import expected, offered
from ops.evaluation.reading.tongues import tongues
from processors.matching.advice import advice
from processors.matching.features import availability, field, industry, languages, management, skills
from processors.matching.features.feature import NEUTRAL, NOT_ASKED
from processors.matching.profile import Profile
from processors.matching.reading.background import (
    industries_demanded,
    industries_held,
    studied,
    study_demanded,
)
from processors.matching.reading.items import work_parts
from processors.matching.reading.lexicon import DISCIPLINES, INDUSTRIES
from processors.matching.reading.record import job_profile, talent_profile
from processors.matching.reading.terms import start_weeks, team
from processors.matching.score import score

TODAY = date(2026, 6, 1)


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
     "budget of $200,000 a year", "$15 per hour", "5年以上", ""],
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
    assert tongues(text) == levels


@pytest.mark.parametrize(
    ("text", "size"),
    [("带8人团队", 8), ("管理10人小组", 10), ("leads a team of 12", 12), ("five direct reports", 5), ("有团队管理经验", 3),
     ("worked in a team", None), ("管理3个仓库", None), ("manages 6 engineers", 6)],
)  # fmt: skip
def test_teams(text: str, size: int | None) -> None:
    assert team(text) == size


@pytest.mark.parametrize(
    ("text", "weeks"),
    [("随时到岗", 0), ("一个月内到岗", 4), ("three months' notice", 12), ("available immediately", 0), ("start within 2 weeks", 2),
     ("12 months of experience", None), ("", None)],
)  # fmt: skip
def test_starts(text: str, weeks: int | None) -> None:
    assert start_weeks(text) == weeks


def test_industries_and_studies() -> None:
    assert industries_held("在股份制银行做风控\n金融学专业本科") == ("banking_finance",)
    assert industries_demanded("要有汽车行业经验，电商背景优先") == ("automotive",)
    assert industries_demanded("join a retail chain; you bring SQL") == ()
    assert studied("学历\n某大学 会计学") == studied("本科，会计学") == ("accounting",)
    assert study_demanded("bachelor's degree in Nursing or a related field; retail experience") == ("nursing",)
    assert study_demanded("统计学相关专业优先") == ()
    assert INDUSTRIES.akin("retail", "ecommerce")
    assert DISCIPLINES.akin("accounting", "finance")
    assert not DISCIPLINES.akin("accounting", "nursing")


def test_how_long_ago_something_was_done() -> None:
    text = "工作经历\n2020.06 - 至今 甲公司\n- Kafka\n2014.06 - 2018.06 乙公司\n- MySQL\n\n技能\nJava\n6年前做过：Perl"
    idle = idle_years(text, TODAY)
    assert [round(idle(text.index(word))) for word in ("Kafka", "MySQL", "Java", "Perl")] == [0, 8, 0, 6]
    held = talent(**talent_fields(text, TODAY)).skills
    assert held["kafka"].idle == 0
    assert held["mysql"].idle == pytest.approx(idle(text.index("MySQL")), abs=0.01)


def test_an_ad_is_divided_into_what_it_insists_on() -> None:
    parts = work_parts(
        "Senior Nurse\n要求：\n1. 机械通气，CRRT\n2. 5年以上经验\n3. 本科\n加分项：\n带教\n我们提供：\n五险一金，月薪20k"
    )
    assert parts == ["Senior Nurse", "机械通气", "CRRT"]
    assert work_parts("洗手、巡回，有三年经验者优先") == ["洗手", "巡回"]
    assert work_parts("五险一金") == ["五险一金"], "something is left to compare"


def talent(**fields: Any) -> Profile:
    return talent_profile("t", 1, fields, today=TODAY)


def job(**fields: Any) -> Profile:
    return job_profile("j", 1, fields)


BANK, SHOP = "在银行工作，带5人团队，金融学专业本科，三个月到岗", "零售连锁，会计学专业"


@pytest.mark.parametrize(
    ("feature", "held", "wanted", "code", "expected_score"),
    [(industry, BANK, "要有银行从业经验", "met", 1), (industry, "电商平台运营", "需有零售行业经验", "akin", 0.6),
     (industry, SHOP, "要有银行从业经验", "other", 0), (industry, "", "要有银行从业经验", "unknown", NEUTRAL),
     (industry, BANK, "Java", "not_demanded", NOT_ASKED), (field, BANK, "金融相关专业", "met", 1), (field, SHOP, "金融相关专业", "akin", 0.6),
     (field, "", "金融相关专业", "unknown", NEUTRAL), (field, BANK, "", "not_demanded", NOT_ASKED),
     (management, BANK, "管理10人小组", "known", 1), (management, SHOP, "管理10人小组", "unknown", NEUTRAL),
     (management, SHOP, "", "not_demanded", NOT_ASKED), (availability, BANK, "需四周内到岗", "late", 0),
     (availability, "随时到岗", "需四周内到岗", "in_time", 1), (availability, BANK, "", "unknown", NEUTRAL)],
)  # fmt: skip
def test_what_a_person_would_look_at(feature: Any, held: str, wanted: str, code: str, expected_score: float) -> None:
    found = feature.score(talent(summary=held), job(description=wanted), 0.5)
    assert found.code == code
    assert found.score == pytest.approx(expected_score)


def test_the_level_of_a_language_counts() -> None:
    wanted = job(skills=[{"name": "English", "level": "expert"}])
    scores = [
        languages.score(talent(skills=[{"name": "English", "level": level}]), wanted, 0.5).score
        for level in ("expert", "advanced", "beginner", None)
    ]
    assert scores == [1, 0.5, 0, 0.85]


def test_a_skill_long_unused_counts_less() -> None:
    scores = [
        skills.score(talent(skills=[{"name": "Java", "last_used": used}]), job(skills=[{"name": "Java"}]), 0.5).score
        for used in (None, TODAY, *(TODAY - timedelta(days=years * 365.25) for years in (2, 4, 30)))
    ]
    assert scores == pytest.approx([1, 1, 1, 0.7, 0.5])


@given(st.text(max_size=400), st.sampled_from(["zh", "en"]))
def test_any_text_is_read_and_explained(text: str, language: Any) -> None:
    t = talent(**talent_fields(text, TODAY))
    j = job(**job_fields(text[:50], text))
    assert Profile.from_payload(t.to_payload()) == t
    assert Profile.from_payload(j.to_payload()) == j
    total, features = score(t, j, 0.3, language)
    assert 0 <= total <= 1
    assert total == pytest.approx(sum(f.contribution for f in features), abs=1e-5)
    assert all(f.reason and "{" not in f.reason for f in features)
    assert all(a.gain > 0 for a in advice(t, j, 0.3, language))
