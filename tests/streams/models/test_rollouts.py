"""A rollout's state, on a real MongoDB, and the sessions that follow it: begun once, decided once, whoever judges."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from ops.cli.models.models import models
from processors.embedding.rollout import Limits
from processors.embedding.trial import Seen
from schemas.settings import Settings
from sinks.mongodb import Database
from streams.generations.database import base_database
from streams.generations.generation import MODELS, REGISTRY, Active, read_active, write_active
from streams.generations.switching import GenerationError, drop
from streams.models import rollouts
from streams.models.builtin import DEFAULT, MINILM
from streams.models.registry import Entry, RegistryError
from streams.models.rollouts import PROMOTING_SECONDS, Rollout, RolloutError
from streams.search.cache import Answer
from streams.search.request import Request
from streams.search.session import search_session
from tests.support.mongodb_alone import mongodb_alone

pytestmark = pytest.mark.slow

pytest.importorskip("secantus")
CANDIDATE = Entry(
    MINILM.model_copy(update={"files": tuple(f.model_copy(update={"sha256": "0" * 64}) for f in MINILM.files)}), None
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with mongodb_alone(tmp_path_factory.mktemp("rollouts")) as settings:
        yield settings


@pytest.fixture
async def base(settings: Settings) -> AsyncIterator[Database]:
    """Generation g2 is built with the candidate, g3 with nothing of its own; the base one is active."""
    async with base_database(settings) as base:
        for collection in (MODELS, REGISTRY):
            await base[collection].delete_many({})
        for name in ("base", "g2", "g3"):
            await base[REGISTRY].insert_one({"_id": name, "state": "started"})
        model = {"model": MINILM.id, "vector_version": CANDIDATE.manifest.vector_version}
        await base[MODELS].insert_one({"_id": "g2", **model})
        yield base


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What consumers hear; the stages behind are never behind."""
    told: list[str] = []

    async def tell(_settings: Settings, rollout: Rollout, status: str) -> None:
        told.append(status)

    async def caught_up(_settings: Settings, name: str, _seconds: float) -> None:
        if name == "behind":
            raise GenerationError("generation behind is 5 messages behind")

    monkeypatch.setattr(rollouts, "_tell", tell)
    monkeypatch.setattr("streams.generations.switching.require_caught_up", caught_up)
    return told


async def switched(base: Database, name: str) -> None:
    before = await read_active(base)
    assert await write_active(base, before, Active(name, before.generation, before.epoch + 1))


async def start(settings: Settings, generation: str = "g2", entry: Entry = CANDIDATE, **more: Any) -> Rollout:
    return await rollouts.start(settings, entry, generation, **({"mode": "shadow"} | more))


async def test_what_begins_is_read_back_as_it_was(settings: Settings, base: Database, told: list[str]) -> None:
    assert (await rollouts.read(base)).state == "none"
    begun = await start(settings, mode="share", share=0.25, limits=Limits(requests=7, overlap=0.5))
    assert await rollouts.read(base) == begun
    assert (begun.share, begun.baseline, begun.limits.requests) == (0.25, "base", 7)
    await rollouts.report(base, begun, {"requests": 3})
    assert (await rollouts.read(base)).figures == {"requests": 3}
    assert told == ["started"]


async def test_what_cannot_be_tried_is_refused(settings: Settings, base: Database, told: list[str]) -> None:
    for generation, entry, why in (
        ("g9", CANDIDATE, "there is no generation g9"),
        ("base", CANDIDATE, "active already"),
        ("g3", CANDIDATE, f"built with {DEFAULT.id}"),
        ("g2", Entry(DEFAULT, None), f"built with {MINILM.id}"),
    ):
        with pytest.raises(RolloutError, match=why):
            await start(settings, generation, entry)
    with pytest.raises(RolloutError, match="LOOMA_MODELS__EMBEDDING_PATH"):
        await start(settings.changed(models__embedding_path=Path("x")))
    await base[REGISTRY].insert_one({"_id": "behind", "state": "started"})
    with pytest.raises(GenerationError, match="5 messages behind"):
        await start(settings, "behind", Entry(DEFAULT, None))
    assert told == []
    await start(settings, "g3", Entry(DEFAULT, None))
    with pytest.raises(RolloutError, match=f"{DEFAULT.id} is being rolled out"):
        await start(settings)
    with pytest.raises(GenerationError, match="rollout stop"):
        await drop(settings, "g3", apply=True)


