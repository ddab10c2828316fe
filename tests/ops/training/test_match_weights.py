"""Weights that are learnt from judged sets: better where something is to be learnt, and judged where nothing was."""

from pathlib import Path

import numpy as np
import pytest

from ops.evaluation.match import JobAd
from ops.training import match_weights
from ops.training.match_weights import IN_HOUSE, Example, example, learn, left_out, read
from processors.matching.features import FEATURES

START = np.array([0.25, 0.25, 0.25, 0.25])


def drawn(name: str, origin: str, telling: int, seed: int) -> Example:
    """Five queries of twelve rows each, of which the four with the most of one feature are relevant."""
    features = np.random.default_rng(seed).random((5, 12, 4))
    grades = (np.argsort(np.argsort(-features[:, :, telling])) < 4).astype(np.float64)
    return example(name, origin, features, grades, 0.5)


SETS = [drawn("a", "one", 2, 1), drawn("b", "one", 2, 2), drawn("c", "two", 2, 3), drawn("d", "three", 1, 4)]


def test_what_tells_counts_more_and_the_same_comes_out_again() -> None:
    learnt = learn(SETS[:3], START, trials=100)
    assert learnt.sum() == pytest.approx(1)
    assert learnt.argmax() == 2
    assert np.mean([one.measure(learnt) for one in SETS[:3]]) > np.mean([one.measure(START) for one in SETS[:3]]) + 0.2
    assert learn(SETS[:3], START, trials=100).tolist() == learnt.tolist()


def test_sets_of_one_origin_are_left_out_together() -> None:
    figures = left_out(SETS, START, trials=100)
    assert figures.keys() == {"a", "b", "c", "d"}
    assert figures["c"] == pytest.approx(SETS[2].measure(learn([SETS[0], SETS[1], SETS[3]], START, 100)), abs=1e-4)


def test_in_house_sets_must_not_lose() -> None:
    bound = drawn("own", IN_HOUSE, 0, 5)
    free, held = learn(SETS, START, 100), learn([*SETS, bound], START, 100)
    assert bound.measure(held) >= bound.measure(START) - 0.01 > bound.measure(free)
    assert "own" not in left_out([*SETS, bound], START, trials=5)


def test_a_set_is_read_as_the_stream_sees_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "jobs.jsonl").write_text('{"id": "j", "title": "Nurse", "text": "wards"}\n')
    (tmp_path / "cvs.jsonl").write_text('{"id": "a", "text": "nurse"}\n{"id": "b", "text": "welder"}\n')
    (tmp_path / "pairs.jsonl").write_text('{"job": "j", "relevant": ["a"]}\n')
    asked: list[JobAd] = []

    class Made:
        def features(self) -> np.ndarray:
            return np.arange(2.0 * len(FEATURES)).reshape(2, 1, len(FEATURES))

    def pool(cvs: list[str], ads: list[JobAd], model: object) -> Made:
        asked.extend(ads)
        return Made()

    monkeypatch.setattr(match_weights, "stream_pool", pool)
    row = {"name": "n", "origin": "o", "jobs": "jobs.jsonl", "resumes": "cvs.jsonl", "qrels": "pairs.jsonl"}
    found = read(row, tmp_path, None)  # type: ignore[arg-type]
    assert asked == [JobAd("Nurse", "wards")]
    ((rows, grades),) = found.queries
    assert (rows.shape, grades.tolist()) == ((2, len(FEATURES)), [1.0, 0.0])
