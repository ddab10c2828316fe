"""A model is activated as a generation of its own, told to followers, and rolled back."""

import asyncio
import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops import generations
from ops.cli.models import models
from ops.models import activation
from ops.models.export import export_bert
from ops.models.registry import Registry, RegistryError
from processors.embedding.pool import EmbeddingPool
from processors.embedding.router import ModelRouter
from processors.embedding.transformer import TransformerConfig, TransformerEncoder
from tests.conftest import Cluster, running_cluster
from tests.ops.test_models import tiny
from tests.tiny_bert import write_tiny_bert


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> "Cluster":
    with running_cluster(tmp_path_factory.mktemp("activation"), "looma-models", 1) as cluster:
        yield cluster


async def test_activation_and_rollback_reach_a_service_under_load(
    own: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "NOTICE_SECONDS", 0.0)  # no worker is there to be waited for
    settings = own.settings
    write_tiny_bert(tmp_path)
    export_bert(tmp_path, tmp_path / "model.onnx")
    registry = Registry(tmp_path / "cache")
    entries = {v: await registry.pull(tiny(tmp_path, v), lambda *_: None) for v in ("1", "2")}

    def pool(version: str) -> EmbeddingPool:
        return EmbeddingPool(TransformerEncoder(tmp_path, version, TransformerConfig()))

    router = ModelRouter(pool("default"))
    answers: list[tuple[float, str]] = []
    stop = asyncio.Event()

    async def serve() -> None:
        while not stop.is_set():
            answers.append((time.monotonic(), (await router.embed([f"nurse {len(answers)}"])).version))

    async def follow() -> None:
        async with activation.activations(settings) as events:
            async for event in events:
                router.activate(pool(event.model))

    async def served(version: str) -> None:
        async with asyncio.timeout(5):
            while answers[-1][1] != version:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    callers = [asyncio.create_task(serve()) for _ in range(4)]
    follower = asyncio.create_task(follow())
    assert await activation.assign(settings, entries["1"], "m1")
    assert not await activation.assign(settings, entries["1"], "m1")
    with pytest.raises(RegistryError, match="another generation"):
        await activation.assign(
            settings, entries["2"].__class__(entries["2"].manifest.model_copy(update={"name": "x"}), None), "m1"
        )
    own_settings = settings.model_copy(update={"generation": "m1"})
    assert await activation.worker_model(own_settings, registry) == entries["1"].folder
    assert await activation.worker_model(settings, registry) is None
    event = await activation.activate(settings, "m1", wait_seconds=0, force=True)
    assert (event.model, event.generation, event.epoch) == ("tiny@1", "m1", 1)
    await served("tiny@1")
    started = time.monotonic()
    back = await activation.rollback(settings, wait_seconds=0, force=True)
    await served("default")
    assert (back.generation, back.epoch) == ("base", 2)
    assert time.monotonic() - started < 5
    stop.set()
    await asyncio.gather(*callers)
    follower.cancel()
    await router.close()


def test_the_commands_say_what_is_to_be_done(own: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "NOTICE_SECONDS", 0.0)
    for name, value in {**own.environment, "LOOMA_CACHE_DIR": str(tmp_path / "cache")}.items():
        monkeypatch.setenv(name, value)
    write_tiny_bert(tmp_path)
    manifest = tmp_path / "tiny.json"
    manifest.write_text(tiny(tmp_path).model_dump_json())

    def looma(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(models, arguments)
        assert done.exit_code == code, done.output
        return done.output

    looma("pull", str(manifest))
    assert "LOOMA_GENERATION=m2 looma worker" in looma("activate", "tiny", "--generation", "m2")
    activated = json.loads(looma("activate", "tiny", "--generation", "m2", "--force", "--json"))["activated"]
    assert activated["model"] == "tiny@1"
    assert json.loads(looma("rollback", "--force", "--json"))["generation"] == "base"
    assert "begun without a model" in looma("activate", "tiny", "--generation", "base", code=1)
