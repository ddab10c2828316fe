"""One run under fire: a stack of its own, load, faults, and then the verdict."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connectors.message import Message
from connectors.publisher import Delivery, EventPublisher
from ops.bench import Progress, fresh_stack
from ops.embedded.stack import Stack, free_ports
from ops.faults.check import Verdict, check
from ops.faults.collect import collect, event_id
from ops.faults.conductor import Conductor
from ops.faults.crew import Crew
from ops.faults.history import Happened, History, Place
from ops.faults.load import ENTITY, load
from ops.faults.recovery import recovery_ms
from ops.faults.schedule import Fault
from ops.local_worker import WorkerError, drained
from ops.settings import Settings
from ops.traces import percentiles
from streams.topics import EVENTS

DRAIN_SECONDS = 120
PUBLISH_SECONDS = 90
"""How long a publication may wait for the broker."""

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to be: `rate` messages/s for so many seconds, of the load of `seed`, while the faults happen."""

    seconds: float
    workers: int
    seed: int
    rate: float
    faults: Sequence[Fault]


async def under_fire(plan: Plan, progress: Progress) -> dict[str, Any]:
    """Publish while the faults happen, let the workers finish, judge; return the figures.

    Raises StackError or WorkerError if a part does not start, and KafkaError if the load cannot be published.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it reports each of its tries while the broker is away
    try:
        async with fresh_stack(progress) as settings:
            return await _under_fire(settings, plan, progress)
    except ExceptionGroup as failures:
        raise _first(failures) from failures


async def _under_fire(settings: Settings, plan: Plan, progress: Progress) -> dict[str, Any]:
    history = History()
    crew = Crew(settings, plan.workers)
    # The same servers by the same pid files; this one is for stopping and starting them.
    conductor = Conductor(crew, Stack(settings, controller_port=free_ports(1)[0]), progress)
    progress(f"{plan.workers} workers: starting")
    async with crew.at_work():
        async with asyncio.TaskGroup() as group:
            group.create_task(conductor.play(plan.faults))
            group.create_task(_publish(settings, history, load(plan.seed), plan.seconds, plan.rate))
        progress("the load has ended; draining")
        begun = time.monotonic()
        is_drained = await _drained(settings, progress)
        drain_seconds = time.monotonic() - begun
    progress("comparing with the model")
    await collect(settings, history, [(m.process.pid, m.traces) for m in crew.members])
    history.disturbances = [h.begun for h in conductor.happened if h.fault.kind not in ("mongodb", "slow")]
    history.disturbances += crew.changes
    for each in conductor.happened:
        if each.fault.kind == "kill" and each.worker is not None:
            each.recovery_ms = recovery_ms(each.worker, each.begun, history.work)
    return {
        "seconds": plan.seconds,
        "workers": plan.workers,
        "seed": plan.seed,
        "rate": plan.rate,
        **report(history, await asyncio.to_thread(check, history), conductor.happened),
        "drained": is_drained,
        "drain_seconds": round(drain_seconds, 1),
        "unexpected_exits": crew.exits,
    }


def _first(group: ExceptionGroup[Exception]) -> Exception:
    failure = group.exceptions[0]
    return _first(failure) if isinstance(failure, ExceptionGroup) else failure


async def _drained(settings: Settings, progress: Progress) -> bool:
    try:
        await drained(settings, DRAIN_SECONDS, lambda _: None, [EVENTS[ENTITY]])
    except WorkerError as error:
        progress(str(error))
        return False
    return True


async def _publish(
    settings: Settings, history: History, messages: Iterator[Message], seconds: float, rate: float
) -> None:
    """Publish at `rate`, after an outage as fast as it goes until that is caught up."""
    publisher = EventPublisher(
        settings.bootstrap_servers, delivery_timeout=PUBLISH_SECONDS, request_timeout=PUBLISH_SECONDS
    )
    async with publisher:
        begun, count = time.monotonic(), 0
        while (now := time.monotonic()) < begun + seconds:
            if now < begun + count / rate:
                await asyncio.sleep(begun + count / rate - now)
                continue
            message = next(messages)
            count += 1
            sent = await publisher.publish_raw(message.topic, message.key, message.value, message.headers)
            sent.add_done_callback(partial(_acknowledge, history, event_id(message.headers)))


def _acknowledge(history: History, name: str | None, sent: "asyncio.Future[Delivery]") -> None:
    if not sent.cancelled() and not sent.exception():
        delivery = sent.result()
        history.acknowledged[Place(delivery.partition, delivery.offset)] = name


def report(history: History, verdict: Verdict, happened: Sequence[Happened]) -> dict[str, Any]:
    """Return the figures of a run, as JSON takes them."""
    recovered = [h.recovery_ms for h in happened if h.recovery_ms is not None]
    return {
        "lost": len({finding.subject for finding in verdict.lost}),
        "duplicated": len(verdict.duplicated),
        "out_of_order": len(verdict.out_of_order),
        "rewound": len(verdict.rewound),
        "stale_notices": len(verdict.stale_notices),
        "repeats": verdict.repeats,
        "recovery_ms": {**percentiles(recovered), "kills": len(recovered)},
        "events": {
            "published": len(history.log),
            "good": sum(map(len, history.events.values())),
            "poison": len(history.poison),
            "keys": len(history.events),
            "records_published": sum(map(len, history.published.values())),
            "conflict_notices": len(history.notices),
            "dead_letters": len(history.letters),
        },
        "faults": dict(Counter(h.fault.kind for h in happened)),
        "timeline": [
            {
                "at": h.fault.at,
                "kind": h.fault.kind,
                "hard": h.fault.hard,
                "lasted": round((h.ended or h.begun) - h.begun, 1),
                "recovery_ms": h.recovery_ms,
            }
            for h in happened
        ],
        "findings": {
            name: [f"{f.subject}: {f.what}" for f in getattr(verdict, name)[:SHOWN]]
            for name in ("lost", "duplicated", "out_of_order", "rewound", "stale_notices")
        },
    }
