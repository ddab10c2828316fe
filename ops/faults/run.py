"""One run under fire: a stack of its own, load, faults, and then the verdict."""

import asyncio
import logging
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

from connectors.publisher import EventPublisher, Receipt
from ops.benchmarks.stack import Progress, fresh_stack
from ops.faults import clock
from ops.faults.changes import DRAIN_SECONDS, EventTopic
from ops.faults.check import Verdict, check
from ops.faults.collect import collect, event_id, read_log
from ops.faults.conductor import Conductor
from ops.faults.crew import Crew
from ops.faults.foreign import CODECS, ByHand, Librdkafka, Transactions, require_clients
from ops.faults.history import Happened, History, Place
from ops.faults.hostile import hostile
from ops.faults.java import ConsoleProducer, misread
from ops.faults.load import ENTITY, event, load
from ops.faults.recovery import note_recoveries
from ops.faults.schedule import Fault
from ops.faults.upgrade import PARTITIONS, Upgrade
from ops.local.embedded import assets
from ops.local.embedded.stack import Stack, free_ports
from ops.local.worker import WorkerError, drained
from ops.runtime.traces import percentiles
from schemas.settings import Settings
from schemas.topics import EVENTS, PIPELINE, RECORDS, SYNC_CONFLICTS
from streams.models.downloads import cache_dir
from streams.starting import until_it_answers

PUBLISH_SECONDS = 90
"""How long a publication may wait for the broker."""

HOSTILE, LIBRDKAFKA, JAVA = 0.03, 0.2, 0.2
"""The shares of hostile messages, and of events that librdkafka and Java's producer send."""

HARMLESS = ("mongodb", "slow", "disk_full", "clock_jump")
"""Faults that make nobody read anything again."""

LASTING = ("stop", "crawl", "topic_anew", "partitions_added")
"""Faults whose end disturbs the group, too."""

SHOWN = 20

GIVE_UP_SECONDS = 10.0
"""How long a run that is interrupted has to end by itself: a client may swallow that its task is cancelled."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to be: `rate` messages/s for so many seconds, of the load of `seed`, while the faults happen."""

    seconds: float
    workers: int
    seed: int
    rate: float
    faults: Sequence[Fault]
    upgrade: Upgrade | None = None
    """From another version of the source, meanwhile."""

    @property
    def version(self) -> int | None:
        """The version of the schema that the load is written by; None: the current one."""
        return self.upgrade.older.versions[ENTITY] if self.upgrade else None


async def under_fire(plan: Plan, progress: Progress) -> dict[str, Any]:
    """Publish while the faults happen, let the workers finish, judge; return the figures.

    Raises StackError or WorkerError if a part does not start, and KafkaError if the load cannot be published.
    """
    return await in_a_fresh_stack(
        lambda settings: _under_fire(settings, plan, progress), progress, PARTITIONS if plan.upgrade else None
    )


async def in_a_fresh_stack(
    run: Callable[[Settings], Coroutine[Any, Any, T]], progress: Progress, partitions: int | None = None
) -> T:
    """Return what a run of load and faults gives, in a stack of its own. Raises what went wrong first."""
    require_clients()
    await asyncio.to_thread(assets.ensure_kafka_tools, cache_dir(), progress)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # it reports each of its tries while the broker is away
    try:
        async with fresh_stack(progress, partitions=partitions) as settings:
            return await ended_in_time(run(settings), GIVE_UP_SECONDS)
    except ExceptionGroup as failures:
        raise first(failures) from failures


