"""Twins: records that differ only in who somebody is, where they live or for whom they worked are compared alike."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from processors.matching.closeness import Closeness
from processors.matching.features import FEATURES
from processors.matching.reading.record import job_profile, talent_profile
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
