"""What a task may do, and how: the functions that `looma replay` and `looma models` call."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, TypeAdapter

from ops.replay import run as replays
from ops.replay.checkpoint import Checkpoint, replays_dir
from ops.replay.log import SourceLog
from ops.replay.selection import Selection
from schemas.base import Model
from schemas.settings import Settings
from schemas.topics import EVENTS
from sinks.tasks import Lane
from streams.generations import switching as generations
from streams.generations.generation import GenerationError
from streams.models import activation, rollouts

GenerationName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$", examples=["g2"])]
RolloutId = Annotated[str, Field(max_length=100, examples=["g2-20261130T090000000"])]
Wait = Annotated[float, Field(ge=0, le=3600, description="seconds that the generation has to catch up")]


@dataclass(slots=True)
class Work:
    """What an action is done with: settings, how far it is, and the wish that it stop."""

    settings: Settings
    progress: dict[str, float] = field(default_factory=dict)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


class Replay(Model):
    """Replay events in place, or only count them; without a selection, go on with a run."""

    action: Literal["replay"] = "replay"
    selection: Selection | None = None
    run: Annotated[str, Field(max_length=100)] | None = None
    rate: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    dry_run: bool = False

    @property
    def lane(self) -> Lane:
        """What it runs beside."""
        return "look" if self.dry_run else "replay"

    async def do(self, work: Work) -> dict[str, Any]:
        """Return what came of it. Raises CheckpointError."""
        run = self.run or f"replay-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        lock = replays.hold(work.settings, run)

        def show(checkpoint: Checkpoint) -> None:
            work.progress.update(share=checkpoint.share, events=float(checkpoint.selected))

        async with SourceLog.open(work.settings, EVENTS.values()) as log:
            if self.dry_run:
                checkpoint = await replays.begin(work.settings, log, run, self.selection)
                counts = await replays.preview(log, checkpoint, show)
                figures = {"selected": counts.total(), "counts": dict(sorted(counts.items()))}
                return {"dry_run": True, **figures, **_told(checkpoint)}
            with lock.working():
                checkpoint = await replays.begin(work.settings, log, run, self.selection)
                replay = replays.Replay(work.settings, replays_dir(work.settings), rate=self.rate, on_progress=show)
                replay.stop = work.stopping
                await replay.run(log, checkpoint)
        finished = {"finished": checkpoint.finished, "outcomes": dict(checkpoint.outcomes)}
        return {"run": run, "generation": checkpoint.generation, "selected": checkpoint.selected, **finished} | _told(
            checkpoint
        )


def _told(checkpoint: Checkpoint) -> dict[str, int]:
    return {name: getattr(checkpoint, name) for name in ("passed_over", "rejected", "expired")}


class StartGeneration(Model):
    """Begin a generation beside the active one; `model` is what it is built with."""

    action: Literal["generation.start"] = "generation.start"
    generation: GenerationName
    model: Annotated[str, Field(max_length=200)] | None = None
    lane: ClassVar[Lane] = "change"

    async def do(self, work: Work) -> dict[str, Any]:
        """Return its name. Raises GenerationError, RegistryError."""
        if self.model is None:
            await generations.start(work.settings, self.generation)
        else:
            from streams.models.downloads import cache_dir
            from streams.models.registry import Registry

            entry = Registry(cache_dir()).pulled(self.model)
            if not await activation.assign(work.settings, entry, self.generation):
                raise GenerationError(f"generation {self.generation} was begun before")
        return {"generation": self.generation}


class CompareGeneration(Model):
    """Compare a generation with the active one: what a switch would tell consumers."""

    action: Literal["generation.compare"] = "generation.compare"
    generation: GenerationName
    lane: ClassVar[Lane] = "look"

    async def do(self, work: Work) -> dict[str, Any]:
        """Return the comparison. Raises GenerationError."""
        return asdict(await generations.compare(work.settings, self.generation))


class SwitchGeneration(Model):
    """Make a generation the active one."""

    action: Literal["generation.switch"] = "generation.switch"
    generation: GenerationName
    force: bool = False
    wait_seconds: Wait = 30.0
    lane: ClassVar[Lane] = "change"

    async def do(self, work: Work) -> dict[str, Any]:
        """Return what is active, and how many results were told. Raises GenerationError while it is behind."""
        told = await generations.switch(
            work.settings, self.generation, force=self.force, wait_seconds=self.wait_seconds
        )
        model = await activation.announce(work.settings)
        return {"active": self.generation, "model": model.model, "results_published": told}


class RollBackGeneration(Model):
    """Go back to the generation that was active before; `generation` is the one that is active now.

    So a request that is repeated later does not switch forth again.
    """

    action: Literal["generation.rollback"] = "generation.rollback"
    generation: GenerationName
    force: bool = False
    wait_seconds: Wait = 30.0
    lane: ClassVar[Lane] = "change"

    async def do(self, work: Work) -> dict[str, Any]:
        """Return what is active, and how many results were told. Raises GenerationError."""
        back, told = await generations.rollback(
            work.settings, force=self.force, wait_seconds=self.wait_seconds, leaving=self.generation
        )
        model = await activation.announce(work.settings)
        return {"active": back, "model": model.model, "results_published": told}


class PromoteRollout(Model):
    """Promote the model that is tried, whatever was seen of it so far."""

    action: Literal["rollout.promote"] = "rollout.promote"
    rollout: RolloutId
    lane: ClassVar[Lane] = "change"

    async def do(self, work: Work) -> dict[str, Any]:
        """Return the rollout as it ended. Raises RolloutError."""
        return _shown(await rollouts.promote_now(work.settings, self.rollout))


class StopRollout(Model):
    """End the rollout that is running; the active model stays."""

    action: Literal["rollout.stop"] = "rollout.stop"
    rollout: RolloutId
    lane: ClassVar[Lane] = "change"

    async def do(self, work: Work) -> dict[str, Any]:
        """Return the rollout as it ended. Raises RolloutError."""
        return _shown(await rollouts.stop(work.settings, self.rollout))


def _shown(rollout: rollouts.Rollout) -> dict[str, Any]:
    return {name: getattr(rollout, name) for name in ("id", "state", "model", "generation", "reason")}


Action = Annotated[
    Replay | StartGeneration | CompareGeneration | SwitchGeneration | RollBackGeneration | PromoteRollout | StopRollout,
    Field(discriminator="action"),
]
_ACTION: TypeAdapter[Action] = TypeAdapter(Action)


def read_action(request: Mapping[str, Any]) -> Action:
    """Return an action as it was stored."""
    return _ACTION.validate_python(dict(request))
