"""Advice on resumes: every point has a reason and a place, demand is counted, nothing personal counts."""

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.advice import Corpus, ad_job, advise, analyse, assess, fitting_jobs, recommend, stored_job, target_role
from processors.advice.demand import Target, target_job
from processors.advice.jobs import PREFERRED, REQUIRED
from processors.advice.titles import TitleIndex, domains, features
from processors.advice.wording import has_number, is_weak
from processors.resume.parse import parse_resume
from schemas.advice import Quality

TODAY = date(2024, 6, 30)
ZH = """李晓明
手机：138 0013 8000　邮箱：lixm@example.com
求职意向：后端开发工程师

个人总结
六年后端开发经验，主导过日均三千万请求的订单系统重构。

工作经历
2021.03 - 至今　星河网络科技有限公司　高级后端工程师
- 重构订单服务，将接口平均延迟从 320ms 降到 90ms
- 带领 5 人小组完成微服务拆分，发布周期由两周缩短为两天
2018.07 - 2021.02　蓝湖信息技术有限公司　Java开发工程师
- 开发支付网关，支撑 12 家银行渠道，支付成功率提高 3.2%
- 优化 MySQL 慢查询 40 余条，报表耗时缩短 75%

教育经历
2014.09 - 2018.06　华中科技大学　计算机科学与技术　本科

专业技能
精通 Java、Spring Boot、MySQL；熟悉 Redis、Kafka、Docker、Kubernetes
"""
EN = """Emily Carter
emily.carter@example.com | +44 20 7946 0123

Experience
Product Designer, Northwind Payments Ltd, London
March 2022 - Present
- Responsible for the onboarding
  of new customers in 2 markets
- Helped with the design system
- Worked on various tasks
Senior Product Designer, Bluebird Labs Ltd, Leeds
June 2019 - January 2020
- Was involved in usability tests

Education
BA Graphic Design, University of Leeds, 2013 - 2016

Skills
Figma, Sketch, User research, Prototyping, Design systems
"""
JOBS = [
    stored_job("a", {"title": "Backend Engineer", "skills": [{"name": "Java"}, {"name": "Kafka"}, {"name": "Go"}]}),
    stored_job(
        "b", {"title": "高级后端开发工程师", "skills": [{"name": "Kafka"}, {"name": "Redis缓存"}, {"name": "Java"}]}
    ),
    stored_job(
        "c", {"title": "Accountant", "skills": [{"name": "SAP"}, {"name": "Excel"}, {"name": "General ledger"}]}
    ),
    stored_job("d", {"title": "Platform wizard", "skills": [{"name": "Kafka"}, {"name": "Redis"}, {"name": "Java"}]}),
]
CORPUS = Corpus.of(JOBS)


def quality(text: str) -> Quality:
    return assess(parse_resume(text, today=TODAY), text, TODAY)


def codes(text: str) -> set[str]:
    return {one.code for one in quality(text).advice}


def test_a_good_resume_loses_nothing() -> None:
    assert quality(ZH) == Quality(completeness=100, score=100)


