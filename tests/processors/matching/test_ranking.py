"""Which of the candidates become matches, and which consumers hear of: pure functions."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.matching.profile import Profile
from processors.matching.ranking import (
    OTHER,
    Candidate,
    Limits,
    Near,
    best_matches,
    differs,
    in_language_of,
    not_outdone,
    pair_of,
    replaced,
    withdrawn,
)
from processors.matching.reading.record import job_profile, talent_profile
from processors.matching.weights import Weights
from schemas.base import Language
from schemas.entities import Side
from schemas.messages import Match, MatchFeature

TALENT = talent_profile("t", 1, {"title": "Engineer", "skills": [{"name": "Java"}], "locations": ["Beijing"]})
JOBS = {
    "near": {"title": "Engineer", "skills": [{"name": "Nursing"}], "locations": ["Beijing"]},
    "fit": {"title": "Engineer", "skills": [{"name": "Java"}], "locations": ["Shanghai"]},
    "closed": {"title": "Engineer", "skills": [{"name": "Java"}], "status": "closed"},
}


def near(profile: Profile, model: str = "m", similarity: float = 0.5) -> Near:
    return Near(Candidate(profile, model), similarity)


def best(limits: Limits, known: tuple[str, ...] = (), model: str = "m") -> list[str]:
    found = [near(job_profile(i, 1, fields), model) for i, fields in JOBS.items()]
    return [job for _, job in (s.pair for s in best_matches("talent", Candidate(TALENT, "m"), found, limits, known))]


@pytest.mark.parametrize(
    ("weights", "order"), [(Weights(skills=1), ["fit", "near"]), (Weights(location=1), ["near", "fit"])]
)
def test_the_weights_of_the_limits_order_them(weights: Weights, order: list[str]) -> None:
    assert best(Limits(threshold=0, weights=weights)) == order


def test_known_partners_stay_beyond_the_limit_but_not_below_the_threshold() -> None:
    one = Limits(results=1, threshold=0.3, weights=Weights(skills=0.6, location=0.4))
    assert best(one) == ["fit"]
    assert best(one, known=("near",)) == ["fit", "near"]
    high = Limits(results=1, threshold=0.9, weights=Weights(skills=0.6, location=0.4))
    assert best(high, known=("near",)) == []


def test_vectors_of_two_models_are_never_compared() -> None:
    assert best(Limits(threshold=0), model="other") == []


@given(st.permutations(range(12)), st.integers(1, 12))
def test_the_order_in_which_candidates_are_found_means_nothing(order: list[int], results: int) -> None:
    jobs = [near(job_profile(f"j{n}", 1, {"title": "Engineer"}), similarity=n // 3 / 10) for n in range(12)]
    limits = Limits(results=results, threshold=0)
    asked, same = (
        [s.match() for s in best_matches("talent", Candidate(TALENT, "m"), found, limits)]
        for found in ([jobs[n] for n in order], jobs)
    )
    assert asked == same
    assert len(asked) == results
    assert [(-m.score, m.job_id) for m in asked] == sorted((-m.score, m.job_id) for m in asked)


@given(st.sampled_from(["talent", "job"]), st.floats(-1, 1))
def test_both_sides_find_the_same_match(side: Side, similarity: float) -> None:
    job = job_profile("fit", 1, JOBS["fit"])
    asking, other = (TALENT, job) if side == "talent" else (job, TALENT)
    limits = Limits(threshold=0)
    (scored,) = best_matches(side, Candidate(asking, "m"), [near(other, "m", similarity)], limits)
    (same,) = best_matches(OTHER[side], Candidate(other, "m"), [near(asking, "m", similarity)], limits)
    assert scored.match() == same.match()
    assert scored.pair == pair_of(scored.match()) == ("t", "fit")


def test_a_match_is_explained_in_the_language_that_is_asked_for_and_counts_the_same() -> None:
    asking = Candidate(TALENT, "m")
    (scored,) = best_matches("talent", asking, [near(job_profile("fit", 1, JOBS["fit"]))], Limits(threshold=0))
    zh, en = scored.match("zh"), scored.match("en")
    assert (zh.language, en.language, scored.match().language) == ("zh", "en", TALENT.language)
    assert [f.reason for f in zh.features] != [f.reason for f in en.features]
    assert [(f.name, f.contribution) for f in zh.features] == [(f.name, f.contribution) for f in en.features]


def a_match(job: str = "j", score: float = 0.5, language: Language = "en", **more: Any) -> Match:
    reason = "because" if language == "en" else "因为"
    feature = MatchFeature(name="skills", score=score, weight=1, contribution=score, reason=reason)
    found = Match(talent_id="t", job_id=job, talent_revision=1, job_revision=1, status="active", score=score,
                  language=language, features=[feature], model="m")  # fmt: skip
    return found.model_copy(update=more)


def test_another_language_is_no_news_unless_something_else_changed() -> None:
    stored = a_match()
    assert in_language_of(a_match(language="zh"), stored) == stored
    changed = a_match(score=0.6, language="zh")
    assert in_language_of(changed, stored) is changed
    gone = a_match(status="withdrawn")
    assert in_language_of(a_match(language="zh"), gone).language == "zh"
    assert in_language_of(changed, None) is changed


def test_revisions_are_no_news_and_anything_else_is() -> None:
    stored = a_match()
    assert not differs(a_match(talent_revision=9, job_revision=8), stored)
    for news in (a_match(score=0.6), a_match(status="withdrawn"), a_match(model="n"), a_match(language="zh")):
        assert differs(news, stored)
    assert differs(stored, None)


def test_what_is_withdrawn_says_since_when_and_never_goes_back() -> None:
    assert withdrawn("talent", a_match(), 7).talent_revision == 7
    gone = withdrawn("job", a_match(job_revision=5), 3)
    assert (gone.status, gone.talent_revision, gone.job_revision) == ("withdrawn", 1, 5)


def test_what_is_told_of_a_match_that_another_replaces() -> None:
    old, new, gone = a_match(), a_match(score=0.6), a_match(status="withdrawn")
    assert replaced(None, None) is None
    assert replaced(None, new) == replaced(old, new) == new
    assert replaced(None, gone) is None
    dropped = replaced(old, None)
    assert dropped
    assert (dropped.status, dropped.talent_revision, dropped.job_revision) == ("withdrawn", 0, 0)
    assert replaced(gone, None) is None
    assert replaced(old, a_match(talent_revision=7)) is None, "revisions alone are no news"
    assert replaced(old, a_match(language="zh")) is None, "neither is the language of the same reasons"
    assert replaced(old, gone) == gone


@given(st.lists(st.integers(0, 20), max_size=12), st.sets(st.integers(0, 11)), st.integers(1, 12), st.integers(1, 11))
def test_ranked_in_two_parts_the_best_are_those_of_the_whole(
    similarities: list[int], known: set[int], results: int, cut: int
) -> None:
    """Those that are known come in the first part, without places of their own; all that may be new in the last."""
    jobs = [near(job_profile(f"j{n:02}", 1, JOBS["fit"]), similarity=s / 20) for n, s in enumerate(similarities)]
    names = {f"j{n:02}" for n in known}
    limits, asking = Limits(results=results, threshold=0), Candidate(TALENT, "m")
    whole = best_matches("talent", asking, jobs, limits, names)
    first = [j for j in jobs[:cut] if j.candidate.profile.id in names]
    last = [j for j in jobs if j not in first]
    found = best_matches("talent", asking, first, limits, names)
    rest = best_matches("talent", asking, last, limits, names)
    rest = not_outdone("talent", rest, names, [s.total for s in found], limits)
    ties = {s.total for s in found} & {s.total for s in rest}
    both = {s.pair for s in (*found, *rest)}
    assert both >= {s.pair for s in whole}
    assert ties or both == {s.pair for s in whole}
