import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.masking import (
    HIDDEN,
    mask_fields,
    mask_match,
    mask_message,
    mask_record,
    mask_text,
    mask_value,
    short_name,
)
from schemas.resume import ResumeProfile, personal_fields

ZHANG = {
    "name": "张晓明",
    "emails": ["xm.zhang@example.com"],
    "phones": ["138-1234-5678"],
    "birth_date": "1990-05-17",
    "street_address": "文三路138号",
    "postal_code": "310012",
    "title": "数据工程师",
    "summary": "我叫张晓明，八年经验，微信：zxm_data，电话 13812345678，邮箱 xm.zhang@example.com",
    "skills": [{"name": "Kafka", "level": "expert", "required": True}],
    "employments": [{"company": "星河科技", "title": "工程师", "description": "联系张晓明 xm.zhang@example.com"}],
    "resume_text": "张晓明的简历",
    "years_experience": 8.0,
    "locations": ["上海"],
}
SECRETS = ("晓明", "xm.zhang", "13812345678", "138-1234", "zxm_data")


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("张晓明", "张**"),
        ("欧阳娜娜", "欧阳**"),
        ("Jane van Doe", "J. V. D."),
        ("王芳 (Fang Wang)", "王**"),
        ("Fang Wang 王芳", "王**"),
        ("Čeněk Novák-Dvořák Smith", "Č. N. D."),
        ("—", HIDDEN),
        ("12345", HIDDEN),
    ],
)
def test_names_are_shortened(name, short):
    assert short_name(name) == short


def test_contacts_are_hidden_and_what_qualifies_is_left():
    shown = mask_record("talent", {"id": "T1", "revision": 3, "fields": ZHANG})
    fields = shown["fields"]
    assert (shown["id"], shown["revision"]) == ("T1", 3)
    assert fields["name"] == "张**"
    assert fields["emails"] == fields["phones"] == [HIDDEN]
    assert {fields[n] for n in ("resume_text", "birth_date", "street_address", "postal_code")} == {HIDDEN}
    assert {n: fields[n] for n in ("title", "skills", "years_experience", "locations")} == {
        n: ZHANG[n] for n in ("title", "skills", "years_experience", "locations")
    }
    assert "八年经验" in fields["summary"]
    assert fields["employments"][0]["company"] == "星河科技"
    text = json.dumps(shown, ensure_ascii=False)
    assert not [secret for secret in SECRETS if secret in text]


def test_companies_and_jobs_are_nobodys():
    job = {"title": "工程师", "description": "hr@example.com"}
    assert mask_fields("job", job) == job
    assert mask_value("company", "name", "星河科技") == "星河科技"


def test_a_reason_is_left_unless_it_names_contacts():
    reason = "具备全部 3 项必备技能：Kafka、Python、SQL"
    match = {"score": 0.9, "features": [{"name": "skills", "reason": reason}, {"name": "x", "reason": "写信 a@b.cn"}]}
    assert [f["reason"] for f in mask_match(match)["features"]] == [reason, f"写信 {HIDDEN}"]
    assert mask_text("8 years at Acme with Jane Doe", ["Jane Doe"]) == f"8 years at Acme with {HIDDEN}"


names = st.text(alphabet="abcdefghij", min_size=6, max_size=12)


@given(names, st.lists(names, min_size=3, max_size=3), st.integers(13_000_000_000, 13_999_999_999))
def test_nothing_personal_is_found_again_wherever_it_was_repeated(host, words, number):
    email = f"{words[0]}@{host}.com"
    fields = {
        "name": f"{words[1].title()} {words[2].title()}",
        "emails": [email],
        "phones": [str(number)],
        "summary": f"write to {email} or call {number}, {words[1].title()} {words[2].title()} reads it",
        "employments": [{"title": "x", "description": f"{email} {number}"}],
        "resume_text": f"{email}",
        "unheard_of": f"{email}",
    }
    shown = json.dumps([mask_fields("talent", fields), mask_value("talent", "emails", [email])])
    for secret in (email, str(number), f"{words[1].title()} {words[2].title()}"):
        assert secret not in shown


def test_a_dead_letter_shows_its_structure_and_nothing_of_a_person():
    faulty = {
        **ZHANG,
        "张晓明": 1,
        "title": "张晓明的简历",
        "skills": "call 13812345678",
        "name": ["张晓明"],
        "locations": {"a": "zxm@example.com"},
    }
    shown = mask_message("talent-events", json.dumps(faulty).encode()).decode()
    assert not [secret for secret in (*SECRETS, "zxm@") if secret in shown]
    assert json.loads(shown)["years_experience"] == 8.0
    record = {"entity": "talent", "id": "T1", "revision": 1, "fields": ZHANG, "provenance": {"name": "张晓明"}}
    shown = mask_message("talent-records", json.dumps(record).encode()).decode()
    assert not [secret for secret in SECRETS if secret in shown]
    assert json.loads(shown)["fields"]["title"] == "数据工程师"


@pytest.mark.parametrize(
    ("topic", "value", "shown"),
    [
        ("talent-events", b"\xff13812345678", b"***"),
        ("talent-events", b'["13812345678"]', b"***"),
        ("talent-events", b"[" * 100_000, b"***"),
        ("resume-events", b'{"text": "x"}', b"***"),
        ("unheard-of", b"x", b"***"),
        ("job-events", b'{"title": "x"}', b'{"title": "x"}'),
        ("talent-events", None, None),
    ],
)
def test_what_cannot_be_told_is_hidden_whole(topic, value, shown):
    assert mask_message(topic, value) == shown


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.just("xm.zhang@example.com"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*ZHANG, "xm.zhang@example.com", "start"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from([*ZHANG, "else", "xm.zhang@example.com"]), json_values, max_size=8))
def test_no_shape_of_a_faulty_event_lets_a_contact_through(fields):
    assert b"xm.zhang" not in mask_message("talent-events", json.dumps(fields).encode())


def test_the_profile_of_a_resume_marks_the_same_way():
    assert {"name", "emails", "phones", "birth_date"} <= set(personal_fields(ResumeProfile))