def test_every_lost_point_has_a_reason_in_the_language_and_its_place() -> None:
    found = quality(EN)
    assert {a.code for a in found.advice} == {"summary_missing", "gap_unexplained", "weak_wording", "too_short"}
    assert found.score == 100 - sum(a.points for a in found.advice)
    assert found.completeness == 90
    weak = next(a for a in found.advice if a.code == "weak_wording")
    assert [EN[s.start : s.end] for s in weak.evidence] == [
        "Helped with the design system", "Worked on various tasks", "Was involved in usability tests",
    ]  # fmt: skip
    gap = next(a for a in found.advice if a.code == "gap_unexplained")
    assert {EN[s.start : s.end] for s in gap.evidence} == {"March 2022", "January 2020"}
    assert "25 months" in gap.text


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("手机：138 0013 8000　邮箱：lixm@example.com\n", "", "contact_missing"),
        ("2018.07 - 2021.02　蓝湖", "蓝湖", "dates_missing"),
        ("2018.07 - 2021.02", "2018.07 - 2019.02", "gap_unexplained"),
        ("六年后端开发经验", "吃苦耐劳，有责任心，六年后端开发经验", "cliches"),
        ("\n教育经历\n2014.09 - 2018.06　华中科技大学　计算机科学与技术　本科\n", "", "education_missing"),
        ("2021.03 - 至今", "2015.01 - 2018.06", "order"),
        ("求职意向", "婚姻状况：已婚\n求职意向", "private_details"),
        ("\n专业技能\n", "\n另外\n", "skills_missing"),
        (
            "- 带领",
            "".join(f"- 将{i}份凭证与合同台账归档并整理会议纪要和往来邮件\n" for i in range(200)) + "- 带领",
            "too_long",
        ),
    ],
)
def test_a_planted_weakness_is_found_and_nothing_else(before: str, after: str, code: str) -> None:
    assert before in ZH
    assert codes(ZH.replace(before, after)) == {code}


def test_a_gap_that_is_explained_or_spent_studying_is_none() -> None:
    gap = ZH.replace("2018.07 - 2021.02", "2018.07 - 2019.02")
    assert codes(gap.replace("六年", "2019 至 2021 年创业。六年")) == set()
    studies = "教育经历\n2019.03 - 2021.01　武汉大学　软件工程　硕士"
    assert codes(gap.replace("教育经历", studies)) == set()


def test_little_text_and_text_without_headings_are_told_apart() -> None:
    assert "too_short" in codes("张伟\n电话：13712345678\n教育经历\n2021.09 - 2024.06　某某学院　文秘　大专\n")
    flat = quality(" ".join(re.sub(r"Experience|Education|Skills", "", EN).split()) * 2)
    assert {"headings_missing"} <= {a.code for a in flat.advice}
    assert not {"work_missing", "education_missing", "skills_missing"} & {a.code for a in flat.advice}


@pytest.mark.parametrize(
    "said", ["性别：男", "性别：女", "民族：回族", "婚姻状况：未婚", "年龄：52", "宗教信仰：佛教", "籍贯：河南"]
)
def test_what_is_personal_changes_no_score_and_no_recommendation(said: str) -> None:
    def advice(text: str) -> tuple[object, ...]:
        profile = parse_resume(text, today=TODAY)
        found = advise(profile, text, target=target_role("后端", CORPUS), corpus=CORPUS, today=TODAY)
        return found.quality.score, found.quality.completeness, found.skills, found.jobs, found.experience

    text = ZH.replace("求职意向", f"{said}\n求职意向")
    assert codes(text) == {"private_details"}
    assert advice(text) == advice(ZH)


def test_results_and_duties_are_told_apart() -> None:
    assert is_weak("负责订单系统的维护")
    assert is_weak("Responsible for the ledger")
    assert is_weak("参与 Python3 项目")
    assert not is_weak("负责订单系统，响应时间缩短 40%")
    assert not is_weak("Led the ledger team")
    assert all(map(has_number, ("提升30%", "saved $3,000", "a team of three", "效率翻倍", "缩短两周", "200,000 users")))
    assert not any(map(has_number, ("用 Python3 和 H5 开发", "Wrote Vue2 components", "提升了效率")))


def test_experience_is_read_from_dates_and_titles() -> None:
    seen = analyse(parse_resume(ZH, today=TODAY), TODAY)
    assert [(s.seniority, s.change, s.months) for s in seen.path] == [(None, None, 32), ("senior", None, 40)]
    assert (seen.stability.employers, seen.stability.mean_months, seen.stability.short) == (2, 36.0, 0)
    assert seen.domains == {"backend": 6.0}
    assert (seen.years, seen.months_since_work, seen.education) == (6.0, 0, "bachelor")
    english = analyse(parse_resume(EN.replace("Product Designer, North", "Junior Designer, North"), today=TODAY), TODAY)
    assert english.progression == "falling"
    assert english.path[-1].change == "down"
    assert english.stability.short == 1


