"""Profiles, scores and reasons: what a recruiter may rely on."""

import dataclasses
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.matching.features import FEATURES
from processors.matching.features.feature import NEUTRAL
from processors.matching.filters import admissible, objection
from processors.matching.profile import Profile
from processors.matching.reading.record import job_profile, talent_profile
from processors.matching.salary import monthly_cny
from processors.matching.score import explain, score, total_score
from processors.matching.skills import skill_name
from processors.matching.weights import DEFAULT, Weights
from processors.reading.years import years_worked
from schemas.base import Language
from schemas.entities import Job, Talent
from schemas.messages import Match

TODAY = date(2026, 1, 1)
UNKNOWN_ZH = {
    "sections": "未逐段比较，以整体为准", "title": "无法比较职务，以整体为准",
    "words": "未比较用词，以整体语义为准", "languages": "职位未要求语言", "availability": "求职状态未知",
    "stability": "任职时长未知", "industry": "职位未要求行业经验", "field": "职位未要求专业", "management": "职位不带团队",
    "employment": "用工形式未知",
}  # fmt: skip
UNKNOWN_EN = {
    "sections": "Parts are not compared; the whole records stand in", "title": "The titles could not be compared; the whole records stand in",
    "words": "Words are not compared; the whole records stand in",
    "languages": "The job asks for no language", "availability": "Availability unknown",
    "stability": "Time in positions unknown", "industry": "The job asks for no particular industry",
    "field": "The job asks for no field of study", "management": "The job leads no team",
    "employment": "Form of employment unknown",
}  # fmt: skip
SKILLS = ["Python", "Kafka", "Go", "K8s", "机器学习", "SQL", "沟通", "React"]
LEVELS = ["beginner", "intermediate", "advanced", "expert"]

skill = st.fixed_dictionaries(
    {"name": st.sampled_from(SKILLS)},
    optional={
        "level": st.none() | st.sampled_from(LEVELS),
        "years": st.none() | st.floats(0, 60),
        "required": st.booleans(),
    },
)
skills = st.none() | st.lists(skill, max_size=6, unique_by=lambda s: s["name"])
salary = st.none() | st.fixed_dictionaries(
    {"minimum": st.none() | st.floats(0, 1e9), "maximum": st.none() | st.floats(0, 1e9)},
    optional={"currency": st.sampled_from(["CNY", "USD", "XXX"]), "period": st.sampled_from(["month", "year"])},
)
seniorities = st.none() | st.sampled_from(["intern", "junior", "mid", "senior", "lead", "executive"])
educations = st.none() | st.sampled_from(["none", "high_school", "associate", "bachelor", "master", "doctorate"])
locations = st.none() | st.lists(
    st.sampled_from(["北京", "Beijing", "上海", "remote", "Ürümqi", "市", "/"]), max_size=4
)
titles = st.none() | st.sampled_from(["高级工程师", "Engineer", "实习生", "Head of Sales"])
talent_fields = st.fixed_dictionaries(
    {},
    optional={
        "title": titles,
        "skills": skills,
        "seniority": seniorities,
        "years_experience": st.none() | st.floats(0, 70),
        "education_level": educations,
        "locations": locations,
        "remote": st.none() | st.booleans(),
        "salary_expected": salary,
        "status": st.none() | st.sampled_from(["active", "hired"]),
        "employments": st.lists(
            st.fixed_dictionaries({"company": st.just("x"), "title": st.just("y")}, optional={"start": st.dates()}),
            max_size=3,
        ),
    },
)
job_fields = st.fixed_dictionaries(
    {},
    optional={
        "title": titles,
        "skills": skills,
        "seniority": seniorities,
        "years_experience_min": st.none() | st.floats(0, 60),
        "years_experience_max": st.none() | st.floats(0, 60),
        "education_level": educations,
        "locations": locations,
        "remote": st.none() | st.booleans(),
        "salary": salary,
    },
)
similarities = st.floats(-1, 1)
languages: st.SearchStrategy[Language] = st.sampled_from(["zh", "en"])


def talent(**fields: Any) -> Profile:
    return talent_profile("t", 1, Talent.model_validate(fields).model_dump(mode="json"), today=TODAY)


def job(**fields: Any) -> Profile:
    return job_profile("j", 1, Job.model_validate(fields).model_dump(mode="json"))


def named(*names: str, **rest: Any) -> list[dict[str, Any]]:
    return [{"name": name, **rest} for name in names]