async def ended_in_time(work: Coroutine[Any, Any, T], seconds: float) -> T:
    """Await work. If this is cancelled, so is the work, which is left behind if it has not ended `seconds` later."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait([task], timeout=seconds)
        raise


async def _under_fire(settings: Settings, plan: Plan, progress: Progress) -> dict[str, Any]:
    history = History()
    upgrade = plan.upgrade
    clocks = any(fault.kind == "clock_jump" for fault in plan.faults)
    crew = Crew(settings, plan.workers, clocks=clocks, code=upgrade.older.folder if upgrade else None)
    # The same servers by the same pid files; this one is for stopping and starting them.
    topic = EventTopic(settings, history, partial(read_log, settings, history))
    conductor = Conductor(crew, Stack(settings, controller_port=free_ports(1)[0]), topic, progress)
    progress(f"{plan.workers} workers: starting")
    async with crew.at_work():
        async with asyncio.TaskGroup() as group:
            group.create_task(conductor.play(plan.faults))
            if upgrade:
                group.create_task(upgrade.play(settings, crew, plan.seconds, progress))
            publishing = group.create_task(publish(settings, history, plan, topic))
        progress("the load has ended; draining")
        begun = time.monotonic()
        is_drained = await are_drained(settings, progress, PIPELINE if upgrade else [EVENTS[ENTITY]])
        drain_seconds = time.monotonic() - begun
    progress("comparing with the model")
    await collect(settings, history, [(m.process.pid, m.traces) for m in crew.members])
    for topic_name in (RECORDS[ENTITY], SYNC_CONFLICTS):
        history.misread += await misread(settings.kafka, topic_name)
    wrong_times = clock.set_right(history, conductor.clocks.jumps)
    history.disturbances = [h.begun for h in conductor.happened if h.fault.kind not in HARMLESS]
    history.disturbances += [h.ended for h in conductor.happened if h.fault.kind in LASTING and h.ended]
    history.disturbances += crew.changes
    note_recoveries(conductor.happened, history.work)
    return {
        "seconds": plan.seconds,
        "workers": plan.workers,
        "seed": plan.seed,
        "rate": plan.rate,
        **report(history, await asyncio.to_thread(check, history), conductor.happened, publishing.result()),
        "wrong_times": wrong_times,
        "drained": is_drained,
        "drain_seconds": round(drain_seconds, 1),
        "unexpected_exits": crew.exits,
        **({"upgrade": await upgrade.report(settings, crew)} if upgrade else {}),
    }


def first(group: ExceptionGroup[Exception]) -> Exception:
    """Return what went wrong first, out of the groups that it is in."""
    failure = group.exceptions[0]
    return first(failure) if isinstance(failure, ExceptionGroup) else failure


async def are_drained(
    settings: Settings,
    progress: Progress,
    topics: Sequence[str],
    seconds: float = DRAIN_SECONDS,
    limit_seconds: float = math.inf,
) -> bool:
    """Whether the workers get their work on these topics done in time (see `drained`); if not, it is said why."""
    try:
        await drained(settings, seconds, lambda _: None, topics, limit_seconds=limit_seconds)
    except WorkerError as error:
        progress(str(error))
        return False
    return True


async def publish(settings: Settings, history: History, plan: Plan, topic: EventTopic) -> dict[str, int]:
    """Publish at the plan's rate, after an outage as fast as it goes until that is caught up.

    Every client is closed while the topic changes. Returns the number of messages by client.
    """
    servers, rng = settings.kafka.bootstrap_servers, random.Random(f"clients-{plan.seed}")
    messages, attacks = load(plan.seed, plan.version), hostile(plan.seed, ENTITY)
    # Two versions may say different things of what is no event.
    attacked = 0.0 if plan.upgrade else HOSTILE
    sent: Counter[str] = Counter()
    begun = time.monotonic()

    def is_over() -> bool:
        return time.monotonic() >= begun + plan.seconds and (plan.upgrade is None or plan.upgrade.is_over)

    def is_at_rest() -> bool:
        return is_over() or topic.is_due

    transactions = Transactions(
        servers,
        topic.partitions,
        random.Random(plan.seed),
        partial(event, random.Random(plan.seed), version=plan.version),
    )
    refused = 0

    async def stretch() -> None:
        nonlocal refused
        life = len(history.lives) - 1
        publisher = EventPublisher(
            settings.changed(kafka__timeout_seconds=PUBLISH_SECONDS).kafka, delivery_timeout=PUBLISH_SECONDS
        )
        by_hand = ByHand(servers, EVENTS[ENTITY], topic.partitions, rng)
        librdkafka = Librdkafka(servers, topic.partitions, rng)
        codec = rng.choice(sorted(CODECS))
        console_producer = ConsoleProducer(servers, EVENTS[ENTITY], codec, settings.data_dir, history.handed)
        transactions.partitions = topic.partitions
        async with AsyncExitStack() as clients, asyncio.TaskGroup() as group:
            for each in (publisher, by_hand, console_producer):
                # A stretch may begin while the broker is away.
                await until_it_answers("Kafka", partial(clients.enter_async_context, each))
            group.create_task(transactions.run(is_at_rest))
            while not is_at_rest():
                due = begun + sent.total() / plan.rate
                if (now := time.monotonic()) < due:
                    await asyncio.sleep(due - now)
                    continue
                if rng.random() < attacked:
                    attack = next(attacks)
                    name = event_id(attack.text_headers)
                    await by_hand.send(attack, partial(_lies_at, history, life, name))
                    sent["hostile"] += 1
                    continue
                message = next(messages)
                name = event_id(message.headers)
                if (client := rng.random()) < LIBRDKAFKA:
                    librdkafka.send(message, partial(_lies_at, history, life, name))
                    sent["librdkafka"] += 1
                    continue
                if client < LIBRDKAFKA + JAVA and await console_producer.send(message, name):
                    sent["java"] += 1
                    continue
                done = await publisher.publish_raw(message.topic, message.key, message.value, message.headers)
                done.add_done_callback(partial(_acknowledge, history, life, name))
                sent["aiokafka"] += 1
        await librdkafka.close()
        refused += by_hand.refused

    while not is_over():
        async with topic.stretch():
            await stretch()
    history.aborted = transactions.aborted
    return {**sent, "refused": refused, "committed": transactions.committed}


def _lies_at(history: History, life: int, name: str | None, place: Place | None) -> None:
    if place is not None:
        history.acknowledged[place._replace(life=life)] = name
    elif name is not None:
        history.somewhere.add(name)


def _acknowledge(history: History, life: int, name: str | None, sent: "asyncio.Future[Receipt]") -> None:
    if not sent.cancelled() and not sent.exception():
        delivery = sent.result()
        _lies_at(history, life, name, Place(delivery.partition, delivery.offset))


def report(
    history: History, verdict: Verdict, happened: Sequence[Happened], sent: Mapping[str, int] = MappingProxyType({})
) -> dict[str, Any]:
    """Return the figures of a run, as JSON takes them; `sent`: messages by the client that sent them."""
    recovered = [h.recovery_ms for h in happened if h.fault.kind == "kill" and h.recovery_ms is not None]
    return {
        "lost": len({finding.subject for finding in verdict.lost}),
        "duplicated": len(verdict.duplicated),
        "out_of_order": len(verdict.out_of_order),
        "unaccounted": len(verdict.unaccounted),
        "rewound": len(verdict.rewound),
        "stale_notices": len(verdict.stale_notices),
        "repeats": verdict.repeats,
        "recovery_ms": {**percentiles(recovered), "kills": len(recovered)},
        "events": {
            "published": len(history.log),
            "good": sum(map(len, history.events.values())),
            "poison": len(history.poison),
            "keys": len(history.events),
            "aborted": len(history.aborted),
            **sent,
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
            for name in ("lost", "duplicated", "out_of_order", "unaccounted", "rewound", "stale_notices")
        },
    }