def test_stays_at_one_employer_are_one_and_internships_none() -> None:
    text = (
        "张三\n工作经历\n2023.01 - 至今　蓝湖信息技术有限公司　技术主管\n2020.01 - 2022.12　蓝湖信息技术有限公司　开发工程师\n"
        "2019.06 - 2019.09　星河网络科技有限公司　开发实习生\n"
    )
    seen = analyse(parse_resume(text, today=TODAY), TODAY)
    assert (seen.stability.employers, seen.stability.mean_months, seen.stability.short) == (1, 54.0, 0)
    assert len(seen.path) == 3
    assert analyse(parse_resume("张三", today=TODAY), TODAY).stability.mean_months is None


def test_titles_meet_across_languages() -> None:
    index = TitleIndex.of(job.title for job in JOBS)
    assert index.closeness("Backend Engineer", "资深服务端工程师") > 0.9
    assert index.closeness("Backend Engineer", "Accountant") == 0
    assert domains("Senior Java Developers") == ["backend"]
    assert "#java" in features("Java开发工程师")
    assert features("") == frozenset()


@given(st.text(max_size=40), st.text(max_size=40))
@settings(max_examples=20, deadline=None)
def test_closeness_is_bounded(one: str, other: str) -> None:
    assert 0 <= CORPUS.titles.closeness(one, other) <= 1.000001
    if features(one):
        assert CORPUS.titles.closeness(one, one) == pytest.approx(1)


def test_demand_is_counted_in_jobs_like_the_target_under_any_title() -> None:
    target = target_role("Backend Engineer", CORPUS)
    assert [job.id for job, _ in target.jobs] == ["a", "b", "d"]  # d has no title like it, but its skills
    kafka, *others = recommend(["Java"], target, CORPUS, "en")
    assert (kafka.skill, kafka.asking, kafka.jobs, kafka.job_ids) == ("kafka", 3, 3, ("a", "b", "d"))
    assert "3 of the 3 jobs" in kafka.text
    assert {o.skill for o in others} == {"redis", "go"}
    assert not target_role("Astronaut", CORPUS).jobs
    assert recommend(["Java"], Target("x", []), CORPUS, "en") == []


def test_what_is_held_or_implied_is_not_recommended() -> None:
    target = target_role("后端开发工程师", CORPUS)
    assert "java" not in {s.skill for s in recommend(["Spring Boot"], target, CORPUS, "zh")}
    one = target_job(ad_job("x", "Dev", "Requirements: Spring Boot. Nice to have: Java, Docker."))
    found = recommend([], one, CORPUS, "en")
    assert [s.skill for s in found] == ["spring-boot", "docker"]  # Java follows from Spring Boot
    assert found[0].text.startswith("Add Spring Boot: the job")


def test_a_skill_without_translation_is_named_in_its_own_language_only() -> None:
    job = stored_job(
        "x", {"title": "Dev", "skills": [{"name": "蓝雾诀"}, {"name": "blue fog art"}, {"name": "Zorbflow"}]}
    )
    assert {s.name for s in recommend([], target_job(job), Corpus.of([job]), "zh")} == {"蓝雾诀", "Zorbflow"}
    assert {s.name for s in recommend([], target_job(job), Corpus.of([job]), "en")} == {"blue fog art", "Zorbflow"}


def test_records_and_ads_say_what_they_want() -> None:
    job = stored_job("x", {"title": "Dev", "skills": [{"name": "Go语言"}, {"name": "K8s", "required": False}]})
    assert job.skills == {"go": REQUIRED, "kubernetes": PREFERRED}
    ad = ad_job("y", "Java Developer", "Must have: Kafka. Redis is a plus. 3+ years of experience.")
    assert ad.skills == {"java": REQUIRED, "kafka": REQUIRED, "redis": PREFERRED}
    assert ad.years_min == 3


