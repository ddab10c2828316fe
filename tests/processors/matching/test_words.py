"""Words in common: which words tell, what they score, how a recruiter reads it, and that no name is among them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.fairness import impartial
from processors.lexicon.places import CITIES, country_of_city
from processors.matching.closeness import Closeness
from processors.matching.features import words
from processors.matching.profile import Profile
from processors.matching.reading.record import job_profile, talent_profile
from processors.matching.reading.vocabulary import MOST_TIMES, MOST_WORDS, telling, vocabulary, weighed
from processors.matching.score import explain
from schemas.base import Language

CLOSE = Closeness(0.5)


def talent(summary: str, **fields: object) -> Profile:
    return talent_profile("t", 1, {"title": "Engineer", "summary": summary, **fields})


def job(description: str, **fields: object) -> Profile:
    return job_profile("j", 1, {"title": "Engineer", "description": description, **fields})


def test_words_stand_by_how_often_they_are_said_in_the_order_of_the_text() -> None:
    assert telling("Kubernetes and Docker, Terraform, Kubernetes") == ("docker terraform", "kubernete")
    assert telling("漏洞扫描") == ("漏洞 洞扫 扫描",)
    assert telling("of the and 的") == ()


@given(st.text(max_size=400) | st.lists(st.sampled_from(sorted(vocabulary())), max_size=400).map(" ".join))
def test_what_is_kept_is_bounded_and_known(text: str) -> None:
    told = telling(text)
    kept = [word for line in told for word in line.split()]
    assert len(told) <= MOST_TIMES
    assert len(kept) == len(set(kept)) <= MOST_WORDS
    assert all(vocabulary()[word] > 0 for word in kept)
    assert weighed(told)[1] > 0


def test_a_rare_word_tells_more_than_a_usual_one() -> None:
    held = talent("Kubernetes in a team, ledgers, invoices, payroll", title=None)
    rare, usual = (job(f"{word}, wound care, plastering, joinery", title=None) for word in ("Kubernetes", "team"))
    assert 0 < words.score(held, usual, CLOSE).score < words.score(held, rare, CLOSE).score < 1


@pytest.mark.parametrize(
    ("held", "wanted", "zh", "en"),
    [
        ("Kubernetes, Terraform", "Kubernetes and Terraform", "Kubernetes、Terraform", "Kubernetes, Terraform"),
        ("五年渗透测试，漏洞扫描", "渗透测试与漏洞扫描", "渗透测试、漏洞扫描", "渗透测试, 漏洞扫描"),
    ],
)
def test_a_reason_names_the_words(held: str, wanted: str, zh: str, en: str) -> None:
    pair = talent(held, title=None), job(wanted, title=None)
    reasons: dict[Language, str] = {"zh": zh, "en": en}
    for language, named in reasons.items():
        (found,) = (f for f in explain(*pair, 0.5, language) if f.name == words.NAME)
        said = found.reason.replace("：", ": ").split(": ", 1)[1].replace("、", ", ").split(", ")
        assert set(said) == set(named.replace("、", ", ").split(", "))


def test_nothing_in_common_is_said_so() -> None:
    found = words.score(talent("wound care", title=None), job("Kubernetes", title=None), CLOSE)
    assert (found.score, found.code) == (0, "none")


def test_other_languages_and_missing_texts_are_no_evidence() -> None:
    chinese = job("渗透测试与漏洞扫描", title="工程师")
    for pair in ((talent("penetration testing"), chinese), (talent("", title=None), job("Kubernetes"))):
        found = words.score(*pair, CLOSE)
        assert found.code == "unknown"
        assert found.score == pytest.approx((0.5 - 0.2) / 0.55)


def test_no_place_and_no_famous_employer_is_a_word() -> None:
    assert not {city[at : at + 2] for city in CITIES for at in range(len(city) - 1)} & vocabulary().keys()
    assert not [word for word in vocabulary() if country_of_city(word)]
    assert not {"google", "microsoft", "amazon", "tencent", "腾讯", "阿里", "华为"} & vocabulary().keys()


def test_what_a_record_calls_its_employers_and_homes_is_cut() -> None:
    fields = {
        "employments": [{"company": "Baker Street Robotics Inc."}, {"company": "启明星辰科技有限公司"}],
        "locations": ["Little Whinging"],
    }
    text = "Baker Street Robotics in Little Whinging, then Boston, MA; 启明星辰科技，北京"
    assert impartial(text, fields).split() == ["in", ",", "then", ";", "，"]
