"""Models change under load: no request fails, none is of two models, and bad candidates never stay."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ops.models.export import export_bert
from processors.embedding.model import Vectors
from processors.embedding.pool import EmbeddingPool
from processors.embedding.rollout import Evidence, Limits, psi
from processors.embedding.router import ModelRouter
from processors.embedding.transformer import TransformerConfig, TransformerEncoder
from tests.tiny_bert import write_tiny_bert

FEW = Limits(requests=20, pairs=20, latency_ratio=50, embedding_shift=0.2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("router")
    write_tiny_bert(folder)
    export_bert(folder, folder / "model.onnx")
    return folder


def pool_of(folder: Path, version: str, **config: object) -> EmbeddingPool:
    return EmbeddingPool(TransformerEncoder(folder, version, TransformerConfig(**config)), workers=2)  # type: ignore[arg-type]


class Odd:
    """A model that fails, or finds all texts alike."""

    version = "odd@1"
    dimensions = 32

    def __init__(self, fails: bool) -> None:
        self._fails = fails

    def embed(self, texts: Sequence[str]) -> Vectors:
        if self._fails:
            raise RuntimeError("out of order")
        rows = np.zeros((len(texts), 32), dtype=np.float32)
        rows[np.arange(len(texts)), [hash(t) % 32 for t in texts]] = 1
        return rows


class Load:
    """Callers that ask without a pause, and note by which version each answer was."""

    def __init__(self, router: ModelRouter, callers: int = 8) -> None:
        self.versions: list[tuple[float, str]] = []
        self.count = 0
        self._stop = False
        self._router = router
        self._tasks = [asyncio.create_task(self._ask(n)) for n in range(callers)]

    async def _ask(self, caller: int) -> None:
        while not self._stop:
            self.count += 1
            texts = [f"engineer {caller} {self.count}", "nurse in hospital", f"data {self.count}"]
            answer = await self._router.embed(texts)
            assert answer.vectors.shape == (3, 32)
            self.versions.append((time.monotonic(), answer.version))

    async def until(self, condition: object) -> None:
        async with asyncio.timeout(30):
            while not condition():  # type: ignore[operator]  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def end(self) -> None:
        """Stop; a request that failed fails the test here."""
        self._stop = True
        await asyncio.gather(*self._tasks)


async def test_rollback_under_load_is_instant_and_fails_no_request(folder: Path) -> None:
    router = ModelRouter(pool_of(folder, "a@1"))
    load = Load(router)
    await load.until(lambda: len(load.versions) > 50)
    for _ in range(3):
        router.activate(pool_of(folder, "b@2"))
        await load.until(lambda: load.versions[-1][1] == "b@2")
        rolled_back = time.monotonic()
        assert router.rollback() == "a@1"
        done = len(load.versions)
        await load.until(lambda done=done: len(load.versions) > done + 50)
    await load.end()
    last_of_b = max(t for t, v in load.versions if v == "b@2")
    assert last_of_b - rolled_back < 5
    assert len(load.versions) == load.count
    await router.close()


@pytest.mark.parametrize("mode", ["shadow", "share"])
async def test_a_candidate_as_good_is_promoted(folder: Path, mode: str) -> None:
    router = ModelRouter(pool_of(folder, "a@1"), seed=1)
    load = Load(router)
    router.roll_out(pool_of(folder, "a@2"), mode, share=0.5, limits=FEW)  # type: ignore[arg-type]
    await load.until(lambda: router.version == "a@2")
    await load.end()
    assert router.last_verdict
    verdict, figures = router.last_verdict
    assert verdict == "promote"
    assert figures["embedding_shift"] < 1e-4
    seen = [v for _, v in load.versions]
    assert mode == "share" or seen == sorted(seen)  # in shadow nobody had its vectors before
    await router.close()


@pytest.mark.parametrize("mode", ["shadow", "share"])
@pytest.mark.parametrize("fails", [True, False])
async def test_a_bad_candidate_is_rolled_back(folder: Path, mode: str, fails: bool) -> None:
    router = ModelRouter(pool_of(folder, "a@1"), seed=1)
    load = Load(router)
    router.roll_out(EmbeddingPool(Odd(fails)), mode, share=0.5, limits=FEW)  # type: ignore[arg-type]
    await load.until(lambda: router.last_verdict)
    await load.end()
    assert router.last_verdict
    assert router.last_verdict[0] == "roll back"
    assert router.version == "a@1"
    if fails or mode == "shadow":
        assert {v for _, v in load.versions} == {"a@1"}
    await router.close()


async def test_without_an_earlier_model_there_is_no_rollback(folder: Path) -> None:
    router = ModelRouter(pool_of(folder, "a@1"))
    with pytest.raises(LookupError):
        router.rollback()
    router.roll_out(pool_of(folder, "b@1"), "shadow")
    assert router.rollback() == "a@1"
    await router.close()


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
