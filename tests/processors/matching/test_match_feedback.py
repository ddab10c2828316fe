"""What became of a pair is a function of the set of events; a pair's history tells what changed and why."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from processors.matching.features import FEATURES
from processors.matching.features.feature import NEUTRAL
from processors.matching.feedback import MAX_SAID, Said, as_of, join, outcome_of, standing
from processors.matching.history import revision_of, timeline
from processors.matching.weights import DEFAULT, version_of
from schemas.envelope import timestamp
from schemas.history import MatchRevision
from schemas.messages import Match, MatchFeature
from tests.support.events import BASE


def at(minute: float) -> str:
    return timestamp(BASE + timedelta(minutes=minute))


def match(minute: float, status: str = "active", model: str = "m", **scores: float) -> MatchRevision:
    """A published result; every feature weighs a half."""
    features = [
        MatchFeature(name=n, score=s, weight=0.5, contribution=s / 2, reason="because") for n, s in scores.items()
    ]
    found = Match.model_validate(
        {"talent_id": "t", "job_id": "j", "talent_revision": 1, "job_revision": 1, "status": status, "language": "en",
         "score": sum(f.contribution for f in features), "features": features, "model": model}
    )  # fmt: skip
    return revision_of(found, time=at(minute), cause=f"e-{minute}")


def said(number: int, minute: float, outcome: Any = "hired", source: str = "ats", **more: Any) -> Said:
    return Said(at(minute), f"e{number}", source, outcome, **more)


HISTORY = [match(n, skills=n / 10) for n in range(4)]
events = st.builds(
    lambda number, minute, outcome, source: said(number, minute, outcome, source, match=as_of(HISTORY, at(minute))),
    st.integers(0, 9),
    st.integers(-2, 5),
    st.sampled_from(["shortlisted", "interviewed", "hired", "rejected"]),
    st.sampled_from(["ats", "crm"]),
)


@given(st.lists(events, max_size=20), st.integers(0, 20), st.randoms())
def test_any_order_any_repetition_and_any_batches_come_to_the_same(log: list[Said], cut: int, random: Any) -> None:
    """Also of events that claim one id and differ."""
    whole = join((), log)
    shuffled = [*log, *log[: len(log) // 2]]
    random.shuffle(shuffled)
    assert join(join((), shuffled[:cut]), shuffled[cut:]) == whole
    assert join(whole, whole) == whole
    for source, newest in standing(whole).items():
        assert newest.stamp == max(s.stamp for s in whole if s.source == source)


@given(st.permutations(range(MAX_SAID + 10)))
def test_only_the_newest_are_kept_in_any_order(order: list[int]) -> None:
    found: tuple[Said, ...] = ()
    for number in order:
        found = join(found, [said(number, number)])
    assert [s.event_id for s in found] == [f"e{n}" for n in range(10, MAX_SAID + 10)]


def test_a_pair_is_judged_as_it_was_when_it_was_said() -> None:
    history = [match(1, skills=0.2), match(5, skills=0.8), match(5, skills=0.9)]
    assert as_of(history, at(0)) is None
    assert as_of(history, at(4.9)) == history[0]
    assert as_of(history, at(5)) == history[2], "of two at one time the later is the one that stayed"


def test_a_match_that_is_found_later_joins_what_was_said_and_then_stays() -> None:
    first, second = said(1, 1), said(1, 1, match=HISTORY[1])
    assert join([first], [second]) == join([second], [first]) == (second,)
    assert join([second], [said(1, 1, match=HISTORY[2])]) == (second,)


def test_what_was_said_last_is_learned_with_the_features_of_that_time() -> None:
    shortlisted = said(1, 1, "shortlisted", "crm", match=match(0, skills=0.2))
    rejected = said(2, 3, "rejected", "ats", match=match(2, skills=0.8, model="m2"))
    found = outcome_of("j", join((), [rejected, shortlisted]))
    assert found
    assert (found.job_id, found.grade, found.model) == ("j", 0, "m2")
    features = dict(zip(FEATURES, found.features, strict=True))
    assert (features["skills"], features["salary"]) == (0.8, NEUTRAL)
    assert outcome_of("j", [said(3, 9)]) is None, "no match was known"
    assert outcome_of("j", []) is None


def test_a_timeline_tells_results_and_feedback_in_order_and_what_changed() -> None:
    history = [match(0, skills=0.2, title=0.6), match(2, skills=0.8, title=0.5, model="m2"), match(4, "withdrawn")]
    words = [said(1, 1, "shortlisted", match=history[0]), said(2, 3, "rejected", reason="salary"), said(3, 2)]
    moments = timeline(history, words)
    assert [m.what for m in moments] == ["active", "shortlisted", "active", "hired", "rejected", "withdrawn"]
    first, shortlisted, changed, _, rejected, withdrawn = moments
    assert (first.change, first.parts, first.event) == (None, (("title", 0.3), ("skills", 0.1)), "e-0")
    assert (shortlisted.by, shortlisted.score, shortlisted.why) == ("ats", 0.4, ())
    assert (changed.score, changed.change, changed.parts) == (0.65, 0.25, (("skills", 0.3), ("title", -0.05)))
    assert changed.why == ("model m → m2",)
    assert (rejected.score, rejected.why) == (None, ("salary", "no match known then"))
    assert withdrawn.why[0].startswith("weights ")


def test_a_version_of_weights_follows_from_what_counts() -> None:
    assert version_of({"skills": 1.0}) == version_of({"title": 0.0, "skills": 1.0}) != version_of(DEFAULT)
