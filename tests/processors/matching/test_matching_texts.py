"""Texts without what must not count, their parts and vectors; advice, learning, weights as data."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.embedding.record_parts import record_parts
from processors.embedding.texts import record_text
from processors.fairness import impersonal, without_identity
from processors.matching.advice import advice
from processors.matching.closeness import Closeness, measure
from processors.matching.features import FEATURES, stability
from processors.matching.features.feature import NEUTRAL, NOT_ASKED
from processors.matching.learning import Outcome, TooLittleError, learn
from processors.matching.meaning import FOLDED, fold, pack, unpack
from processors.matching.reading.items import parts
from processors.matching.reading.record import job_profile, talent_profile
from processors.matching.score import explain
from processors.matching.skills import IMPLIED, RELATED, skill_name
from processors.matching.weights import DEFAULT, Weights, WeightsError, load_weights, parse_weights, to_toml
from processors.skills import taxonomy
from schemas.entities import Talent

TODAY = date(2026, 11, 1)
private = st.sampled_from(
    ["Sex: male", "Gender: Female", "性别：女", "年龄：35", "Age: 52", "35岁", "born in 1971", "出生年月：1990年3月",
     "Marital status: married", "婚姻状况：已婚", "民族：汉族", "籍贯：山东", "Religion: none", "Nationality: Chinese", "女",
     "Date of birth: 1 May 1980", "aged 44", "Photo: me.png", "Name: Anna Smith", "姓名：王芳", "已婚已育", "50 years old"]
)  # fmt: skip


@given(st.sampled_from(["He", "She"]), st.sampled_from(["his", "her"]), st.sampled_from(["Mr. ", "Ms. ", "Mrs "]))
def test_pronouns_and_titles_change_nothing(who: str, whose: str, title: str) -> None:
    text = f"{who} leads {whose} own team. Reference: {title}Chan."
    assert impersonal(text).split() == ["they", "leads", "their", "own", "team.", "Reference:", "Chan."]


@given(private)
def test_what_is_embedded_is_impersonal(line: str) -> None:
    fields = {"title": "Nurse", "summary": f"ICU nurse.\n{line}\nNight shifts."}
    assert record_text("talent", fields) == "Nurse\nICU nurse. Night shifts."
    assert record_parts("talent", fields) == ["Nurse", "ICU nurse", "Night shifts"]


@given(st.dictionaries(st.sampled_from([*Talent.model_fields, "new"]), st.none() | st.just("Sex: male\nNurse")))
def test_features_are_not_shown_who_somebody_is(fields: dict[str, str | None]) -> None:
    shown = without_identity(fields)
    assert shown.keys() == fields.keys() - {"name", "emails", "phones", "birth_date", "street_address", "postal_code"}
    for name in ("summary", "resume_text"):
        assert "male" not in (shown.get(name) or "")
    assert without_identity(shown) == shown


@given(
    st.sampled_from(["1961", "1990-05", "2001-05-17"]),
    st.sampled_from(["12 Harbour Road", "文三路138号"]),
    st.sampled_from(["4510", "310012"]),
)
def test_age_and_address_are_no_feature_and_in_no_text(birth: str, street: str, code: str) -> None:
    fields = {
        "title": "Nurse",
        "summary": "ICU nurse.",
        "skills": [{"name": "nursing"}],
        "locations": ["Leeds"],
        "education": [{"school": "University of Leeds", "degree": "bachelor", "end": "2012-06-30"}],
        "employments": [{"title": "Nurse", "start": "2012-09-01"}],
    }
    said = {**fields, "birth_date": birth, "street_address": street, "postal_code": code}
    assert Talent.model_validate(said)
    assert talent_profile("t", 1, said, today=TODAY) == talent_profile("t", 1, fields, today=TODAY)
    assert record_text("talent", said) == record_text("talent", fields)
    assert record_parts("talent", said) == record_parts("talent", fields)


def test_work_is_left_alone() -> None:
    text = "带领女装团队；8 years; sales of 3 million; 男装买手; single-page apps; 生产主管"
    assert impersonal(text) == text


@given(st.text(max_size=3000), st.integers(1, 20))
def test_parts_are_bounded(text: str, most: int) -> None:
    found = parts(text, most)
    assert len(found) <= most
    assert all(part and len(part) <= 400 for part in found)


def nearest_parts(wanted: bytes, held: bytes) -> Sequence[float]:
    talent, job = talent_profile("t", 1, {}), job_profile("j", 1, {})
    (close,) = measure([replace(talent, section_vectors=held)], [replace(job, section_vectors=wanted)], [0.5])
    return close.parts


@given(st.integers(1, 6), st.integers(2, 64), st.integers(0, 99))
def test_packed_vectors_keep_their_direction(count: int, dimensions: int, seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    back = unpack(pack(rows))
    cosines = (back * rows).sum(axis=1) / np.linalg.norm(rows, axis=1)
    assert (cosines > 0.999).all()
    assert nearest_parts(pack(rows), pack(rows)) == pytest.approx(np.ones(count), abs=1e-9)
    assert pack(np.zeros((count, dimensions), dtype=np.float32)) == b""


@given(st.integers(0, 6), st.integers(1, 1100), st.integers(0, 99))
def test_folded_vectors_are_narrow_and_add_up(count: int, dimensions: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    one, other = chance.normal(size=(2, count, dimensions)).astype(np.float32)
    assert fold(one).shape == (count, min(dimensions, FOLDED))
    assert fold(one) + fold(other) == pytest.approx(fold(one + other), abs=1e-4)


def test_folding_keeps_cosines_about_the_same() -> None:
    chance = np.random.default_rng(1)
    base = chance.normal(size=(1, 512))
    rows = np.array([base[0] + chance.normal(size=512) * noise for noise in np.linspace(0.1, 5, 400)], dtype=np.float32)
    whole, folded = (np.array(nearest_parts(pack(f(rows)), pack(f(rows[:1])))) for f in (np.asarray, fold))
    assert np.abs(whole - folded).mean() < 0.06
    assert np.corrcoef(whole, folded)[0, 1] > 0.95


def test_folding_never_changes() -> None:
    """Vectors of two versions of this program, or of NumPy, must be comparable."""
    rows = np.arange(512, dtype=np.float32)[None]
    assert fold(rows)[0, :4].tolist() == [-320.0, -1249.0, -490.0, 261.0]


def test_whole_and_folded_vectors_are_compared_folded() -> None:
    rows = np.random.default_rng(3).normal(size=(2, 512)).astype(np.float32)
    assert nearest_parts(pack(rows), pack(fold(rows))) == pytest.approx([1, 1], abs=1e-3)


def test_what_implies_or_resembles_a_skill_earns_part_of_it() -> None:
    def part(held: str, wanted: str) -> float:
        t, j = (f("x", 1, {"skills": [{"name": n}]}) for f, n in ((talent_profile, held), (job_profile, wanted)))
        return next(f.score for f in explain(t, j, 0.5, "en") if f.name == "skills")

    assert skill_name("Zorbflow  X") == "zorbflow x"
    assert part("Java", "Java") == 1
    assert part("Spring Boot", "Java") == IMPLIED
    one = next(s for s in taxonomy().skills.values() if s.related and not {s.id, *s.related} & {*s.implies})
    assert part(one.related[0], one.id) in (RELATED, IMPLIED)
    assert part("Excel", "Java") == 0


def test_missing_information_is_neutral_and_what_is_not_asked_for_no_obstacle() -> None:
    found = {f.name: f.score for f in explain(talent_profile("t", 1, {}), job_profile("j", 1, {}), float("nan"), "zh")}
    not_asked = {"experience", "seniority", "education", "languages", "industry", "field", "management"}
    texts = dict.fromkeys(("skills", "semantic", "sections", "words", "title"), 0.5)
    assert {n: s for n, s in found.items() if n in texts} == texts
    assert {s for n, s in found.items() if n in not_asked} == {NOT_ASKED}
    job = job_profile("j", 1, {
        "seniority": "lead", "years_experience_min": 5, "education_level": "master", "skills": [{"name": "English"}],
        "description": "要有银行从业经验，金融相关专业，管理10人团队", "salary": {"minimum": 20_000}, "locations": ["北京"],
    })  # fmt: skip
    found = {f.name: f.score for f in explain(talent_profile("t", 1, {"skills": [{"name": "SQL"}]}), job, 0.5, "zh")}
    assert all(found[name] == NEUTRAL for name in (*not_asked, "salary", "location", "availability", "stability"))


def test_a_name_as_first_line_changes_nothing() -> None:
    for name in ("王建国", "古丽娜尔", "James Miller", "Aisha Al-Mansouri"):
        assert impersonal(f"{name}\n财务会计，北京，五年。") == "财务会计，北京，五年。"
    for work in ("护士", "仓储管理", "Java Developer", "Machine Learning", "Nurse Manager", "工作经历", "北京"):
        assert impersonal(f"{work}\n五年。").startswith(work)


def test_circumstances() -> None:
    t = talent_profile("t", 1, {
        "status": "passive", "locations": ["北京"], "relocates": True, "skills": [{"name": "English"}],
        "employments": [{"start": "2015-01-01", "end": "2016-01-01"}, {"start": "2016-01-01", "end": "2017-01-01"}],
    })  # fmt: skip
    j = job_profile("j", 1, {"locations": ["上海"], "skills": [{"name": "English"}, {"name": "Japanese"}]})
    found = {f.name: (f.score, f.reason) for f in explain(t, j, 0.5, "en")}
    assert found["location"] == (0.9, "Would move to Shanghai")
    assert found["languages"] == (0.5, "Speaks 1 of 2 languages asked for")
    assert found["availability"][0] == 0.3
    assert found["stability"] == (0.5, "Stayed 1 year in a position on average")
    assert stability.score(talent_profile("t", 1, {}), j, Closeness(0)).score == NEUTRAL


def test_advice_says_what_it_would_add() -> None:
    t = talent_profile("t", 1, {"skills": [{"name": "Java"}], "years_experience": 2, "locations": ["上海"]})
    j = job_profile("j", 1, {
        "skills": [{"name": "Java"}, {"name": "Kafka"}], "years_experience_min": 5, "locations": ["北京"],
        "education_level": "master",
    })  # fmt: skip
    found = advice(t, j, 0.5, "en")
    assert {a.text for a in found} == {
        "the skill Kafka", "willingness to move", "5 years of work", "the degree asked for"
    }  # fmt: skip
    assert [a.gain for a in found] == sorted((a.gain for a in found), reverse=True)
    assert all(a.gain > 0 for a in found)
    assert any(a.text.startswith("具备技能") for a in advice(t, j, 0.5, "zh"))


class TestWeights:
    def test_they_name_every_feature(self) -> None:
        assert list(DEFAULT) == list(FEATURES)
        assert Weights(skills=1) == {**dict.fromkeys(FEATURES, 0.0), "skills": 1}

    def test_an_unknown_feature_is_named(self) -> None:
        with pytest.raises(WeightsError, match=r"unknown features \['selfie'\]; known are \['skills'"):
            Weights(skills=0.5, selfie=0.5)

    def test_a_file_is_read_back(self, tmp_path) -> None:  # type: ignore[no-untyped-def]
        path = tmp_path / "w.toml"
        path.write_text(to_toml(DEFAULT))
        assert load_weights(path) == DEFAULT
        with pytest.raises(WeightsError):
            load_weights(tmp_path / "none.toml")

    @pytest.mark.parametrize(
        ("text", "why"),
        [("[", "TOML"), ("", "no table"), ("[weights]\nx = 1", "unknown"), ("[weights]\nskills = 'a'", "number"),
         ("[weights]\nskills = 2", "add up"), ("[weights]\nskills = true", "number")],
    )  # fmt: skip
    def test_mistakes_are_named(self, text: str, why: str) -> None:
        with pytest.raises(WeightsError, match=why):
            parse_weights(text)


class TestLearning:
    def outcomes(self, seed: int = 0) -> list[Outcome]:
        """Recruiters who look at the salary alone."""
        rng = np.random.default_rng(seed)
        salary = list(FEATURES).index("salary")
        rows = []
        for job in range(20):
            for features in rng.random((6, len(FEATURES))):
                rows.append(Outcome(f"j{job}", tuple(features), int(features[salary] * 3.99)))
        return rows

    def test_it_finds_what_decides(self) -> None:
        learned = learn(self.outcomes())
        assert learned.better
        assert learned.after > learned.before + 0.1
        assert learned.weights["salary"] > 5 * DEFAULT["salary"]

    def test_too_little_is_refused(self) -> None:
        with pytest.raises(TooLittleError):
            learn(self.outcomes()[:3])