async def test_of_many_who_begin_or_end_one_does(settings: Settings, base: Database, told: list[str]) -> None:
    begun = await asyncio.gather(*(start(settings) for _ in range(5)), return_exceptions=True)
    assert [type(b) for b in begun].count(Rollout) == 1
    running = await rollouts.read(base)
    ends = await asyncio.gather(
        *(rollouts.end(settings, running, "rolled back", figures={"requests": n}, reason="r") for n in range(5))
    )
    won = [e for e in ends if e]
    assert won == [await rollouts.read(base)]
    assert told == ["started", "rolled back"]
    await rollouts.report(base, running, {"requests": 99})
    assert [await rollouts.read(base)] == won, "what ended is not reported on"
    with pytest.raises(RolloutError, match="no rollout is running"):
        await rollouts.stop(settings)
    assert (await start(settings)).id != running.id


async def test_a_promotion_is_one_switch_and_nobody_ends_it_meanwhile(
    settings: Settings, base: Database, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    switches = 0

    async def activate(_settings: Settings, generation: str, *, wait_seconds: float) -> None:
        nonlocal switches
        switches += 1
        with pytest.raises(RolloutError, match="is being promoted"):
            await rollouts.stop(settings)
        assert await rollouts.end(settings, running, "rolled back") is None
        await switched(base, generation)

    monkeypatch.setattr("streams.models.activation.activate", activate)
    running = await start(settings)
    promoted = await asyncio.gather(*(rollouts.promote(settings, running, {"requests": 200}) for _ in range(4)))
    assert [p.state for p in promoted if p] == ["promoted"]
    assert switches == 1
    assert (await rollouts.read(base)).figures == {"requests": 200}
    assert told == ["started", "promoted"]


async def test_a_generation_that_is_behind_is_not_promoted(
    settings: Settings, base: Database, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def activate(*_: object, **__: object) -> None:
        raise GenerationError("generation g2 is 5 messages behind")

    monkeypatch.setattr("streams.models.activation.activate", activate)
    ended = await rollouts.promote(settings, await start(settings), {})
    assert ended
    assert (ended.state, ended.reason) == ("rolled back", "generation g2 is 5 messages behind")

    running = await start(settings)
    await switched(base, "g3")
    ended = await rollouts.promote(settings, running, {})
    assert ended
    assert (ended.state, ended.reason) == ("stopped", rollouts.OVERTAKEN)
    assert told == ["started", "rolled back", "started", "stopped"]


async def test_a_promotion_whose_process_died_can_be_stopped(
    settings: Settings, base: Database, told: list[str]
) -> None:
    running = await start(settings)
    assert running.changed_at
    died = replace(running, state="promoting", changed_at=running.changed_at - timedelta(seconds=PROMOTING_SECONDS + 1))
    await base[MODELS].update_one({"_id": "@rollout"}, {"$set": rollouts.as_json(died)})
    assert (await rollouts.stop(settings)).state == "stopped"
    assert told == ["started", "stopped"]


class Fake:
    """A generation that answers with its own name; `fails` says whether it does at all."""

    def __init__(self, name: str, fails: bool) -> None:
        self._name, self._fails = name, fails

    async def search(self, request: Request) -> Answer:
        return (await self.seen(request)).answer

    async def seen(self, request: Request) -> Seen[Answer]:
        await asyncio.sleep(0.001)
        if self._fails:
            raise RuntimeError("out of order")
        row = np.random.default_rng(list(request.text.encode())).normal(size=(1, 8)).astype(np.float32)
        return Seen({"by": self._name}, row / np.linalg.norm(row), ["a"])


@pytest.mark.parametrize(
    ("candidate", "state", "why"),
    [
        ("good", "promoted", ""),
        ("failing", "rolled back", "error_rate"),
        ("missing", "rolled back", "could not be loaded"),
        ("changed", "rolled back", "is not the one that is rolled out"),
    ],
)
async def test_sessions_under_load_follow_judge_and_lose_no_question(
    settings: Settings,
    base: Database,
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
    candidate: str,
    state: str,
    why: str,
) -> None:
    async def load(_session: object, name: str) -> tuple[str, Any]:
        if (name, candidate) == ("g2", "missing"):
            raise RegistryError("it is not on this machine")
        version = CANDIDATE.manifest.vector_version if name == "g2" and candidate != "changed" else DEFAULT.id
        return version, Fake(name, name == "g2" and candidate == "failing")

    async def activate(_settings: Settings, generation: str, *, wait_seconds: float) -> None:
        await switched(base, generation)

    monkeypatch.setattr("streams.models.activation.activate", activate)
    monkeypatch.setattr("streams.search.session._Session._load", load)
    monkeypatch.setattr("streams.search.session.VIEW_SECONDS", 0.05)
    monkeypatch.setattr("streams.generations.generation.VIEW_SECONDS", 0.05)
    answers: list[str] = []

    async with AsyncExitStack() as sessions:
        asks = [await sessions.enter_async_context(search_session(settings, follow_rollouts=True)) for _ in range(3)]
        over = asyncio.Event()

        async def caller(ask: Callable[[Request], Awaitable[Answer]], number: int) -> None:
            while not over.is_set():
                answer = await ask(Request("talent", f"{number} {len(answers)}"))
                answers.append(answer["by"])

        callers = [asyncio.create_task(caller(ask, n)) for n, ask in enumerate(asks * 2)]
        await start(settings, mode="share", share=0.5, limits=Limits(20, 5, latency_ratio=1000))
        async with asyncio.timeout(60):
            while (ended := await rollouts.read(base)).running:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        seen = len(answers)
        await asyncio.sleep(0.1)
        over.set()
        await asyncio.gather(*callers)  # a question that failed fails the test here
    assert (ended.state, why in ended.reason) == (state, True), ended
    assert told == ["started", state], "several have judged it, one has decided"
    assert set(answers[seen:]) == ({"g2"} if state == "promoted" else {"base"})
    assert ("g2" in answers) == (state == "promoted")


def test_status_says_how_it_stands_against_which_limits(settings: Settings) -> None:
    async def begun() -> None:
        async with base_database(settings) as base:
            figures = {"requests": 200, "score_psi": 0.3}
            document = rollouts.as_json(
                Rollout(
                    "g2-1", "rolled back", MINILM.id, "v", "g2", "base", "share", 0.1, figures=figures, reason="far"
                )
            )
            await base[MODELS].replace_one(
                {"_id": "@rollout"}, document | {"started_at": datetime.now(UTC)}, upsert=True
            )

    asyncio.run(begun())
    environment = {"LOOMA_MONGODB__URL": settings.mongodb.url.get_secret_value()}

    def looma(*arguments: str) -> Result:
        return CliRunner().invoke(models, ["rollout", *arguments], env=environment)

    shown = looma("status").stdout
    assert "rolled back (far)" in shown
    assert "10% of the searches" in shown
    assert "most 0.25" in shown
    assert json.loads(looma("status", "--json").stdout)["figures"]["score_psi"] == 0.3
    assert looma("stop").exit_code == 1
    assert looma("start", MINILM.id, "--generation", "g2", "--share", "0.2").exit_code == 2
