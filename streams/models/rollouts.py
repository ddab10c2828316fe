"""The one rollout there may be at a time: begun by a person, judged by whoever serves searches, ended once.

It is a document beside the models of the generations. Every step is a write on condition of the step before, so of
several processes that judge it one decides. What it comes to is told in the topic `model-events`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from processors.embedding.rollout import Limits, Mode
from schemas.envelope import Envelope, derived_id
from schemas.errors import LoomaError
from schemas.messages import ModelRollout
from schemas.settings import Settings
from schemas.topics import MODEL_EVENTS
from sinks.mongodb import Database
from streams.generations.database import base_database
from streams.generations.generation import MODELS, read_active
from streams.models.builtin import DEFAULT
from streams.models.registry import Entry

State = Literal["none", "running", "promoting", "promoted", "rolled back", "stopped"]
CATCH_UP_SECONDS = 30.0
"""What the candidate's generation has, when it is to be promoted, to handle what came meanwhile."""

PROMOTING_SECONDS = 180.0
"""Longer than a promotion takes: whoever began it has died."""

OVERTAKEN = "another generation was switched to"
_ID = "@rollout"


class RolloutError(LoomaError):
    """A rollout cannot be begun or ended as asked; the text says why and what to do."""

    code = "rollout"


@dataclass(frozen=True, slots=True)
class Rollout:
    """A candidate, the generation that has its vectors, and what became of it; `baseline` was active when it began."""

    id: str = ""
    state: State = "none"
    model: str = ""
    vector_version: str = ""
    generation: str = ""
    baseline: str = ""
    mode: Mode = "shadow"
    share: float = 0.0
    limits: Limits = field(default_factory=Limits)
    figures: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    started_at: datetime | None = None
    changed_at: datetime | None = None

    @property
    def running(self) -> bool:
        """Whether it is still judged, or being promoted."""
        return self.state in ("running", "promoting")


async def read(base: Database) -> Rollout:
    """Return the rollout that is running, or else the last there was; its state is `none` if there was none."""
    found: dict[str, Any] | None = await base[MODELS].find_one({"_id": _ID}, {"_id": 0})
    return Rollout(**found | {"limits": Limits(**found["limits"])}) if found else Rollout()


async def start(
    settings: Settings,
    entry: Entry,
    generation: str,
    *,
    mode: Mode,
    share: float = 0.1,
    limits: Limits | None = None,
    wait_seconds: float = CATCH_UP_SECONDS,
) -> Rollout:
    """Begin to try a model whose generation is built. Raises RolloutError, or GenerationError while it is behind."""
    from streams.generations import switching as generations

    version = entry.manifest.vector_version
    if settings.models.embedding_path:
        raise RolloutError(
            "the setting model_path gives every generation one model; unset it (LOOMA_MODELS__EMBEDDING_PATH)"
        )
    async with base_database(settings) as base:
        before, active = await read(base), await read_active(base)
        if before.running:
            raise RolloutError(_running(before))
        if generation == active.generation:
            raise RolloutError(f"generation {generation} is active already")
        if not await generations.exists(base, generation):
            raise RolloutError(
                f"there is no generation {generation}; "
                f"begin it with `looma models activate {entry.manifest.id} --generation {generation}`"
            )
        known = await base[MODELS].find_one({"_id": generation})
        if (known["vector_version"] if known else DEFAULT.vector_version) != version:
            built_with = known["model"] if known else DEFAULT.id
            raise RolloutError(f"generation {generation} is built with {built_with}, not with {entry.manifest.id}")
        await generations.require_caught_up(settings, generation, wait_seconds)
        now = _now()
        rollout = Rollout(
            id=f"{generation}-{now:%Y%m%dT%H%M%S%f}"[:-3],
            state="running",
            model=entry.manifest.id,
            vector_version=version,
            generation=generation,
            baseline=active.generation,
            mode=mode,
            share=share if mode == "share" else 0.0,
            limits=limits or Limits(),
            started_at=now,
            changed_at=now,
        )
        await base[MODELS].update_one({"_id": _ID}, {"$setOnInsert": _values(Rollout())}, upsert=True)
        if not await _write(base, before, rollout):
            raise RolloutError("another rollout came first; see `looma models rollout status`")
    await _tell(settings, rollout, "started")
    return rollout


async def stop(settings: Settings, id: str | None = None) -> Rollout:
    """End the rollout, or only the one of this id; the active generation stays.

    Raises RolloutError if none is running, or it is being promoted.
    """
    async with base_database(settings) as base:
        rollout = await _wanted(base, id)
        since = _now() - (rollout.changed_at or _now())
        if rollout.state == "promoting" and since < timedelta(seconds=PROMOTING_SECONDS):
            raise RolloutError(f"{rollout.model} is being promoted; `looma models rollback` goes back")
    ended = await end(settings, rollout, "stopped")
    if ended is None:
        raise RolloutError("it ended just now; see `looma models rollout status`")
    return ended


