"""What texts say of teams, start, industries and studies, and what it counts in a match."""

from datetime import date, timedelta
from typing import Any

import pytest

from processors.matching.closeness import Closeness
from processors.matching.features import availability, employment, field, industry, languages, management, skills
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

TODAY = date(2026, 6, 1)


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
    found = feature.score(talent(summary=held), job(description=wanted), Closeness(0.5))
    assert found.code == code
    assert found.score == pytest.approx(expected_score)


def test_the_level_of_a_language_counts() -> None:
    wanted = job(skills=[{"name": "English", "level": "expert"}])
    scores = [
        languages.score(talent(skills=[{"name": "English", "level": level}]), wanted, Closeness(0.5)).score
        for level in ("expert", "advanced", "beginner", None)
    ]
    assert scores == [1, 0.5, 0, 0.85]


@pytest.mark.parametrize(
    ("wished", "offered", "code", "reason"),
    [
        ({"employment_types": ["part_time", "casual"]}, {"employment_types": ["full_time"]}, "other",
         "The job is full time; the talent looks for casual work, part time"),
        ({"employment_types": ["part_time"]}, {"employment_types": ["full_time", "part_time"]}, "met",
         "Form of employment as wished: part time"),
        ({"employment_types": ["full_time"], "contracts": ["permanent"]},
         {"employment_types": ["full_time"], "contracts": ["agency"]}, "other",
         "The job is through an agency; the talent looks for permanent"),
        ({"contracts": ["permanent"]}, {"employment_types": ["full_time"]}, "unknown", "Form of employment unknown"),
    ],
)  # fmt: skip
def test_the_form_of_the_work_is_compared_where_both_name_it(
    wished: dict[str, Any], offered: dict[str, Any], code: str, reason: str
) -> None:
    t, j = talent(**wished), job(**offered)
    found = employment.score(t, j, Closeness(0.5))
    assert found.code == code
    assert employment.FEATURE.reason(found, t, j, "en") == reason


@pytest.mark.parametrize(
    ("salary", "monthly"),
    [
        ({"minimum": 20, "maximum": 30, "period": "hour"}, (3467, 5200)),
        ({"minimum": 400, "period": "day"}, (8700, None)),
        ({"minimum": 20_000, "maximum": 30_000, "months": 15}, (25_000, 37_500)),
        ({"minimum": 300_000, "period": "year", "months": 15}, (25_000, None)),
    ],
)
def test_pay_of_every_period_is_compared_by_the_month(salary: dict[str, Any], monthly: tuple[int, int | None]) -> None:
    profile = job(salary=salary)
    assert (profile.salary_min, profile.salary_max) == monthly


@pytest.mark.parametrize(
    ("fields", "remote", "share"),
    [
        ({"workplace": "remote"}, True, 1), ({"workplace": "hybrid"}, False, 0.5), ({"workplace": "on_site"}, False, 0),
        ({"workplace": "hybrid", "remote_share": 0.8}, False, 0.8), ({"remote_share": 1.0}, True, 1),
        ({"remote": True, "workplace": "hybrid"}, True, 0.5), ({"locations": ["远程"]}, True, None), ({}, None, None),
    ],
)  # fmt: skip
def test_where_the_work_is_done(fields: dict[str, Any], remote: bool | None, share: float | None) -> None:
    profile = job(**fields)
    assert (profile.remote, profile.remote_share) == (remote, share)


def test_a_skill_long_unused_counts_less() -> None:
    scores = [
        skills.score(
            talent(skills=[{"name": "Java", "last_used": used}]), job(skills=[{"name": "Java"}]), Closeness(0.5)
        ).score
        for used in (None, TODAY, *(TODAY - timedelta(days=years * 365.25) for years in (2, 4, 30)))
    ]
    assert scores == pytest.approx([1, 1, 1, 0.7, 0.5])
