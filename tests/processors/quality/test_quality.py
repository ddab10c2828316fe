"""Each rule finds what it is for, leaves what is sound, and a better record never has a lower score."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.quality.rules import CODES, WORTH
from processors.quality.score import findings, heard_of, judge, stored_quality
from processors.quality.validate import validate
from schemas.entities import ENTITIES, MODELS

NOW = datetime(2026, 11, 30, tzinfo=UTC)
SOUND: dict[str, Any] = {
    "name": "张晓明",
    "emails": ["xm.zhang@corp.cn"],
    "phones": ["+86 138-1234-5678"],
    "language": "zh",
    "title": "数据工程师",
    "seniority": "senior",
    "summary": "八年数据平台经验",
    "skills": [{"name": "Kafka", "years": 6}, {"name": "Python", "years": 8}],
    "years_experience": 8.0,
    "education_level": "master",
    "education": [{"school": "浙江大学", "degree": "master", "start": "2015-09-01", "end": "2018-06-30"}],
    "employments": [
        {"company": "星河科技", "title": "工程师", "start": "2018-07-01", "end": "2021-12-31"},
        {"company": "云图", "title": "高级工程师", "start": "2022-01-01", "end": "2026-06-30"},
    ],
    "locations": ["上海"],
    "salary_expected": {"minimum": 30000, "maximum": 40000, "currency": "CNY", "period": "month"},
}
JOB = {
    "title": "Data Engineer", "description": "Builds pipelines.", "skills": [{"name": "Kafka"}], "locations": ["Berlin"],
    "company": "Acme", "salary": {"minimum": 60000, "maximum": 80000, "currency": "EUR", "period": "year"},
    "seniority": "senior", "education_level": "bachelor", "employment_types": ["full_time"],
}  # fmt: skip
COMPANY = {
    "name": "Acme", "industry": "software", "size": "50-199", "locations": ["Berlin"], "website": "https://acme.example",
    "description": "Software for carriers.",
}  # fmt: skip
SAMPLES = {"talent": SOUND, "job": JOB, "company": COMPANY}


def codes(entity: Any, fields: dict[str, Any]) -> set[tuple[str, str]]:
    return {(found.code, found.path) for found in judge(entity, fields, NOW, NOW)[1]}


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_sound_and_complete_record_has_the_full_score(entity: Any) -> None:
    quality, found = judge(entity, SAMPLES[entity], NOW, NOW)
    assert (quality.score, found) == (1.0, [])
    result = validate(entity, SAMPLES[entity], NOW)
    assert (result.valid, result.findings) == (True, [])


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"employments": [{"company": "a", "start": "2020-01-01", "end": "2019-01-01"}]}, "period_reversed", "employments.0"),
        ({"salary_expected": {"minimum": 50000, "maximum": 40000}}, "range_reversed", "salary_expected"),
        ({"years_experience": 25.0}, "years_disagree", "years_experience"),
        ({"skills": [{"name": "Kafka", "years": 20}]}, "skill_years_disagree", "skills.0.years"),
        ({"education_level": "bachelor"}, "degree_disagrees", "education_level"),
        ({"remote": True, "workplace": "on_site"}, "workplace_disagrees", "remote"),
        ({"title": "Data engineer", "summary": "Eight years"}, "language_disagrees", "language"),
        ({"skills": [{"name": "Kafka"}, {"name": "kafka"}]}, "repeated", "skills.1"),
        ({"employments": [{"title": "a", "start": "2018-01-01"}] * 2}, "repeated", "employments.1"),
        ({"education": [{"school": "a"}, {"school": "a"}]}, "repeated", "education.1"),
        ({"employments": [{"company": "a", "start": "2027-02-01"}]}, "in_future", "employments.0.start"),
        ({"employments": [{"company": "a", "start": "2018-02-01", "end": "2028-01-01"}]}, "in_future", "employments.0.end"),
        ({"employments": [{"company": "a", "start": "1900-01-01"}]}, "too_early", "employments.0"),
        ({"years_experience": 60.0}, "years_unlikely", "years_experience"),
        ({"salary_expected": {"minimum": 30, "currency": "CNY", "period": "year"}}, "salary_unlikely", "salary_expected"),
        ({"salary_expected": {"maximum": 5e8}}, "salary_unlikely", "salary_expected"),
        ({"phones": ["+86 138-1234-5678", "11111111111"]}, "phone_unlikely", "phones.1"),
        ({"phones": ["n/a"]}, "phone_unlikely", "phones.0"),
        ({"emails": ["noreply@corp.cn"]}, "email_unlikely", "emails.0"),
        ({"emails": ["zhang@test"]}, "email_unlikely", "emails.0"),
        ({"name": "张晓明的简历"}, "name_unlikely", "name"),
        ({"name": "13812345678"}, "name_unlikely", "name"),
        ({"name": "测试"}, "name_unlikely", "name"),
        ({"title": "待定"}, "placeholder", "title"),
        ({"summary": "N/A"}, "placeholder", "summary"),
        ({"title": "å\u008d Ã¤Â½Â"}, "garbled", "title"),
        ({"summary": "锟斤拷锟斤拷"}, "garbled", "summary"),
        ({"emails": None, "phones": []}, "missing", "emails"),
    ],
)  # fmt: skip
def test_each_rule_finds_what_it_is_for_and_nothing_else(change: dict[str, Any], code: str, path: str) -> None:
    changed = {**SOUND, **change}
    found = codes("talent", changed)
    assert (code, path) in found
    assert judge("talent", changed, NOW, NOW)[0].score < 1
    near = {"years_disagree"} if code in ("years_unlikely", "period_reversed") else set()
    assert {each for each, _ in found} <= {code, *near}


@pytest.mark.parametrize(
    "change",
    [
        {"phones": ["138****5678"]},
        {"name": "Nguyễn Thị Minh Khai"},
        {"name": "O’Brien-Müller, Seán"},
        {"salary_expected": {"minimum": 150, "maximum": 300, "currency": "CNY", "period": "day"}},
        {"salary_expected": {"minimum": 5_000_000, "currency": "IDR", "period": "month"}},
        {"employments": [{"company": "a", "start": "2018-02-01"}]},
        {"employments": [{"company": "a"}], "years_experience": 40.0},
        {"remote": False, "workplace": "hybrid"},
        {"summary": "Testing engineer of test benches, N/A was never said"},
        {"title": "Ingénieur informatique à Genève"},
        {"remote": False, "locations": None},
    ],
)
def test_what_is_unusual_is_not_wrong(change: dict[str, Any]) -> None:
    assert codes("talent", {**SOUND, **change}) <= {("language_disagrees", "language")}


@pytest.mark.parametrize("entity", ENTITIES)
@given(data=st.data())
def test_what_is_taken_away_never_raises_the_completeness(entity: Any, data: Any) -> None:
    fields = dict(SAMPLES[entity])
    before = judge(entity, fields, NOW)[0].completeness
    for name in data.draw(st.lists(st.sampled_from(sorted(fields)), unique=True)):
        del fields[name]
        after = judge(entity, fields, NOW)[0].completeness
        assert after <= before
        before = after
    assert 0 <= before <= 1


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_what_was_heard_of_later_is_fresher(one: int, other: int) -> None:
    first, second = (judge("job", JOB, NOW, NOW - timedelta(days=d))[0] for d in (min(one, other), max(one, other)))
    assert first.freshness >= second.freshness  # type: ignore[operator]
    assert first.score >= second.score
    assert codes("job", JOB) == set()
    assert ("stale" in {f.code for f in judge("job", JOB, NOW, NOW - timedelta(days=one))[1]}) == (one > 60)


def test_what_is_stored_follows_from_the_record_alone() -> None:
    origin = {"source": "crm", "event_id": "e", "time": "2026-11-01T00:00:00.000000Z"}
    heard = heard_of({"name": origin, "title": {**origin, "time": "2026-10-01T00:00:00.000000Z"}})
    assert heard == datetime(2026, 11, 1, tzinfo=UTC)
    assert heard_of({}) is None
    stored = stored_quality("talent", {**SOUND, "phones": ["1"], "seniority": None}, heard)
    assert stored["codes"] == ["missing:seniority", "phone_unlikely:phones"]
    assert 0 < stored["score"] < 1


def test_errors_name_place_rule_and_what_is_allowed_and_no_value() -> None:
    data = {"years_experience": 99, "skills": [{"name": "", "level": "guru"}], "emial": "secret@x.cn", "title": 7}
    result = validate("talent", data, NOW)
    assert (result.valid, result.quality) == (False, None)
    found = {(f.path, f.code): f for f in result.findings}
    assert found["years_experience", "less_than_equal"].text == {"en": "is at most 70", "zh": "不能大于 70"}
    assert "beginner" in found["skills.0.level", "literal_error"].text["zh"]
    assert found["", "unknown_field"].text["en"] == "unknown field, perhaps emails"
    assert ("skills.0.name", "string_too_short") in found
    assert "secret" not in result.model_dump_json()
    assert {f.level for f in result.findings} == {"error"}
    assert validate("job", [], NOW).findings[0].path == ""


def test_every_code_has_both_languages_and_its_place_in_the_score() -> None:
    assert all(code.zh and code.en and 0 <= code.cost < 1 for code in CODES.values())
    named = {n for entity in ENTITIES for names in WORTH[entity] for n in names}
    assert all({n for names in WORTH[e] for n in names} <= set(MODELS[e].model_fields) for e in ENTITIES)
    assert named
    made = findings(judge("talent", {"name": "测试"}, NOW, NOW - timedelta(days=999))[1])
    assert [f.level for f in made] == sorted((f.level for f in made), reverse=True)


fields = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(min_size=1, max_size=40),
        "phones": st.lists(st.text(min_size=1, max_size=30), max_size=3),
        "summary": st.text(max_size=300),
        "years_experience": st.floats(0, 70),
        "employments": st.lists(
            st.fixed_dictionaries(
                {"title": st.text("ab", min_size=1)},
                optional={"start": st.dates().map(str), "end": st.dates().map(str)},
            ),
            max_size=4,
        ),
        "skills": st.lists(st.fixed_dictionaries({"name": st.text("ab", min_size=1)}), max_size=4),
    },
)


@given(fields)
def test_whatever_the_schema_accepts_has_a_score(found: dict[str, Any]) -> None:
    result = validate("talent", found, NOW, NOW)
    if result.valid:
        assert result.quality is not None
        assert 0 <= result.quality.score <= 1


def test_an_entity_without_rules_is_judged_by_those_for_all():
    quality, found = judge("interview", {"outcome": "passed"}, NOW, NOW)
    assert (quality.score, found) == (1, [])
    assert stored_quality("interview", {"outcome": "passed"}, NOW) == {"score": 1, "codes": []}
