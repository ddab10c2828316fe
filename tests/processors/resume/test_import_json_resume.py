"""JSON Resume documents are taken field by field, as far as their fields are what the schema says."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.resume import schools
from processors.resume.export_json_resume import json_resume
from processors.resume.import_json_resume import profile_of_json_resume

TODAY = date(2026, 1, 31)
ADA = {
    "education": [{"institution": "The University of Valencia", "area": "Maths", "studyType": "BSc", "startDate": "2010", "endDate": "2013-06-01", "score": "1st"}],
    "basics": {
        "name": "Ada Vogel", "label": "Engineer", "email": "Ada@Example.com", "phone": "+44 20 7946 0958", "url": "https://ada.example.org",
        "summary": 'She "codes".', "location": {"city": "Bath", "countryCode": "GB"}, "profiles": [{"network": "GitHub", "url": "https://github.com/ada"}, {"url": "javascript:x"}],
    },
    "work": [
        {"name": "Vodafone Ltd", "position": "Senior Java Engineer", "startDate": "2019-03", "summary": "Kafka", "highlights": ["Built Docker images", 7]},
        {"company": "Acme Inc", "position": "Intern", "startDate": "2018", "endDate": "soon"}, {"summary": "nobody"}, 3,
    ],
    "skills": [{"name": "Web", "level": "Expert", "keywords": ["HTML", "FooLang"]}, {"name": "Rust", "level": 5}],
    "languages": [{"language": "German", "fluency": "Native speaker"}], "projects": [{"name": "X", "roles": ["Lead"], "keywords": ["Redis"]}],
    "certificates": [{"name": "CPA", "date": "2020-02"}], "awards": [{"title": "A", "date": "2014-11-01"}], "publications": [{"name": "B", "releaseDate": "x"}],
}  # fmt: skip


def test_fields_are_taken_as_they_are() -> None:
    text = json.dumps(ADA, indent=1)
    p = profile_of_json_resume(text, TODAY)
    assert p
    assert p.name
    assert (p.name.value.family, p.name.value.given) == ("Vogel", "Ada")
    assert [e.value for e in p.emails] == ["ada@example.com"]
    assert [n.value for n in p.phones] == ["+442079460958"]
    assert [k.value.url for k in p.links] == ["https://ada.example.org", "https://github.com/ada"]
    assert p.addresses[0].value == "Bath, GB"
    assert p.summary
    assert p.summary.value == 'She "codes".'
    assert not p.summary.spans
    vodafone, acme = p.work
    assert (vodafone.employer_normalised, vodafone.seniority, vodafone.current) == ("vodafone", "senior", True)
    assert vodafone.skills == ("java", "kafka", "docker")
    assert (acme.internship, acme.current, acme.end) == (True, False, None)
    (study,) = p.education
    assert (study.level, study.school_normalised) == ("bachelor", "university of valencia")
    for found in (vodafone.employer, vodafone.title, vodafone.start, study.school, study.degree, study.field):
        assert found
        assert text[slice(*found.spans[0])] == found.value
    assert {(s.id, s.name, s.level) for s in p.skills if s.evidence} == {
        ("html", "HTML", "expert"), (None, "FooLang", None), ("rust", "Rust", None),
    }  # fmt: skip
    assert [(t.code, t.level) for t in p.languages] == [("de", "native")]
    assert p.projects[0].skills == ("redis",)
    assert (p.certificates[0].date, p.awards[0].date, p.publications[0].date) == ("2020-02", "2014-11-01", None)
    assert p.years_total
    assert p.years_total.value == 6.9


def test_an_export_comes_back() -> None:
    first = profile_of_json_resume(json.dumps(ADA), TODAY)
    assert first
    exported = json_resume(first)
    again = profile_of_json_resume(json.dumps(exported), TODAY)
    assert again
    assert json_resume(again) == exported


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '"x"', "3"])
def test_other_json_is_no_resume(text: str) -> None:
    assert profile_of_json_resume(text) is None


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=12), st.sampled_from(["2020-01", "Java", "a@b.cn"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["name", "position", "startDate", "endDate", "summary", "highlights", "institution", "studyType", "keywords", "language", "fluency", "location", "url", "email", "phone"]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)  # fmt: skip
KEYS = st.sampled_from(["basics", "work", "education", "skills", "projects", "languages", "awards", "certificates"])


@settings(max_examples=120, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_what_is_not_of_the_schema_is_left_out(root: dict[str, Any]) -> None:
    assert profile_of_json_resume(json.dumps(root)) is not None


def test_lists_are_bounded() -> None:
    p = profile_of_json_resume(json.dumps({"basics": {}, "work": [{"name": "A"}] * 5000}), TODAY)
    assert p
    assert len(p.work) == 100


def test_normal_names_of_schools_are_readable() -> None:
    assert schools.normal("Universidad de Vigo") == "universidad de vigo"
    assert schools.normal("Zhejiang University") == "浙江大学"
    assert schools.normal("The University of Nevada (Reno)") == "university of nevada"