class TestScore:
    @given(talent_fields, job_fields, similarities, languages)
    def test_scores_are_bounded_and_contributions_add_up(
        self, t: dict[str, Any], j: dict[str, Any], similarity: float, language: Language
    ) -> None:
        total, features = score(talent(**t), job(**j), similarity, language)
        assert 0 <= total <= 1
        assert sum(f.contribution for f in features) == pytest.approx(total, abs=1e-6)
        assert total == total_score(talent(**t), job(**j), similarity)
        assert [f.name for f in features] == list(FEATURES)
        for feature in features:
            assert feature.contribution == pytest.approx(feature.weight * feature.score, abs=1e-6)
            assert feature.reason
            assert "{" not in feature.reason
            assert "None" not in feature.reason
        Match(
            talent_id="t",
            job_id="j",
            talent_revision=1,
            job_revision=1,
            status="active",
            score=total,
            language=language,
            features=features,
            model="m",
        )

    @given(talent_fields, job_fields, similarities, st.data())
    def test_one_more_demanded_skill_never_lowers_the_score(
        self, t: dict[str, Any], j: dict[str, Any], similarity: float, data: st.DataObject
    ) -> None:
        held = t.get("skills") or []
        others = [n for n in SKILLS if n not in {s["name"] for s in held}]
        more = {"name": data.draw(st.sampled_from(others))}
        before = total_score(talent(**t), job(**j), similarity)
        after = total_score(talent(**{**t, "skills": [*held, more]}), job(**j), similarity)
        assert after >= before

    @given(talent_fields, job_fields, similarities, st.randoms())
    def test_the_order_of_lists_means_nothing(
        self, t: dict[str, Any], j: dict[str, Any], similarity: float, random: Any
    ) -> None:
        shuffled_t, shuffled_j = ({k: list(v) if isinstance(v, list) else v for k, v in x.items()} for x in (t, j))
        for fields in (shuffled_t, shuffled_j):
            for value in fields.values():
                if isinstance(value, list):
                    random.shuffle(value)
        expected = score(talent(**t), job(**j), similarity, "zh")
        assert score(talent(**shuffled_t), job(**shuffled_j), similarity, "zh") == expected

    @given(talent_fields, st.text(min_size=1, max_size=20), st.emails(), st.text(min_size=1, max_size=20))
    def test_who_somebody_is_changes_nothing(self, t: dict[str, Any], name: str, email: str, phone: str) -> None:
        private = {"name": name, "emails": [email], "phones": [phone]}
        assert talent_profile("t", 1, {**t, **private}, today=TODAY) == talent_profile("t", 1, t, today=TODAY)

    @given(talent_fields, job_fields)
    def test_closer_texts_never_lower_the_score(self, t: dict[str, Any], j: dict[str, Any]) -> None:
        totals = [total_score(talent(**t), job(**j), s / 10) for s in range(-10, 11)]
        assert totals == sorted(totals)

    def test_a_similarity_that_is_no_number_is_neutral(self) -> None:
        features = explain(talent(), job(), float("nan"), "zh")
        assert {f.name: (f.score, f.reason) for f in features}["semantic"] == (0.5, "无法比较文本")


class TestWeights:
    def test_defaults_add_up(self) -> None:
        assert sum(DEFAULT.values()) == pytest.approx(1)

    @pytest.mark.parametrize("changes", [{"skills": 0.5}, {"skills": -0.1, "semantic": 0.7}, {"skills": float("nan")}])
    def test_others_are_refused(self, changes: dict[str, float]) -> None:
        with pytest.raises(ValueError, match="weight"):
            Weights(**changes)

    def test_they_count(self) -> None:
        only = Weights(skills=1)
        assert total_score(talent(skills=named("Go")), job(skills=named("Go", "SQL")), 1.0, only) == 0.5


