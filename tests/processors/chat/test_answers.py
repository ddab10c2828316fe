"""Answers: each figure stands in a cited fact, contact data is never shown, and what is not known is said to be."""

import pytest

from processors.chat.answers import (
    Answer,
    Sentence,
    checked,
    company,
    comparison,
    explanation,
    is_grounded,
    listing,
    pay,
    reach,
)
from processors.chat.conversation import Shown
from processors.chat.facts import Card, Fact
from processors.chat.intents import INTENTS
from processors.chat.wording import say
from schemas.chat import Citation
from schemas.messages import Match, MatchFeature

JOB = Card(
    "job", "J0012", 3,
    {"title": "后端工程师", "company": "青禾软件", "locations": ["上海"], "salary": {"minimum": 20000, "maximum": 30000},
     "skills": [{"name": "Java"}]},
)  # fmt: skip
TALENT = Card(
    "talent",
    "t-1",
    2,
    {"title": "Data engineer", "years_experience": 6, "phones": ["+8613800000000"], "emails": ["a@b.cn"]},
)


def test_a_list_cites_each_record_with_its_revision() -> None:
    answer = listing([JOB], "job", "zh", can_widen=False)
    assert "1. 后端工程师 · 青禾软件 · 上海 · ¥20,000–30,000/月 · J0012" in answer.text
    assert {(c.id, c.field, c.revision) for c in answer.citations} == {
        ("J0012", f, 3) for f in ("title", "company", "locations", "salary")
    }
    assert answer.focus == (Shown("job", "J0012"),)
    assert checked(answer, "zh") == answer


def test_nothing_found_offers_more_freedom_once() -> None:
    assert listing([], "job", "zh", can_widen=True).asks == "widen"
    assert listing([], "job", "zh", can_widen=False).asks is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_contact_data_is_on_no_card(language: str) -> None:
    for answer in (listing([TALENT], "talent", language, can_widen=False), comparison([TALENT, TALENT], language)):  # type: ignore[arg-type]
        assert "138" not in answer.text
        assert "@" not in answer.text
        assert checked(answer, language) == answer  # type: ignore[arg-type]


def test_how_to_reach_a_talent_cites_the_fields() -> None:
    answer = reach(TALENT, "zh")
    assert "+8613800000000" in answer.text
    assert "a@b.cn" in answer.text
    assert {c.field for c in answer.citations} >= {"phones", "emails"}
    assert checked(answer, "zh") == answer


def test_what_no_record_says_is_said_to_be_unknown() -> None:
    bare = Card("job", "j-9", 1, {"title": "厨师"})
    assert pay(bare, "zh").text == say("unknown", "zh")
    assert company(None, bare, "en").text == say("unknown", "en")
    assert explanation(None, Shown("job", "j-9"), "zh").text == say("no_match", "zh")


def test_figures_without_a_source_are_dropped() -> None:
    fact = Fact("¥20,000", Citation(entity="job", id="J0012", field="salary", revision=3))
    good, bad = Sentence("J0012 pays ¥20,000", (fact,)), Sentence("It pays ¥25,000 and has 300 people", (fact,))
    assert is_grounded(good)
    assert not is_grounded(bad)
    assert checked(Answer((good, bad)), "en").sentences == (good,)
    assert checked(Answer((bad,)), "en").text == say("unknown", "en")


@pytest.mark.parametrize(
    ("text", "fact", "grounded"),
    [
        ("pays two thousand", "¥20,000", False),
        ("月薪两万", "¥20,000", True),
        ("20k a month", "¥20,000", True),
        ("三三两两、一二三，共 5 年", "三三两两、一二三，共 5 年", True),
        ("55 years", "5", False),
        ("1. 十年经验", "10", True),
        ("十五年经验", "10", False),
    ],
)
def test_a_figure_is_its_value_however_it_is_written(text: str, fact: str, grounded: bool) -> None:
    facts = (Fact(fact, Citation(entity="job", id="J0012", field="salary", revision=3)),)
    assert is_grounded(Sentence(text, facts)) is grounded


def test_an_explanation_says_the_reasons_of_the_match_itself() -> None:
    features = [
        MatchFeature(name=n, score=1, weight=w, contribution=w, reason=f"因为{n}")
        for n, w in (("skills", 0.5), ("location", 0.3))
    ]
    match = Match(
        talent_id="t-1", job_id="J0012", talent_revision=2, job_revision=3, status="active", score=0.8,
        language="zh", features=features, model="m",
    )  # fmt: skip
    answer = explanation(match, Shown("job", "J0012"), "zh")
    assert answer.text.splitlines() == ["匹配度 80%：", "- 因为skills", "- 因为location"]
    assert {c.entity for c in answer.citations} == {"match"}
    assert checked(answer, "zh") == answer


def test_all_wording_is_in_both_languages() -> None:
    from processors.chat.wording import _wording

    for name, found in _wording().items():
        assert set(found) == {"zh", "en"}, name
    assert "out_of_scope" in INTENTS
