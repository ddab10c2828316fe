"""Scores become probabilities that keep their order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.evaluation.calibration import calibration_error, fit, reliability

pairs = st.lists(st.tuples(st.floats(0, 1), st.sampled_from([0.0, 1.0])), min_size=1, max_size=60)


@given(pairs)
def test_it_never_falls_stays_within_0_and_1_and_keeps_the_mean(known):
    scores, outcomes = (np.array(column) for column in zip(*known, strict=True))
    fitted = fit(scores, outcomes)
    found = fitted(np.linspace(-1, 2, 50))
    assert (np.diff(found) >= -1e-12).all()
    assert 0 <= found.min() <= found.max() <= 1
    assert list(fitted.scores) == sorted(fitted.scores)
    assert fitted.probabilities[0] <= outcomes.mean() + 1e-12 <= fitted.probabilities[-1] + 2e-12


def test_it_finds_the_rate_behind_scores():
    rng = np.random.default_rng(1)
    scores = rng.random(20_000)
    outcomes = (rng.random(20_000) < scores**2).astype(float)
    found = fit(scores, outcomes)
    assert found(np.array([0.3, 0.6, 0.9])) == pytest.approx([0.09, 0.36, 0.81], abs=0.05)
    fresh = rng.random(20_000)
    table = reliability(found(fresh), (rng.random(20_000) < fresh**2).astype(float))
    assert sum(row.pairs for row in table) == 20_000
    assert calibration_error(table) < 0.02


def test_a_table_shows_what_is_wrong():
    (row,) = reliability(np.array([0.8, 0.8]), np.array([0.0, 1.0]))
    assert (row.pairs, row.predicted, row.observed) == (2, 0.8, 0.5)
    assert calibration_error([row]) == pytest.approx(0.3)


def test_nothing_cannot_be_fitted():
    with pytest.raises(ValueError, match="at least one"):
        fit(np.array([]), np.array([]))
