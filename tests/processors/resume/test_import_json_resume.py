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
from schemas.resume import ResumeProfile

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


@settings(max_examples=40, deadline=None)
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


def _read(root: dict[str, Any]) -> ResumeProfile:
    profile = profile_of_json_resume(json.dumps(root, ensure_ascii=False), TODAY)
    assert profile
    return profile


def test_addresses_without_a_scheme_and_names_of_users_are_links() -> None:
    basics = {
        "website": "www.quill.example",
        "profiles": [
            {"network": "GitHub", "username": "mquill"},
            {"network": "LinkedIn", "username": "mara-quill", "url": ""},
            {"network": "Chess", "username": "mq"},
            "quill.example/blog",
        ],
    }
    assert [link.value.url for link in _read({"basics": basics}).links] == [
        "https://www.quill.example",
        "https://github.com/mquill",
        "https://linkedin.com/in/mara-quill",
        "https://quill.example/blog",
    ]


@pytest.mark.parametrize(
    "root",
    [
        {"work": [{"company": "Plover", "position": "Lead", "startDate": "2020-03", "endDate": None}]},
        {"work": {"name": "Plover", "position": "Lead", "startDate": "03/2020"}},
        {"experience": [{"company": "Plover", "title": "Lead", "from": "March 2020", "to": "present"}]},
        {"work": [{"company": "Plover", "positions": [{"title": "Lead", "start": {"year": 2020, "month": 3}}]}]},
        {"resume": {"basics": {}, "work": [{"name": "Plover", "position": "Lead", "startDate": "2020-03"}]}},
    ],
)
def test_positions_are_read_under_the_names_that_people_give_them(root: dict[str, Any]) -> None:
    (position,) = _read(root).work
    assert position.employer
    assert position.title
    assert position.start
    assert (position.employer.value, position.title.value, position.start.value) == ("Plover", "Lead", "2020-03")
    assert position.current


@pytest.mark.parametrize(
    "skills",
    ["Python, Kafka", ["Python", "Kafka"], [{"name": "Tools", "keywords": "Python; Kafka"}], [{"items": ["Python", "Kafka"]}]],
)  # fmt: skip
def test_lists_may_be_texts(skills: Any) -> None:
    said = _read({"skills": skills, "certifications": "CKA; PMP", "work": [{"name": "A", "highlights": "One\nTwo"}]})
    assert [s.name for s in said.skills if not s.implied] == ["Python", "Kafka"]
    assert [c.name.value for c in said.certificates] == ["CKA", "PMP"]
    assert [a.value for a in said.work[0].achievements] == ["One", "Two"]
