"""A rolling upgrade under load, its rollback, and the upgrade again: workers of two versions side by side.

Publishers stay with the older version's schemas throughout: workers are upgraded first, publishers last.
"""

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from connectors.publisher import EventPublisher
from ops.benchmarks.stack import Progress
from ops.benchmarks.workload import job
from ops.faults.changes import DRAIN_SECONDS
from ops.faults.crew import Crew
from ops.faults.ledger import VERSIONS, Ledger, Version
from ops.faults.stores import differences, repair
from ops.local.embedded.stack import free_ports
from ops.local.worker import WorkerError, drained, local_worker
from processors.sync.policy import DEFAULT
from schemas.entities import ENTITIES
from schemas.errors import LoomaError
from schemas.settings import Settings
from sinks.migrations import MIGRATIONS

JOBS = 5
ASK_SECONDS = 30
ROLL_SECONDS = 300
EVENTS = 50
"""What each version at work does at least before the next step, and reads at least of the other beside it."""
SHARE_SECONDS = 120
"""How long it may take to do that."""
PARTITIONS = 7
"""An odd number: the group shares partitions out topic by topic, so that of two workers one has a talent's events and
the other her records. What one version's stages write is read by the other's."""
LOOK_SECONDS = 0.5
_QUESTION = (
    "import json; from schemas.versions import CURRENT; from sinks.migrations import MIGRATIONS;"
    "from processors.sync.policy import DEFAULT;"
    "print(json.dumps([CURRENT, MIGRATIONS[-1].number, DEFAULT.version]))"
)


class ReleaseError(LoomaError):
    """A folder holds no version of the source that workers could be upgraded from one by one."""

    code = "release"


@dataclass(frozen=True, slots=True)
class Release:
    """Another version of the source: its folder, the newest version of each schema that it reads, and its policy.

    A version that has another policy, or reads texts otherwise, decides records in its own way: they get more
    revisions than events change them, and the two versions' publications of one record differ.
    """

    folder: Path
    versions: Mapping[str, int]
    policy: str

    @property
    def decides_otherwise(self) -> bool:
        """Whether its policy is not this version's."""
        return self.policy != DEFAULT.version


async def release_in(folder: Path) -> Release:
    """Ask a version what it knows. Raises ReleaseError if it does not answer, or stores documents in another form."""
    if not (folder / "schemas" / "versions.py").is_file():
        raise ReleaseError(f"{folder} holds no source of Looma Streams")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _QUESTION),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=folder,
    )
    try:
        async with asyncio.timeout(ASK_SECONDS):
            said, _ = await process.communicate()
        versions, migration, policy = json.loads(said)
        release = Release(folder, {entity: int(versions[entity]) for entity in ENTITIES}, str(policy))
    except (TimeoutError, ValueError, TypeError, KeyError) as error:
        raise ReleaseError(f"the version in {folder} does not say what it knows") from error
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    if migration != MIGRATIONS[-1].number:
        raise ReleaseError(
            f"{folder} stores documents in another form (migration {migration}, here {MIGRATIONS[-1].number}): "
            "stop all workers, run `looma migrate`, and start the new ones"
        )
    return release


class Phase(NamedTuple):
    """A time in which one version was at work, or both side by side; in seconds since the epoch."""

    at_work: Sequence[Version]
    begun: float
    ended: float


@dataclass(slots=True)
class Upgrade:
    """Rolls a crew from an older release to this one, back, and here again.

    It goes on only when the version at work has done EVENTS events. While old and new workers are side by side, both
    have done as many since, and have read as many messages that a stage of the other version wrote.
    """

    older: Release
    rolls: list[dict[str, Any]] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    is_over: bool = False
    """Whether all of it is done; until then the load goes on."""
    _ledger: Ledger = field(default_factory=Ledger)

    async def play(self, settings: Settings, crew: Crew, seconds: float, progress: Progress) -> None:
        """Roll, a quarter of `seconds` after the start and after each roll at the earliest; first come a few jobs.

        Raises WorkerError if a version does not get to do its share, or a roll takes too long.
        """
        begun = time.monotonic()
        async with EventPublisher(settings.kafka, "bench") as publisher:
            for number in range(JOBS):
                version = self.older.versions["job"]
                await publisher.publish("job", f"upgrade-{number}", job(number), version=version)
        await self._works(crew, ("older",), seconds / 4)
        for to in ("newer", "older", "newer"):
            progress(f"{time.monotonic() - begun:.0f} s: rolling to the {to} version")
            started = time.monotonic()
            try:
                async with asyncio.timeout(ROLL_SECONDS):
                    await crew.roll(
                        self.older.folder if to == "older" else None, partial(self._works, crew, VERSIONS, 0.0)
                    )
            except TimeoutError:
                raise WorkerError(f"the {to} version's workers did not take over within {ROLL_SECONDS} s") from None
            self.rolls.append({"to": to, "seconds": round(time.monotonic() - started, 1)})
            await self._works(crew, (to,), seconds / 4)
        self.is_over = True

    async def _works(self, crew: Crew, versions: Sequence[Version], seconds: float) -> None:
        """Wait for `seconds`, and until these versions have done their share. Raises WorkerError if they do not."""
        begun, deadline = time.time(), time.monotonic() + seconds + SHARE_SECONDS
        await asyncio.sleep(seconds)
        while True:
            await asyncio.to_thread(self._ledger.look, tuple(crew.members))
            done, crossed = self._ledger.done(begun), self._ledger.crossed(begun)
            if all(
                done[version] >= EVENTS and (len(versions) == 1 or crossed[version] >= EVENTS) for version in versions
            ):
                break
            if time.monotonic() > deadline:
                raise WorkerError(
                    f"{' and '.join(versions)} workers have not each done {EVENTS} events within {SHARE_SECONDS} s: "
                    f"{dict(done)}, messages of the other version: {dict(crossed)}"
                )
            await asyncio.sleep(LOOK_SECONDS)
        self.phases.append(Phase(versions, begun, time.time()))

    async def report(self, settings: Settings, crew: Crew) -> dict[str, Any]:
        """Return how long the rolls took, which version did how many events, and what a verification finds.

        What the older version has computed is brought to this one's first, as the guide has it, beside a worker.
        Raises WorkerError if that one does not get its work done.
        """
        await asyncio.to_thread(self._ledger.look, tuple(crew.members))
        own = settings.changed(data_dir=settings.data_dir / "repair", worker__port=free_ports(1)[0])
        async with local_worker(own, own.data_dir / "worker.log"):
            repaired = await repair(settings)
            await drained(settings, DRAIN_SECONDS, lambda _: None)
        return {
            "decides_otherwise": self.older.decides_otherwise,
            "rolls": self.rolls,
            "events": dict(self._ledger.done(0)),
            "phases": [
                {
                    "at_work": list(phase.at_work),
                    "seconds": round(phase.ended - phase.begun, 1),
                    "events": dict(self._ledger.done(phase.begun, phase.ended)),
                    "messages_of_the_other": dict(self._ledger.crossed(phase.begun, phase.ended)),
                }
                for phase in self.phases
            ],
            "repaired": repaired,
            "differences": await differences(settings),
        }
