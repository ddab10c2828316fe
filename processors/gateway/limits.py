"""Rate limits by GCRA, the leaky bucket as one number: exact at any rate, without windows that share or expire.

A limit's whole state is its cell: the instant (ns) at which the bucket will be full again. What is taken moves it
ahead, time catches up with it. So nothing has to be reset or swept, and a cell in the past says nothing at all.
Over any stretch of `t` seconds a limit lets at most `burst + amount x t / seconds` units pass.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` units each `seconds`, and `burst` of them at once (default: `amount`)."""

    name: str
    amount: int
    seconds: int = 60
    burst: int = 0

    def __post_init__(self) -> None:
        """Raise ValueError for a limit that lets nothing pass."""
        if min(self.amount, self.seconds) < 1 or self.burst < 0:
            raise ValueError(f"{self.name}: a limit has an amount and seconds, both at least 1")

    @property
    def most(self) -> int:
        """How many units can pass at once; more can never be taken together."""
        return self.burst or self.amount

    def cost(self, units: int) -> int:
        """Return the time (ns) that units stand for, rounded up: a limit is never exceeded by rounding."""
        return -(-units * self.seconds * _NS // self.amount)

    def units(self, time: int) -> int:
        """Return how many whole units a time (ns) stands for."""
        return time * self.amount // (self.seconds * _NS)


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether units pass, and what is left. `retry_seconds` is 0 if they pass, None if so many never pass at once."""

    limit: Limit
    allowed: bool
    remaining: int
    retry_seconds: float | None
    full_seconds: float
    """Until the bucket is full again, if nothing more is taken."""


def take(limit: Limit, cell: int, now: int, units: int = 1) -> tuple[int, Decision]:
    """Take units if so many are there, all or none; return the new cell and the decision. Raises ValueError below 0."""
    if units < 0:
        raise ValueError("units to take are at least 0; give them back by `refund`")
    begun = _bounded(limit, cell, now)
    after = begun + limit.cost(units)
    late = after - now - limit.cost(limit.most)
    if late <= 0:
        return after, _decision(limit, True, after, now, 0.0)
    never = units > limit.most
    return begun, _decision(limit, False, begun, now, None if never else late / _NS)


def charge(limit: Limit, cell: int, now: int, units: int) -> int:
    """Take units that have been used already, even if they are not there: the next ones wait for it.

    The debt is at most one period, so that a single call that used too much locks nobody out for long.
    """
    return _bounded(limit, _bounded(limit, cell, now) + limit.cost(units), now)


def refund(limit: Limit, cell: int, now: int, units: int) -> int:
    """Give units back that were taken and not used; a bucket is never fuller than full."""
    return _bounded(limit, _bounded(limit, cell, now) - limit.cost(units), now)


def headers(decisions: Iterable[Decision]) -> dict[str, str]:
    """Return the fields of a response: RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers), and
    Retry-After if any decision refuses."""
    made = list(decisions)
    if not made:
        return {}
    policies = (f'"{d.limit.name}";q={d.limit.amount};w={d.limit.seconds}' for d in made)
    states = (f'"{d.limit.name}";r={d.remaining};t={ceil(d.full_seconds)}' for d in made)
    found = {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(states)}
    waits = [d.limit.seconds if d.retry_seconds is None else d.retry_seconds for d in made if not d.allowed]
    if waits:
        found["Retry-After"] = str(max(1, ceil(max(waits))))
    return found


def fields(decisions: Iterable[Decision]) -> list[tuple[bytes, bytes]]:
    """Return `headers` as HTTP/1.1 sends them."""
    return [(name.lower().encode(), value.encode()) for name, value in headers(decisions).items()]


def _bounded(limit: Limit, cell: int, now: int) -> int:
    """Return a cell as it counts now. One from before the clock began anew, as by a reboot, is no more than a debt."""
    return min(max(cell, now), now + limit.cost(limit.most) + limit.seconds * _NS)


def _decision(limit: Limit, allowed: bool, cell: int, now: int, retry: float | None) -> Decision:
    ahead = cell - now
    left = limit.units(max(0, limit.cost(limit.most) - ahead))
    return Decision(limit, allowed, min(left, limit.most), retry, ahead / _NS)
