"""Which of the candidates become matches, as a pure function."""

import pytest

from processors.matching.profile import job_profile, talent_profile
from processors.matching.weights import Weights
from sinks.qdrant import Hit, Point
from streams.matching import MatchLimits, best_matches

TALENT = {"title": "Engineer", "skills": [{"name": "Java"}], "locations": ["Beijing"]}
JOBS = {
    "near": {"title": "Engineer", "skills": [{"name": "Nursing"}], "locations": ["Beijing"]},
    "fit": {"title": "Engineer", "skills": [{"name": "Java"}], "locations": ["Shanghai"]},
    "closed": {"title": "Engineer", "skills": [{"name": "Java"}], "status": "closed"},
}


def point(payload: dict, model: str = "m") -> Point:
    return Point(payload["id"], {**payload, "model": model}, [])


def best(limits: MatchLimits, known: tuple[str, ...] = (), model: str = "m") -> list[str]:
    near = [Hit(point(job_profile(i, 1, fields).to_payload(), model), 0.5) for i, fields in JOBS.items()]
    own = point(talent_profile("t", 1, TALENT).to_payload())
    return [m.job_id for m in best_matches("talent", own, near, limits, known)]


@pytest.mark.parametrize(
    ("weights", "order"), [(Weights(skills=1), ["fit", "near"]), (Weights(location=1), ["near", "fit"])]
)
def test_the_weights_of_the_limits_order_them(weights: Weights, order: list[str]) -> None:
    assert best(MatchLimits(threshold=0, weights=weights)) == order


def test_known_partners_stay_beyond_the_limit_but_not_below_the_threshold() -> None:
    one = MatchLimits(results=1, threshold=0.3, weights=Weights(skills=0.6, location=0.4))
    assert best(one) == ["fit"]
    assert best(one, known=("near",)) == ["fit", "near"]
    high = MatchLimits(results=1, threshold=0.9, weights=Weights(skills=0.6, location=0.4))
    assert best(high, known=("near",)) == []


def test_vectors_of_two_models_are_never_compared() -> None:
    assert best(MatchLimits(threshold=0), model="other") == []