class TestReasons:
    def reasons(self, t: Profile, j: Profile, language: Language, similarity: float = 0.8) -> dict[str, str]:
        return {f.name: f.reason for f in explain(t, j, similarity, language)}

    def test_chinese(self) -> None:
        t = talent(
            title="高级后端工程师",
            skills=[*named("python", "Kafka", "k8s", "机器学习"), {"name": "MySQL", "level": "beginner"}],
            years_experience=6,
            education_level="master",
            locations=["北京市海淀区"],
            salary_expected={"minimum": 30000, "maximum": 40000},
        )
        j = job(
            title="高级后端工程师",
            skills=[
                *named("Python", "Kafka", "Kubernetes", "Go"),
                {"name": "MySQL", "level": "advanced"},
                *named("ML", "React", required=False),
            ],
            years_experience_min=5,
            education_level="bachelor",
            locations=["Beijing"],
            salary={"minimum": 20000, "maximum": 27000},
        )
        assert self.reasons(t, j, "zh") == {
            "skills": "具备 5 项必备技能中的 4 项：Kafka、Kubernetes、MySQL、Python；缺少：Go；"
            "具备 2 项加分技能中的 1 项：ML；熟练度或年限不足：MySQL",
            "semantic": "经历与职位描述高度吻合",
            **UNKNOWN_ZH,
            "experience": "6 年经验，符合 5 年以上的要求",
            "location": "同在北京",
            "seniority": "职级匹配：高级",
            "salary": "职位月薪最高 27,000 元，比期望的 30,000 元低 10%",
            "education": "学历硕士，满足本科要求",
        }

    def test_english(self) -> None:
        t = talent(
            title="Data Analyst",
            skills=named("SQL", "Tableau", "Python"),
            years_experience=2.5,
            education_level="associate",
            locations=["London, UK"],
            salary_expected={"minimum": 42000, "currency": "GBP", "period": "year"},
        )
        j = job(
            title="Senior Data Analyst",
            skills=[*named("SQL", "Python"), *named("Excel", required=False)],
            years_experience_min=3,
            years_experience_max=5,
            education_level="bachelor",
            locations=["柏林"],
            remote=False,
            salary={"maximum": 60000, "currency": "EUR", "period": "year"},
        )
        assert self.reasons(t, j, "en", 0.45) == {
            "skills": "Has both required skills: Python, SQL; lacks the nice-to-have skill",
            "semantic": "Background partly matches the job description",
            **UNKNOWN_EN,
            "experience": "2.5 years of experience, less than the 3-5 years asked for",
            "location": "Talent in London, job in Berlin",
            "seniority": "Junior level, below the senior asked for",
            "salary": "Offer of up to CNY 41,000 a month meets the expected 32,900",
            "education": "Associate degree, below the bachelor's degree asked for",
        }

    def test_unknown_data_is_said(self) -> None:
        assert self.reasons(talent(), job(), "zh", 0.1) == {
            "skills": "职位未列出技能要求",
            "semantic": "经历与职位描述关联较弱",
            **UNKNOWN_ZH,
            "experience": "职位未要求工作年限",
            "location": "双方地点未知",
            "seniority": "职位未说明职级",
            "salary": "期望薪资未知",
            "education": "职位未要求学历",
        }
        j = job(
            skills=named("Go"), years_experience_min=1, seniority="mid", education_level="master", locations=["杭州"]
        )
        assert self.reasons(talent(salary_expected={"maximum": 9000}), j, "en") == {
            "skills": "No skills on record",
            "semantic": "Background closely matches the job description",
            **UNKNOWN_EN,
            "experience": "Experience unknown; 1+ years asked for",
            "location": "Talent location unknown; job in Hangzhou",
            "seniority": "Seniority unknown; mid asked for",
            "salary": "No salary stated; CNY 9,000 a month expected",
            "education": "Education unknown; master's degree asked for",
        }

    def test_no_demanded_skill_held(self) -> None:
        j = job(skills=named("Go", "SQL"))
        assert self.reasons(talent(skills=named("Excel")), j, "zh")["skills"] == "缺少全部 2 项必备技能：Go、SQL"
        assert self.reasons(talent(skills=named("Excel")), j, "en")["skills"] == "Lacks both required skills: Go, SQL"

    def test_long_lists_are_cut(self) -> None:
        many = named(*(f"s{i}" for i in range(9)))
        found = self.reasons(talent(skills=many), job(skills=many), "en")["skills"]
        assert found == "Has all 9 required skills: s0, s1, s2, s3, s4, s5 and 3 more"


