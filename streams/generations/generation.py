"""Generations: everything derived from the events exists once a generation, so that one is built beside another.

Every name that depends on the generation follows from it here, and here alone.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from schemas.errors import LoomaError
from schemas.topics import TOPICS, TopicSpec, of_kind
from sinks.mongodb import Database

BASE = "base"
"""The generation that a new installation has; its names have no suffix."""

INTERNAL = of_kind("internal")
PUBLIC = of_kind("result")
REGISTRY = "generations"
MODELS = "models"
"""Which model each generation is built with; one without a document has the default. And the rollout there is."""

VIEW_SECONDS = 1.0

_NAME = re.compile(r"^[a-z][a-z0-9]{0,15}$")
_ACTIVE = "@active"
_MAX_DATABASE = 63  # MongoDB's limit


class GenerationError(LoomaError):
    """A generation cannot be had, or not be used this way; the text says why and what to do."""

    code = "generation"


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of records, vectors, matches and the topics between the stages. Raises GenerationError."""

    name: str = BASE

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise GenerationError("a generation's name is a lower-case letter, then up to 15 letters or digits")

    @property
    def suffix(self) -> str:
        """What its consumer group, database, collections and internal topics end with."""
        return "" if self.name == BASE else f"-{self.name}"

    def named(self, base: str) -> str:
        """Return its own name of a consumer group, collection or database."""
        return base + self.suffix

    def topic(self, name: str) -> str:
        """Return its own name of an internal topic; the topics of events and results are everybody's."""
        return name + self.suffix if name in INTERNAL else name

    def private(self, topic: str) -> str:
        """Return where it publishes results while another generation is active."""
        return f"{topic}-{self.name}"

    def database(self, base: Database) -> Database:
        """Return its database beside the base one, with the same guarantees."""
        name = self.named(base.name)
        if len(name.encode()) > _MAX_DATABASE:
            raise GenerationError(f"the database's name {name} would be longer than {_MAX_DATABASE} bytes")
        return base.client.get_database(name, write_concern=base.write_concern)

    def specs(self) -> list[TopicSpec]:
        """Return the topics to provision for it: internal ones, and private ones for its results."""
        own = [replace(s, name=self.topic(s.name)) for s in TOPICS if s.name in INTERNAL]
        return own + [replace(s, name=self.private(s.name)) for s in TOPICS if s.name in PUBLIC]


@dataclass(frozen=True, slots=True)
class Active:
    """Which generation readers see and consumers hear. `epoch` counts the switches.

    `announced` turns true when consumers have been told how the matches differ from those of `previous`;
    `private_from` is where `previous` began to publish to its private topic, by partition.
    """

    generation: str = BASE
    previous: str | None = None
    epoch: int = 0
    announced: bool = True
    private_from: Mapping[str, int] = field(default_factory=dict)


async def read_active(base: Database) -> Active:
    """Return the active generation, from the one document that says so in the base database."""
    found = await base[REGISTRY].find_one({"_id": _ACTIVE}, {"_id": 0})
    return Active(**found) if found else Active()


async def write_active(base: Database, before: Active, after: Active) -> bool:
    """Replace what `read_active` returned, in one step; False if somebody else was faster."""
    await base[REGISTRY].update_one({"_id": _ACTIVE}, {"$setOnInsert": _values(Active())}, upsert=True)
    guard = {"_id": _ACTIVE, "epoch": before.epoch, "generation": before.generation}
    return bool((await base[REGISTRY].update_one(guard, {"$set": _values(after)})).matched_count)


def _values(active: Active) -> dict[str, Any]:
    return {name: getattr(active, name) for name in Active.__slots__}


class ActiveView:
    """The active generation as a worker knows it: never older than VIEW_SECONDS when it is asked for."""

    def __init__(self, base: Database) -> None:
        self._base = base
        self._active = Active()
        self._read_at = float("-inf")

    async def get(self) -> Active:
        """Return the active generation."""
        now = time.monotonic()
        if now - self._read_at > VIEW_SECONDS:
            self._active = await read_active(self._base)
            self._read_at = now  # when it was asked: what was answered cannot be older
        return self._active
