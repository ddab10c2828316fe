"""Which model each generation is built with, activation as a switch of generations, and the event that tells of it.

Vectors of two models are never compared, so another model means another generation: built beside the active one by
replay, switched to in one step, rolled back in one step.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from pydantic import ValidationError

from schemas.envelope import Envelope, derived_id
from schemas.messages import ModelActivated
from schemas.settings import Settings
from schemas.topics import MODEL_EVENTS
from sinks.kafka import consumer
from sinks.topic_sink import Message, TopicSink
from streams.generations import switching as generations
from streams.generations.database import active_now, base_database
from streams.generations.generation import BASE, MODELS, REGISTRY, Generation
from streams.models.built_with import model_of
from streams.models.registry import Entry, RegistryError

_KEY = b"embedding"


async def assign(settings: Settings, entry: Entry, generation: str) -> bool:
    """Begin a generation that is built with a model; False if it was begun before. Raises RegistryError.

    The record comes first, so that no worker of the generation starts with another model. Interrupted, the same call
    goes on.
    """
    name = Generation(generation).name
    model = {"model": entry.manifest.id, "vector_version": entry.manifest.vector_version}
    async with base_database(settings) as base:
        known = await base[MODELS].find_one({"_id": name})
        if known and known["vector_version"] != model["vector_version"]:
            raise RegistryError(f"generation {name} is built with {known['model']}; take another generation")
        begun = await base[REGISTRY].find_one({"_id": name, "state": {"$exists": True}}) is not None
        if known is None and (begun or name == BASE):
            raise RegistryError(f"generation {name} was begun without a model; take another generation")
        await base[MODELS].update_one(
            {"_id": name}, {"$setOnInsert": {**model, "since": datetime.now(UTC)}}, upsert=True
        )
    if not begun:
        await generations.start(settings, name)
    return not begun


async def activate(settings: Settings, generation: str, *, wait_seconds: float, force: bool = False) -> ModelActivated:
    """Switch to a generation and tell what model it has. Raises GenerationError while it is behind."""
    await generations.switch(settings, generation, force=force, wait_seconds=wait_seconds)
    return await announce(settings)


async def rollback(settings: Settings, *, wait_seconds: float, force: bool = False) -> ModelActivated:
    """Switch to the generation that was active before, and tell what model it has."""
    await generations.rollback(settings, force=force, wait_seconds=wait_seconds)
    return await announce(settings)


async def announce(settings: Settings) -> ModelActivated:
    """Publish which model is the active one; the same again has the same id."""
    active = await active_now(settings)
    known = await model_of(settings, active.generation)
    event = ModelActivated(
        model=known["model"] if known else "default",
        vector_version=known["vector_version"] if known else "",
        generation=active.generation,
        epoch=active.epoch,
    )
    envelope = Envelope(
        id=derived_id("model-activated", event.generation, str(event.epoch), event.model),
        source="looma/models",
        type="looma.model.activated",
        subject=_KEY.decode(),
        time=datetime.now(UTC),
    )
    message = Message(MODEL_EVENTS, _KEY, event.model_dump_json().encode(), envelope.headers("model"))
    async with TopicSink(settings.kafka, client_id="looma-models") as sink:
        await sink.publish([message])
    return event


@asynccontextmanager
async def activations(settings: Settings) -> AsyncIterator[AsyncIterator[ModelActivated]]:
    """Follow the activations: the last one there was, then each as it comes. Repeats and strangers are dropped."""
    events = consumer(
        settings.kafka,
        MODEL_EVENTS,
        auto_offset_reset="earliest",
    )
    await events.start()

    async def newest() -> AsyncIterator[ModelActivated]:
        epoch = -1
        async for record in events:
            try:
                event = ModelActivated.model_validate_json(record.value or b"")
            except ValidationError:
                continue
            if event.epoch > epoch:
                epoch = event.epoch
                yield event

    try:
        yield newest()
    finally:
        await events.stop()