def test_fitting_jobs_have_reasons() -> None:
    best, *others = fitting_jobs("后端工程师", 4.0, ["Java", "Kafka"], CORPUS, "zh")
    assert best.job_id in {"a", "b"}
    assert set(best.held) == {"java", "kafka"}
    assert "c" not in {o.job_id for o in others}
    assert any("还缺" in reason for reason in best.reasons)
    timed = Corpus.of([stored_job("t", {"title": "Backend Engineer", "years_experience_min": 3, "seniority": "mid"})])
    (only,) = fitting_jobs("Backend Engineer", 4.0, [], timed, "en")
    assert only.reasons[1:] == ("3 years are asked for; you have 4.", "The level is yours.")


def test_without_jobs_the_rest_is_said() -> None:
    found = advise(parse_resume(ZH, today=TODAY), ZH, today=TODAY)
    assert (found.skills, found.jobs, found.target, found.language) == ((), (), None, "zh")


@pytest.mark.parametrize("hostile", ["1,1.", "一", "负责", "团队", "¥", "- 负责\n", "。", "婚姻", "{0}{x}"])
def test_hostile_texts_come_to_an_end(hostile: str) -> None:
    text = "工作经历\n2020.01 - 至今　蓝湖信息技术有限公司　开发工程师\n" + hostile * (20_000 // len(hostile))
    assert 0 <= quality(text).score <= 100


@pytest.mark.parametrize(
    ("lines", "code", "absent"),
    [
        ("十五年财务经验，先后服务于三家公司。", "work_unread", "work_missing"),
        ("I have 15 years of experience in care homes.", "work_unread", "work_missing"),
        ("Reach me: anna at example dot com", "contact_unread", "contact_missing"),
        ("She graduated from a polytechnic in the north.", "education_unread", "education_missing"),
    ],
)
def test_an_absence_is_not_claimed_where_the_text_speaks_of_it(lines: str, code: str, absent: str) -> None:
    text = f"Summary\n{lines}\n\nSkills\nBookkeeping, Excel, SAP\n\nInterests\nChess"
    profile = parse_resume(text, today=TODAY).model_copy(
        update={"work": (), "projects": (), "education": (), "emails": (), "phones": ()}
    )
    said = {a.code: a for a in assess(profile, text, TODAY).advice}
    assert code in said
    assert absent not in said
    assert said[code].points == 0
    assert said[code].evidence


def test_a_section_that_was_not_read_is_not_claimed_to_be_missing() -> None:
    text = "Summary\nNine years in retail.\n\nEDUCATION\nElectrical engineering\nVSSUT, Burla\n\nSkills\nExcel, SAP"
    profile = parse_resume(text, today=TODAY).model_copy(update={"education": ()})
    said = {a.code for a in assess(profile, text, TODAY).advice}
    assert "education_unread" in said
    assert "education_missing" not in said


def test_a_heading_that_was_not_recognised_is_there() -> None:
    assert "skills_missing" not in codes(ZH.replace("\n专业技能\n", "\n本人擅长的技能\n"))
    profile = parse_resume(EN, today=TODAY).model_copy(update={"summary": None})
    text = EN.replace("Experience", "My professional profile\nI design.\n\nExperience")
    assert "summary_missing" not in {a.code for a in assess(profile, text, TODAY).advice}


def test_a_period_that_was_not_read_fills_a_gap() -> None:
    gap = ZH.replace("2018.07 - 2021.02", "2018.07 - 2019.02")
    assert "gap_unexplained" in codes(gap)
    text = f"{gap}\n另：2019.03 - 2021.02 在外地的一段经历"
    profile = parse_resume(gap, today=TODAY)
    assert "gap_unexplained" not in {a.code for a in assess(profile, text, TODAY).advice}