class TestFeatures:
    def scores(self, t: Profile, j: Profile) -> dict[str, float]:
        return {f.name: f.score for f in explain(t, j, 0.5, "en")}

    @pytest.mark.parametrize(("years", "expected"), [(0, 0), (2, 0.5), (4, 1), (6, 1), (8, 0.95), (40, 0.8)])
    def test_experience(self, years: float, expected: float) -> None:
        j = job(years_experience_min=4, years_experience_max=6)
        assert self.scores(talent(years_experience=years), j)["experience"] == pytest.approx(expected)

    @pytest.mark.parametrize(
        ("have", "want", "expected"),
        [("bachelor", "bachelor", 1), ("doctorate", "bachelor", 1), ("associate", "bachelor", 0.5), (None, "none", 1),
         ("none", "doctorate", 0), (None, "master", NEUTRAL), ("master", None, NEUTRAL)],
    )  # fmt: skip
    def test_education(self, have: Any, want: Any, expected: float) -> None:
        assert self.scores(talent(education_level=have), job(education_level=want))["education"] == expected

    @pytest.mark.parametrize(
        ("have", "want", "expected"),
        [((["北京"], None), (["Beijing"], None), 1), ((["北京"], None), (["上海"], None), 0),
         (([], None), (["上海"], None), NEUTRAL),
         ((["北京"], None), (["上海"], True), NEUTRAL), ((["北京"], True), (["上海"], True), 1), ((["北京"], False), (["上海"], True), 0.7),
         ((["上海"], False), (["上海"], True), 1), ((["北京"], None), (["上海", "远程"], None), NEUTRAL)],
    )  # fmt: skip
    def test_location(self, have: Any, want: Any, expected: float) -> None:
        t, j = talent(locations=have[0], remote=have[1]), job(locations=want[0], remote=want[1])
        assert self.scores(t, j)["location"] == expected

    @pytest.mark.parametrize(
        ("wanted", "offered", "expected"),
        [((10, 20), (15, 25), 1), ((100, 200), (50, 85), 0.25), ((10, 20), (1, 7), 0), ((None, 20), (1, 20), 1),
         ((10, None), (None, None), NEUTRAL), ((10, None), (5, None), NEUTRAL), ((10, None), (11, None), 1),
         ((None, None), (5, 6), NEUTRAL), ((20, 10), (10, 10), 1)],
    )  # fmt: skip
    def test_salary(self, wanted: Any, offered: Any, expected: float) -> None:
        t = talent(salary_expected={"minimum": wanted[0], "maximum": wanted[1]})
        j = job(salary={"minimum": offered[0], "maximum": offered[1]})
        assert self.scores(t, j)["salary"] == pytest.approx(expected)

    @pytest.mark.parametrize(
        ("have", "want", "expected"),
        [("mid", "mid", 1), ("senior", "mid", 0.9), ("junior", "mid", 0.6), ("junior", "senior", 0.2),
         ("intern", "executive", 0), ("executive", "intern", 0.5)],
    )  # fmt: skip
    def test_seniority(self, have: Any, want: Any, expected: float) -> None:
        assert self.scores(talent(seniority=have), job(seniority=want))["seniority"] == expected

    @pytest.mark.parametrize(
        ("have", "want", "expected"),
        [({"level": "expert"}, {"level": "expert"}, 1), ({"level": "beginner"}, {"level": "expert"}, 0.4),
         ({}, {"level": "expert"}, 0.85), ({"years": 2}, {"years": 4}, 0.75), ({}, {"years": 4}, 0.9), ({}, {}, 1)],
    )  # fmt: skip
    def test_a_skill_below_the_demand_is_credited_in_part(self, have: Any, want: Any, expected: float) -> None:
        t, j = talent(skills=[{"name": "Go", **have}]), job(skills=[{"name": "golang", **want}])
        assert self.scores(t, j)["skills"] == pytest.approx(expected)

    def test_required_skills_count_three_times(self) -> None:
        j = job(skills=[*named("Go"), *named("SQL", required=False)])
        assert self.scores(talent(skills=named("Go")), j)["skills"] == 0.75


