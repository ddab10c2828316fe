"""Candidates are tried under load: no request fails, none is of two models, and bad ones never stay."""

import asyncio
from collections.abc import Sequence
from typing import get_args

import numpy as np
import pytest

from processors.embedding.model import Vectors
from processors.embedding.rollout import Evidence, Limits, Mode, Verdict, psi
from processors.embedding.trial import Seen, Trial

FEW = Limits(requests=20, pairs=10, latency_ratio=50, overlap=0.5)
MODES = get_args(Mode)


class Model:
    """Answers with its own name; `how` says what is wrong with it."""

    def __init__(self, name: str, how: str = "") -> None:
        self.name = name
        self.how = how
        self.asked = 0

    async def seen(self, request: str) -> Seen[str]:
        self.asked += 1
        await asyncio.sleep(60 if self.how == "hangs" else 0)
        if self.how == "fails" or request == "wrong":
            raise RuntimeError("out of order")
        hits = [f"{self.name if self.how == 'finds others' else 'h'}{n}" for n in range(10)]
        return Seen(self.name, self._vector(request), hits)

    def _vector(self, request: str) -> Vectors:
        if self.how == "finds all alike":
            return np.eye(1, 8, dtype=np.float32)
        row = np.random.default_rng(list(request.encode())).normal(size=(1, 8)).astype(np.float32)
        return row / np.linalg.norm(row)


async def tried(mode: Mode, how: str, callers: int = 8) -> tuple[list[Verdict], list[str], Model, Evidence]:
    """Try a candidate with callers that never pause; return verdicts, who answered, the candidate and the evidence."""
    candidate, verdicts, answers = Model("new", how), list[Verdict](), list[str]()
    patience = 0.02 if how == "hangs" else 60.0
    trial = Trial(
        Model("old").seen, candidate.seen, verdicts.append, mode=mode, share=0.5, limits=FEW, patience=patience, seed=1
    )

    async def ask(caller: int) -> None:
        while not verdicts:
            answers.append(await trial.answer(f"{caller} {len(answers)}"))  # one that fails, fails the test

    async with asyncio.timeout(60):
        await asyncio.gather(*(ask(n) for n in range(callers)))
    asked = candidate.asked
    for n in range(20):
        assert await trial.answer(f"later {n}") == "old", "from the verdict on the active model answers alone"
    await trial.close()
    assert candidate.asked == asked
    return verdicts, answers, candidate, trial.evidence


@pytest.mark.parametrize("mode", MODES)
async def test_a_candidate_as_good_is_to_be_promoted(mode: Mode) -> None:
    verdicts, answers, _, evidence = await tried(mode, "")
    assert verdicts == ["promote"]
    assert evidence.figures()["embedding_shift"] < 1e-6
    assert evidence.figures()["overlap"] == 1
    assert set(answers) == ({"old"} if mode == "shadow" else {"old", "new"})


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("fails", "error_rate"),
        ("hangs", "error_rate"),
        ("finds all alike", "embedding_shift"),
        ("finds others", "overlap"),
    ],
)
async def test_a_bad_candidate_is_rolled_back_and_no_request_fails(mode: Mode, how: str, reason: str) -> None:
    verdicts, answers, candidate, evidence = await tried(mode, how)
    assert verdicts == ["roll back"]
    assert reason in evidence.reason(FEW)
    assert candidate.asked
    if mode == "shadow" or reason == "error_rate":
        assert set(answers) == {"old"}


@pytest.mark.parametrize("mode", MODES)
async def test_a_request_that_no_model_can_answer_is_not_the_candidates_fault(mode: Mode) -> None:
    verdicts: list[Verdict] = []
    trial = Trial(Model("old").seen, Model("new").seen, verdicts.append, mode=mode, share=1, limits=FEW)
    for _ in range(10):
        with pytest.raises(RuntimeError):
            await trial.answer("wrong")
    await trial.close()
    assert (verdicts, trial.evidence.errors) == ([], 0)


async def test_a_slow_candidate_in_shadow_holds_nobody_up() -> None:
    verdicts: list[Verdict] = []
    candidate = Model("new", "hangs")
    trial = Trial(Model("old").seen, candidate.seen, verdicts.append, mode="shadow", patience=0.05)
    for n in range(50):
        assert await trial.answer(str(n)) == "old"
    assert candidate.asked <= 1, "one at a time"
    await trial.close()


def compared(active: Sequence[Sequence[str]], candidate: Sequence[Sequence[str]]) -> float:
    evidence = Evidence()
    for a, c in zip(active, candidate, strict=True):
        evidence.compare_hits(a, c)
    return evidence.figures()["overlap"]


def test_overlap_is_of_the_first_ten() -> None:
    assert compared([["a", "b"]], [["b", "a"]]) == 1
    assert compared([["a", "b"]], [["a"]]) == 0.5
    assert compared([[]], [[]]) == 1
    assert compared([[]], [["a"]]) == 0
    many = [str(n) for n in range(20)]
    assert compared([many, ["a"]], [many[:10], ["b"]]) == 0.5


def test_psi_is_zero_for_the_same_and_large_for_another_distribution() -> None:
    random = np.random.default_rng(1)
    a, b = random.normal(0.2, 0.1, 2000), random.normal(0.7, 0.1, 2000)
    assert psi(a, a) == 0
    assert psi(a, random.normal(0.2, 0.1, 2000)) < 0.1
    assert psi(a, b) > 1


def test_a_slow_candidate_is_rolled_back() -> None:
    evidence = Evidence(requests=200)
    evidence.active_seconds.extend([1.0] * 9)
    evidence.candidate_seconds.extend([1.4] * 9)
    for _ in range(100):
        assert evidence.verdict(Limits()) == "undecided", "nothing promotes a candidate whose vectors nobody compared"
        one = np.eye(1, 4, dtype=np.float32)
        evidence.compare(one, one)
    evidence.compare(one, one)
    assert evidence.verdict(Limits()) == "promote"
    evidence.candidate_seconds.extend([1.6] * 20)
    assert evidence.verdict(Limits()) == "roll back"
    assert evidence.reason(Limits()) == "latency_ratio 1.6, limit 1.5"
