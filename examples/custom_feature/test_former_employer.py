"""The new feature: its score and its words, and that everything that works with features knows it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.matching.features import FEATURES
from processors.matching.features.feature import NEUTRAL, NOT_ASKED
from processors.matching.learning import Outcome, comparable, learn
from processors.matching.profile import Profile
from processors.matching.reading.record import job_profile, talent_profile
from processors.matching.score import explain, total_score
from processors.matching.weights import DEFAULT, Weights, parse_weights, to_toml
from schemas.base import Language

NAME = "former_employer"


def talent(*companies: str, **private: object) -> Profile:
    employments = [{"company": company, "title": "Engineer"} for company in companies]
    return talent_profile("t", 1, {"title": "Engineer", "employments": employments, **private})


def job(company: str | None) -> Profile:
    return job_profile("j", 1, {"title": "Engineer", "company": company})


@pytest.mark.parametrize(
    ("held", "company", "score", "zh", "en"),
    [
        (["Acme", "Other"], "ACME", 1.0, "曾在ACME任职", "Has worked for ACME before"),
        (["Other"], "Acme", NOT_ASKED, "未曾在Acme任职", "Has not worked for Acme before"),
        (["Other"], None, NEUTRAL, "雇主或任职经历未知", "Employer or positions unknown"),
        ([], "Acme", NEUTRAL, "雇主或任职经历未知", "Employer or positions unknown"),
    ],
)
def test_its_score_and_its_reason(held: list[str], company: str | None, score: float, zh: str, en: str) -> None:
    reasons: dict[Language, str] = {"zh": zh, "en": en}
    for language, reason in reasons.items():
        *_, feature = explain(talent(*held), job(company), 0.5, language)
        assert (feature.name, feature.score, feature.reason) == (NAME, score, reason)


def test_it_has_a_weight() -> None:
    assert DEFAULT[NAME] == pytest.approx(FEATURES[NAME].weight / sum(f.weight for f in FEATURES.values()))
    assert parse_weights(f"[weights]\n{NAME} = 1")[NAME] == 1
    assert f"{NAME} = " in to_toml(DEFAULT)
    alone = Weights(**{NAME: 1.0})
    assert total_score(talent("Acme"), job("Acme"), 0.5, alone) == 1


def test_it_is_learned() -> None:
    rng = np.random.default_rng(1)
    rows = [(n // 6, dict(zip(FEATURES, rng.random(len(FEATURES)), strict=True))) for n in range(90)]
    outcomes = [Outcome(f"j{number}", comparable(scores), int(scores[NAME] * 3.99)) for number, scores in rows]
    assert learn(outcomes).weights[NAME] > 5 * DEFAULT[NAME]


def test_what_it_reads_is_stored() -> None:
    stored = talent("Acme").to_payload()
    assert Profile.from_payload(stored) == talent("Acme")
    del stored["terms"]  # as a version without this feature stored it
    *_, feature = explain(Profile.from_payload(stored), job("Acme"), 0.5, "en")
    assert feature.score == NEUTRAL


@given(st.text(min_size=1), st.emails())
def test_who_somebody_is_changes_nothing(name: str, email: str) -> None:
    assert talent("Acme", name=name, emails=[email]) == talent("Acme")
