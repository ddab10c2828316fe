"""Twins: records that differ only in who somebody is, where they live or for whom they worked are compared alike."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from processors.fairness import impartial
from processors.matching.closeness import Closeness
from processors.matching.features import FEATURES
from processors.matching.reading.record import job_profile, talent_profile
from processors.reading.gaps import filled
from schemas.entities import Talent
from schemas.records import SourceRecord
from streams.vectors import embedded_texts

JOB = job_profile("j", 1, {
    "title": "Platform Engineer", "locations": ["Boston"], "company": "Google",
    "description": "Google in Boston needs an engineer: Kubernetes, Terraform, on-call at Google scale. Boston, MA.",
})  # fmt: skip
BEFORE = {"name": "James Miller", "home": "Boston, MA 02139", "employer": "Google LLC", "short": "Google"}
AFTER = [
    {"name": "Aisha Mohammed"},
    {"home": "San Francisco, CA"},
    {"employer": "Quonset Hill Robotics Inc.", "short": "Quonset Hill Robotics"},
    {"name": "王建国", "home": "武汉市", "employer": "启明志远科技有限公司", "short": "启明志远科技"},
]


def record(who: Mapping[str, str]) -> dict[str, Any]:
    told = (
        f"{who['name']} ran Kubernetes clusters at {who['short']} in {who['home']} for six years. "
        f"Moved {who['employer']} to Terraform. " + "Wrote runbooks, kept on-call calm. " * 300
    )
    work = {"company": who["employer"], "title": "Engineer", "description": f"Terraform for {who['short']}."}
    fields = {"name": who["name"], "title": f"Engineer at {who['short']}", "summary": told, "employments": [work],
              "locations": [who["home"]], "skills": [{"name": "Kubernetes"}]}  # fmt: skip
    return Talent.model_validate(fields).model_dump(mode="json", exclude_none=True)


@pytest.mark.parametrize("change", AFTER, ids=lambda change: "+".join(change))
def test_twins_are_compared_by_the_same_texts_and_words(change: Mapping[str, str]) -> None:
    twins = [record(BEFORE), record({**BEFORE, **change})]
    one, other = (embedded_texts("talent", SourceRecord("talent", "t", 1, False, each, {})) for each in twins)
    assert [" ".join(text.split()) for text in one] == [" ".join(text.split()) for text in other]
    profiles = [talent_profile("t", 1, each) for each in twins]
    assert profiles[0] == replace(
        profiles[1], locations=profiles[0].locations, title=profiles[0].title, language=profiles[0].language
    )
    scores = [[feature.score(p, JOB, Closeness(0.5)).score for feature in FEATURES.values()] for p in profiles]
    assert [name for name, a, b in zip(FEATURES, *scores, strict=True) if a != b] in ([], ["location"])


RESUMES = [
    "Credit Specialist\n[NAME]\n\nSkills\nBudget Analysis, SAP\n\nProfessional Experience\n"
    "Credit Specialist{gap}04/2013 - Present\n{who}{gap}[CITY]\n  • Managed credit lines at {who}\n"
    "Account Manager{gap}09/2002 - 07/2007\n{who}{gap}[CITY], [COUNTRY]\n  • Closed the books\n",
    "Sales Associate\n\nExperience\n\n{who}, [CITY], [STATE]\nAdmissions Assistant, Admissions Office{gap}May 2008 - June 2009\n\n"
    "• Called applicants for {who}\n\n{who} (Marketing Services), [CITY], [STATE]\nBrand Executive\nMay 2007 - April 2008\n\n• Sold ads\n",
    "库存与物流协调员\n[姓名]\n\n技能\n\n- 数据分析\n- 库存管理\n\n专业经验\n\n{who}\n\n库存与物流协调员    2019年3月 - 至今\n\n"
    "管理库存记录。\n\n{who}\n\n物流仓储经理    2016年1月 - 2019年3月\n\n负责{who}的物流运营。\n",
    "人力资源与行政总监\n\n专业经验\n\n{who}, [城市], [州]\n人力资源与行政总监        2016年8月至今\n领导{who}的人力资源部门。\n\n"
    "- 制定继任计划\n\n{who}, [城市], [州]\n培训协调员        2015年7月至2016年7月\n\n- 制作培训模块\n",
]
"""Layouts of resumes of others, in which an employer was read only if its name was known."""


@pytest.mark.parametrize("resume", RESUMES, ids=["wide", "places", "alone", "places zh"])
def test_resumes_of_other_employers_are_compared_alike(resume: str) -> None:
    names = (
        ("Google", "Quonset Hill", "Brackenfell")
        if resume.isascii() or "•" in resume
        else ("腾讯", "启明志远", "晨曦恒远")
    )
    told = []
    for who in names:
        text = resume.format(who=who, gap=" " * 70)
        fields, _ = filled("talent", {"resume_text": text}, {"resume_text": {"time": "2026-11-01T00:00:00Z"}})
        assert {position.get("company") for position in fields["employments"]} >= {who}
        texts = embedded_texts("talent", SourceRecord("talent", "t", 1, False, fields, {}))
        told.append((texts, talent_profile("t", 1, fields)))
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize("employer", ["Microsoft", "Google", "腾讯", "Quonset Hill"])
def test_who_worked_for_its_maker_knows_a_product_as_others_do(employer: str) -> None:
    told = "Microsoft Office套件, Google Maps API and 腾讯云 in daily use, and Microsoft Excel."
    record = {"summary": told, "employments": [{"company": employer, "title": "Clerk"}]}
    assert impartial(told, record) == told
    assert impartial(f"Left {employer} in May.", record).split() == ["Left", "in", "May."]