class TestProfile:
    @given(talent_fields, job_fields)
    def test_a_payload_gives_the_profile_back(self, t: dict[str, Any], j: dict[str, Any]) -> None:
        for profile in (talent(**t), job(**j)):
            payload = json.loads(json.dumps(profile.to_payload()))
            assert Profile.from_payload({**payload, "text_hash": "x", "model": "m"}) == profile

    @pytest.mark.parametrize("field", dataclasses.fields(Profile), ids=lambda field: field.name)
    def test_a_payload_that_lacks_a_field_has_its_default_or_is_refused(self, field: dataclasses.Field[Any]) -> None:
        full = talent(
            title="Java",
            skills=named("Go"),
            summary="在银行工作，带5人团队，三个月到岗",
            relocates=True,
            status="active",
            workplace="hybrid",
        )
        full = replace(full, terms={"new": ("a", "b")}, role_vectors=b"row")
        payload = full.to_payload()
        del payload[field.name]
        if field.default is field.default_factory is dataclasses.MISSING:
            with pytest.raises(KeyError, match=field.name):
                Profile.from_payload(payload)
        else:
            default = {} if field.default is dataclasses.MISSING else field.default
            assert Profile.from_payload(payload) == replace(full, **{field.name: default})

    def test_a_payload_has_flat_keys_and_nothing_private(self) -> None:
        payload = talent(
            name="王晓明", emails=["wang@example.com"], phones=["138"], skills=named("K8s"), locations=["深圳"]
        ).to_payload()
        assert payload["skills"] == ["kubernetes"]
        assert payload["locations"] == ["shenzhen"]
        assert payload["status"] == "active"
        assert not any(word in json.dumps(payload, ensure_ascii=False) for word in ("王晓明", "wang", "138"))

    @pytest.mark.parametrize(
        ("name", "expected"),
        [("JS", "javascript"), ("K8s", "kubernetes"), ("机器学习", "machine-learning"), ("Node JS", "node.js"),
         ("Power-BI", "power-bi"), ("Ｐｙｔｈｏｎ", "python"), ("C++", "c++"), ("C", "c"), ("-", "-"),
         ("Vue.js", "vue"), ("围棋", "围棋"), ("CI / CD", "ci-cd")],
    )  # fmt: skip
    def test_skill_names(self, name: str, expected: str) -> None:
        assert skill_name(name) == expected

    def test_two_spellings_of_a_skill_are_one(self) -> None:
        held = talent(skills=[{"name": "k8s", "years": 2}, {"name": "Kubernetes", "level": "expert"}]).skills
        assert held == {"kubernetes": ("Kubernetes", 4, 2, True, None, ())}

    def test_overlapping_positions_count_once(self) -> None:
        history: list[dict[str, Any]] = [
            {"start": "2020-01-01", "end": "2022-01-01"},
            {"start": "2021-01-01", "end": "2023-01-01"},
            {"start": "2025-01-01", "end": None},
            {"start": None, "end": "2019-01-01"},
        ]
        assert years_worked(history, TODAY) == 4.0
        assert years_worked(history[3:], TODAY) is None
        assert years_worked([], TODAY) is None

    def test_the_highest_degree_counts_where_no_level_is_given(self) -> None:
        schools = [{"school": "甲", "degree": "master"}, {"school": "乙", "degree": "bachelor"}, {"school": "丙"}]
        assert talent(education=schools).education_rank == 4
        assert talent(education=schools, education_level="bachelor").education_rank == 3

    def test_salaries_become_monthly_cny(self) -> None:
        assert monthly_cny({"minimum": 120_000, "maximum": None, "currency": "USD", "period": "year"}) == (71_000, None)
        assert monthly_cny({"minimum": 1, "maximum": 2, "currency": "XXX"}) == (None, None)
        assert monthly_cny(None) == (None, None)


class TestFilters:
    TALENT = talent(title="Engineer")
    JOB = job(title="Engineer")

    def test_missing_statuses_count_as_open(self) -> None:
        assert admissible(self.TALENT, self.JOB)

    @pytest.mark.parametrize(("status", "fits"), [("active", 1), ("passive", 1), ("hired", 0), ("unavailable", 0)])
    def test_talents_must_be_available(self, status: str, fits: int) -> None:
        assert objection(replace(self.TALENT, status=status), self.JOB) == (None if fits else "talent_not_available")

    @pytest.mark.parametrize(("status", "fits"), [("open", 1), ("paused", 0), ("closed", 0)])
    def test_jobs_must_be_open(self, status: str, fits: int) -> None:
        assert objection(self.TALENT, replace(self.JOB, status=status)) == (None if fits else "job_not_open")

    def test_something_must_be_known(self) -> None:
        assert objection(talent(), self.JOB) == "talent_unknown"
        assert objection(self.TALENT, job(title="  x ", skills=[])) is None
        assert objection(self.TALENT, job()) == "job_unknown"

    def test_sides_must_be_right(self) -> None:
        assert objection(self.JOB, self.TALENT) == "wrong_sides"