async def promote_now(settings: Settings, id: str | None = None) -> Rollout:
    """Promote the rollout, or only the one of this id, without waiting for a verdict.

    Returns it as it ended: rolled back where the switch was refused. Raises RolloutError if none is running.
    """
    async with base_database(settings) as base:
        rollout = await _wanted(base, id)
    if rollout.state == "promoting":
        raise RolloutError(f"{rollout.model} is being promoted")
    ended = await promote(settings, rollout, rollout.figures)
    if ended is None:
        raise RolloutError("it ended just now; see `looma models rollout status`")
    return ended


async def _wanted(base: Database, id: str | None) -> Rollout:
    rollout = await read(base)
    if not rollout.running or id not in (None, rollout.id):
        raise RolloutError("no rollout is running" if id is None else "this rollout is not running")
    return rollout


async def report(base: Database, rollout: Rollout, figures: Mapping[str, float]) -> None:
    """Note what a process has seen so far, for `status`; of several the last to report is seen."""
    guard = {"_id": _ID, "id": rollout.id, "state": "running"}
    await base[MODELS].update_one(guard, {"$set": {"figures": dict(figures)}})


async def end(
    settings: Settings,
    rollout: Rollout,
    state: Literal["promoted", "rolled back", "stopped"],
    *,
    figures: Mapping[str, float] | None = None,
    reason: str = "",
) -> Rollout | None:
    """End a rollout that is still in the state it was read in, and tell so; None if somebody else changed it."""
    ended = replace(rollout, state=state, reason=reason, changed_at=_now())
    if figures is not None:
        ended = replace(ended, figures=dict(figures))
    async with base_database(settings) as base:
        if not await _write(base, rollout, ended):
            return None
    await _tell(settings, ended, state)
    return ended


async def promote(settings: Settings, rollout: Rollout, figures: Mapping[str, float]) -> Rollout | None:
    """Switch to the candidate's generation, as `looma models activate` does; None if somebody else decided.

    If the switch is refused, as it is to a generation that is behind, or fails, the rollout is rolled back.
    """
    from streams.models import activation

    claimed = replace(rollout, state="promoting", figures=dict(figures), changed_at=_now())
    async with base_database(settings) as base:
        if not await _write(base, rollout, claimed):
            return None
        overtaken = (await read_active(base)).generation != rollout.baseline
    if overtaken:
        return await end(settings, claimed, "stopped", reason=OVERTAKEN)
    try:
        await activation.activate(settings, rollout.generation, wait_seconds=CATCH_UP_SECONDS)
    except Exception as error:
        async with base_database(settings) as base:
            made = (await read_active(base)).generation == rollout.generation
        return await end(settings, claimed, "promoted" if made else "rolled back", reason=str(error) or repr(error))
    return await end(settings, claimed, "promoted")


def as_json(rollout: Rollout) -> dict[str, Any]:
    """Return a rollout for machines."""
    return _values(rollout)


async def _write(base: Database, before: Rollout, after: Rollout) -> bool:
    guard = {"_id": _ID, "id": before.id, "state": before.state}
    return bool((await base[MODELS].update_one(guard, {"$set": _values(after)})).matched_count)


async def _tell(
    settings: Settings, rollout: Rollout, status: Literal["started", "promoted", "rolled back", "stopped"]
) -> None:
    from sinks.topic_sink import Message, TopicSink

    event = ModelRollout(
        id=rollout.id,
        status=status,
        model=rollout.model,
        vector_version=rollout.vector_version,
        generation=rollout.generation,
        mode=rollout.mode,
        share=rollout.share,
        figures=dict(rollout.figures),
        reason=rollout.reason,
    )
    envelope = Envelope(
        id=derived_id("model-rollout", event.id, event.status),
        source="looma/models",
        type="looma.model.rollout",
        subject=event.id,
        time=rollout.changed_at or _now(),
    )
    # A key of its own: compaction keeps how each rollout ended, and which model was activated last.
    value, headers = event.model_dump_json().encode(), envelope.headers("model-rollout")
    async with TopicSink(settings.kafka, client_id="looma-models") as sink:
        await sink.publish([Message(MODEL_EVENTS, event.id.encode(), value, headers)])


def _running(rollout: Rollout) -> str:
    where = f"{rollout.model} is being rolled out, in generation {rollout.generation}"
    return f"{where}; `looma models rollout stop` ends it"


def _values(rollout: Rollout) -> dict[str, Any]:
    return asdict(rollout)


def _now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)  # as MongoDB keeps it
