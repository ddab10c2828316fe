"""The features as objects: what they score and say is as it always was, and each says all that it can."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.matching.advice import advice
from processors.matching.closeness import Closeness, measure
from processors.matching.features import FEATURES, skills
from processors.matching.features.feature import Feature, Finding, Text, by_name
from processors.matching.profile import Profile
from processors.matching.reading.record import job_profile, talent_profile
from processors.matching.score import rounded, score, total_score
from processors.matching.weights import Weights, default_weights, to_toml, version_of
from tests.support.match_pairs import Pair, pairs, sample_profiles

PINNED: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "match_scores.json").read_text("utf-8"))
"""Of the fifteen features that there were when they became objects; one that is added changes none of it."""
WEIGHTS = Weights(**PINNED["weights"])


@cache
def every_pair() -> dict[str, Pair]:
    return {pair.name: pair for pair in pairs()}


def digest(*what: Any) -> str:
    return hashlib.sha256(json.dumps(what, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:12]


def said(pair: Pair) -> list[Any]:
    """A pair's total and explanation in both languages."""
    found = []
    for language in ("zh", "en"):
        total, features = score(pair.talent, pair.job, pair.similarity, language, WEIGHTS)
        assert total == total_score(pair.talent, pair.job, pair.similarity, WEIGHTS)
        found.append([total, [asdict(f) for f in features if f.name in PINNED["names"]]])
    return found


@pytest.mark.parametrize("name", PINNED["whole"])
def test_scores_and_reasons_read_as_they_did(name: str) -> None:
    assert said(every_pair()[name]) == PINNED["whole"][name]


def test_every_score_and_reason_is_as_it_was() -> None:
    assert every_pair().keys() == PINNED["pairs"].keys()
    assert [name for name, pair in every_pair().items() if digest(*said(pair)) != PINNED["pairs"][name]] == []


@given(st.lists(st.floats(0, 1) | st.integers(0, 2 * 10**6).map(lambda n: n / (2 * 10**6)), min_size=1))
def test_many_are_rounded_as_one(numbers: list[float]) -> None:
    assert rounded(np.array(numbers)).tolist() == [round(number, 6) for number in numbers]


def test_advice_is_as_it_was() -> None:
    found = [
        [list(a) for a in advice(p.talent, p.job, p.similarity, language, WEIGHTS)]
        for p in every_pair().values()
        for language in ("zh", "en")
    ]
    assert digest(found) == PINNED["advice"]


def test_stored_profiles_are_as_they_were_and_are_read_back() -> None:
    talents, jobs = sample_profiles()
    of_pairs = [profile for p in every_pair().values() for profile in (p.talent, p.job)]
    payloads = [[p.to_payload() for p in (*talents, *jobs)], [p.to_payload() for p in of_pairs]]
    for payload in (p for each in payloads for p in each):
        payload.pop("terms", None)
    assert digest(*payloads) == PINNED["payloads"]
    assert all(Profile.from_payload(p.to_payload()) == p for p in of_pairs)


def test_default_weights_are_as_they_were() -> None:
    known = {name: FEATURES[name] for name in PINNED["names"]}
    weights = default_weights(known)
    assert weights == PINNED["weights"]
    assert list(weights) == PINNED["names"]
    assert version_of(weights) == PINNED["version"]
    if FEATURES.keys() == known.keys():
        assert digest(to_toml(WEIGHTS)) == PINNED["toml"]


def test_names_are_their_own() -> None:
    with pytest.raises(ValueError, match="two features of one name"):
        by_name(*FEATURES.values(), skills.FEATURE)


CODES = [(name, code) for name, feature in FEATURES.items() for code in feature.reasons]


_HERE = {"title": "会计", "locations": ["上海"]}
LATER = [
    Pair(
        "wishes more remote work",
        talent_profile("t", 1, {**_HERE, "remote_share": 0.6}),
        job_profile("j", 1, {**_HERE, "workplace": "hybrid"}),
        0.5,
    ),
]
"""Of findings that came later."""


@cache
def measured() -> list[tuple[Pair, Closeness]]:
    every = [*every_pair().values(), *LATER]
    return [(pair, measure([pair.talent], [pair.job], [pair.similarity])[0]) for pair in every]


def findings(feature: Feature) -> Iterator[tuple[Pair, Finding]]:
    for pair, close in measured():
        yield pair, feature.score(pair.talent, pair.job, close)


@pytest.mark.parametrize("name", PINNED["names"])
def test_a_feature_finds_what_it_has_a_reason_for_and_nothing_else(name: str) -> None:
    feature = FEATURES[name]
    found = {finding.code: (pair, finding) for pair, finding in findings(feature)}
    assert found.keys() == feature.reasons.keys()
    for pair, finding in found.values():
        zh, en = (feature.reason(finding, pair.talent, pair.job, language) for language in ("zh", "en"))
        assert any("\u4e00" <= c <= "\u9fff" for c in zh)
        ours = en.replace(pair.talent.title or " ", "").replace(pair.job.title or " ", "")
        assert not any("\u4e00" <= c <= "\u9fff" for c in ours)
        assert en[0] == en[0].upper()
        assert "{" not in zh + en


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_has_a_name_in_both_languages(name: str) -> None:
    label = FEATURES[name].label
    assert label.zh != label.en
    assert all(label)


def _nothing(talent: Profile, job: Profile, close: Closeness) -> Finding:
    return Finding(0.5, "unknown")


@pytest.mark.parametrize(
    ("weight", "reason", "why"),
    [(-0.1, Text("不", "no"), "negative"), (float("nan"), Text("不", "no"), "negative"),
     (0.1, Text("{have} 年", "years"), r"new\.unknown: the placeholders"), (0.1, Text("年", "{years}"), "placeholders")],
)  # fmt: skip
def test_a_feature_that_is_wrong_is_refused_at_once(weight: float, reason: Text, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Feature(name="new", label=Text("新", "new"), weight=weight, score=_nothing, reasons={"unknown": reason})


def test_default_weights_make_room_for_one_more() -> None:
    whole = sum(feature.weight for feature in FEATURES.values())
    new = Feature("new", Text("新", "new"), whole / 4, _nothing, {"unknown": Text("不", "no")})
    weights = default_weights({**FEATURES, "new": new})
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["new"] == pytest.approx(0.2)
    assert weights["skills"] / weights["title"] == pytest.approx(FEATURES["skills"].weight / FEATURES["title"].weight)
