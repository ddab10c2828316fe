"""When which fault happens: drawn from a seed, so that a run can be repeated."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "kill",
    "rebalance",
    "stop",
    "broker",
    "mongodb",
    "slow",
    "crawl",
    "disk_full",
    "clock_jump",
    "topic_anew",
    "partitions_added",
]
"""kill: a worker by SIGKILL. rebalance: a worker leaves by SIGTERM. Either is replaced at once.
stop: a worker stands still (SIGSTOP), for longer than its session now and then, and goes on.
broker, mongodb: the server is away. slow: MongoDB stands still, its connections open.
crawl: broker and MongoDB stand still for half of the time, in turns of a fraction of a second.
disk_full: MongoDB can write nothing. clock_jump: a worker's clock goes forth, back, and right again.
topic_anew: the event topic is deleted and created again. partitions_added: it gets more partitions."""

KINDS: tuple[Kind, ...] = get_args(Kind)

_WEIGHTS: dict[Kind, float] = {
    "kill": 6,
    "rebalance": 2,
    "stop": 2,
    "broker": 1,
    "mongodb": 1,
    "slow": 2,
    "crawl": 1,
    "disk_full": 1,
    "clock_jump": 2,
    "topic_anew": 0.5,
    "partitions_added": 0.5,
}
_AWAY: dict[Kind, tuple[float, float]] = {
    "stop": (0.5, 15),
    "broker": (0.5, 10),
    "mongodb": (0.5, 6),
    "slow": (1, 6),
    "crawl": (2, 8),
    "disk_full": (1, 6),
    "clock_jump": (2, 12),
}
PAUSES = (1.0, 12.0)
"""Seconds between the beginnings of two faults: some fall into another's recovery, others meet a group at rest."""

QUIET_START, QUIET_END = 3.0, 5.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, `at` seconds after the load began. `seconds` is how long it lasts.

    `hard`: the server ends by SIGKILL, too. `target` chooses the worker among those that run then, from 0 to 1.
    """

    at: float
    kind: Kind
    seconds: float = 0.0
    hard: bool = False
    target: float = 0.0


def schedule(
    seed: int, seconds: float, pauses: tuple[float, float] = PAUSES, among: Sequence[Kind] = KINDS
) -> list[Fault]:
    """Return the faults of a run, by time: every kind once, then by their weights, as many as there is time for.

    `pauses`: the least and the most seconds from one to the next. `among`: the kinds to draw from.
    """
    rng = random.Random(f"faults-{seed}")
    kinds = list(among)
    rng.shuffle(kinds)
    found: list[Fault] = []
    at = QUIET_START
    while at < seconds - QUIET_END:
        kind = kinds.pop() if kinds else rng.choices(among, [_WEIGHTS[each] for each in among])[0]
        away = rng.uniform(*_AWAY[kind]) if kind in _AWAY else 0.0
        hard = kind in ("broker", "mongodb") and rng.random() < 0.5
        found.append(Fault(round(at, 1), kind, round(away, 1), hard, rng.random()))
        at += rng.uniform(*pauses)
    return found
