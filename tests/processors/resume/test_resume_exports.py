"""Exports are what their standards say: JSON Resume's schema (MIT, see data/), HR Open's names as public documents use them."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from processors.resume.export_hr_open import hr_open
from processors.resume.export_json_resume import json_resume
from processors.resume.parse import parse_resume

SCHEMA = json.loads((Path(__file__).parent / "data" / "json-resume.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.validators.validator_for(SCHEMA)(SCHEMA, format_checker=jsonschema.FormatChecker())
FULL = """欧阳文博
Java工程师 | 上海 | 13800138000 | wenbo@example.com | https://github.com/wenbo | www.example.com/x
自我评价
十年经验
工作经历
云帆科技有限公司	高级Java工程师	2019.03-至今
- 负责Kafka平台
教育背景
浙江大学	计算机	硕士	2010-2013
项目经历
交易平台	2020-2021
- 用Redis
专业技能
Java、Redis、foo
语言能力
英语 流利
证书
PMP 2020-05
荣誉奖项
优秀员工 2021
论文
On Streams, 2018
"""


def test_json_resume_fits_its_schema() -> None:
    exported = json_resume(parse_resume(FULL))
    VALIDATOR.validate(exported)
    assert {
        "basics",
        "work",
        "education",
        "projects",
        "skills",
        "languages",
        "certificates",
        "awards",
    } <= exported.keys()
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate({"work": [{"startDate": "soon"}]})


PIECES = st.sampled_from(
    [*FULL.splitlines(keepends=True), "www.a b.com ", "2019.13", "http://[", "www.[a", "a@b.cn ", "\t", "-"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
@example("http://[欧阳文博\n")
def test_json_resume_of_any_text_fits_its_schema(text: str) -> None:
    VALIDATOR.validate(json_resume(parse_resume(text)))


# Names in HR Open 4.2.1, CandidateType.json and what it refers to.
KNOWN = {
    "candidate": {"person", "profiles"},
    "person": {"name", "birthDate", "gender", "citizenship", "communication"},
    "name": {"formattedName", "given", "family"},
    "communication": {"email", "phone", "address", "web"},
    "email": {"address"}, "phone": {"formattedNumber"}, "web": {"url"},
    "profiles": {"languageCode", "executiveSummary", "positionPreferences", "employment", "education", "certifications", "qualifications"},
    "positionPreferences": {"positionTitles"},
    "employment": {"organization", "positionHistories"}, "organization": {"name"},
    "positionHistories": {"title", "start", "end", "current", "descriptions"},
    "education": {"institution", "educationLevelCodes", "educationDegrees", "start", "end"}, "institution": {"name"},
    "educationLevelCodes": {"name"}, "educationDegrees": {"name", "specializations"}, "specializations": {"name"},
    "certifications": {"name"}, "qualifications": {"competencyName"},
}  # fmt: skip


def check(name: str, value: Any) -> None:
    if isinstance(value, list):
        for one in value:
            check(name, one)
    elif isinstance(value, dict) and not (name == "address" and "formattedAddress" in value):
        assert value.keys() <= KNOWN[name], name
        for key, inner in value.items():
            check(key, inner)


def test_hr_open_has_no_names_of_its_own() -> None:
    exported = hr_open(parse_resume(FULL))
    check("candidate", exported)
    (profile,) = exported["profiles"]
    assert profile["employment"][0]["organization"]["name"] == "云帆科技有限公司"
    assert profile["education"][0]["educationLevelCodes"] == [{"name": "master"}]


@pytest.mark.parametrize(
    ("nationality", "code"),
    [("中国", "CN"), ("中国国籍", "CN"), ("British", "GB"), ("Singaporean", "SG"), ("SG", "SG"), ("Atlantean", None)],
)
def test_hr_open_has_the_codes_of_its_lists(nationality: str, code: str | None) -> None:
    person = hr_open(parse_resume(f"Jane Doe\nGender: Female\nNationality: {nationality}\n"))["person"]
    assert person["gender"] == "Female"
    assert person.get("citizenship") == ([code] if code else None)
