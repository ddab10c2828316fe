"""Whom a request may go to, and how they do: asked in their order until one answers, left alone while they fail."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar

from loguru import logger

from processors.gateway.balance import Load, Rank, order
from processors.gateway.breaker import Breaker, Permit
from processors.gateway.plan import Plan, RetryBudget, Wait
from schemas.completions import NoAnswerError, ProviderError


class Named(Protocol):
    """What can be asked."""

    @property
    def name(self) -> str:
        """What errors call it."""
        ...


FIRST = Rank(0)
P = TypeVar("P", bound=Named)
Q = TypeVar("Q")
R = TypeVar("R")


class Lease:
    """One call to a target: it is counted while it lasts, and the breaker is told once what became of it."""

    def __init__(self, breaker: Breaker, load: Load, permit: Permit) -> None:
        self._breaker, self._load = breaker, load
        self._permit: Permit | None = permit
        self._begun = asyncio.get_running_loop().time()
        load.begin()

    def answers(self) -> None:
        """The target begins to answer: so long it took."""
        now = asyncio.get_running_loop().time()
        self._load.took(now - self._begun, now)

    def succeeded(self) -> None:
        """The answer is complete."""
        if permit := self._end():
            self._breaker.succeeded(permit, asyncio.get_running_loop().time())

    def failed(self, error: ProviderError) -> None:
        """The target failed, or has refused what no target could do."""
        permit = self._end()
        if permit is None:
            return
        if not error.blames:
            self._breaker.left(permit)
            return
        now = asyncio.get_running_loop().time()
        self._load.took(now - self._begun, now, failed=True)
        self._breaker.failed(permit, now, now + error.after_seconds if error.after_seconds else 0.0)

    def left(self) -> None:
        """Whoever asked has left: that says nothing of the target."""
        if permit := self._end():
            self._breaker.left(permit)

    def _end(self) -> Permit | None:
        permit, self._permit = self._permit, None
        if permit:
            self._load.end()
        return permit


class Target(Generic[P]):
    """A provider, where it stands among the others, and how it does."""

    def __init__(self, provider: P, rank: Rank = FIRST) -> None:
        self.provider, self.rank = provider, rank
        self.breaker, self.load = Breaker(), Load()
        self.is_reachable = True
        """What it was last heard of, by a call or a check; one that is not is asked after all others."""


class Targets(Generic[P]):
    """Those that may be asked. How each does, and how often it was retried, is shared by all requests of a process."""

    def __init__(self, targets: Sequence[Target[P]], retries: RetryBudget | None = None) -> None:
        self._targets = list(targets)
        self._random = random.Random()
        self._retries = retries or RetryBudget()

    def __iter__(self) -> Iterator[Target[P]]:
        """Iterate over the targets in the order they were given."""
        return iter(self._targets)

    def only(self, serves: Callable[[P], bool]) -> "Targets[P]":
        """Return those that serve something."""
        return Targets([each for each in self._targets if serves(each.provider)], self._retries)

    async def first(
        self,
        fitting: Callable[[P], Q | None],
        call: Callable[[P, Q, Lease], Awaitable[R]],
        until: float,
        patience: Callable[[P], float] = lambda _: 0.0,
        *,
        halves: bool = False,
    ) -> R:
        """Return what the first target answers. Raises NoAnswerError at `until`, by the event loop's clock, or before.

        `fitting` returns what a target is to be asked, None if it cannot be. `call` ends its lease when it succeeds,
        or hands it on with an answer that goes on. A target that had less than its `patience` is not to blame when the
        time is up. With `halves` a target gets half of the time that is left, as long as there are others.
        """
        loop = asyncio.get_running_loop()
        asked = {n: found for n, each in enumerate(self._targets) if (found := fitting(each.provider)) is not None}
        failures: dict[str, ProviderError] = {}
        for n, each in enumerate(self._targets):
            if n not in asked:
                failures[each.provider.name] = ProviderError("too long", again=False, blames=False)
        self._retries.earn()
        ranked = {n: (self._targets[n].rank, self._targets[n].load) for n in asked}
        untried = set(asked)
        ordered = sorted(order(ranked, self._random), key=lambda n: not self._targets[n].is_reachable)
        plan = Plan(ordered, until, self._retries.take)
        while step := plan.next(loop.time(), self._random.random()):
            if isinstance(step, Wait):
                await asyncio.sleep(step.seconds)
                continue
            target = self._targets[step.target]
            permit = target.breaker.enter(loop.time())
            if permit is None:
                failures.setdefault(target.provider.name, ProviderError("left alone"))
                plan.skipped(step.target, target.breaker.ready_at(loop.time()))
                continue
            lease = Lease(target.breaker, target.load, permit)
            untried.discard(step.target)
            limit = loop.time() + (until - loop.time()) / 2 if halves and untried else until
            try:
                return await _in_time(
                    call(target.provider, asked[step.target], lease), lease, limit, patience(target.provider)
                )
            except ProviderError as error:
                failures.setdefault(target.provider.name, error)
                logger.warning("provider {}: {}", target.provider.name, error)
                plan.failed(step.target, again=error.again, not_before=loop.time() + error.after_seconds)
        raise NoAnswerError(failures)


async def _in_time(calling: Awaitable[R], lease: Lease, until: float, patience: float) -> R:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        async with asyncio.timeout_at(until):
            return await calling
    except TimeoutError:
        if loop.time() - begun >= patience:
            lease.failed(error := ProviderError("the time is up"))
        else:
            lease.left()
            error = ProviderError("the time is up")
        raise error from None
    except ProviderError as error:
        lease.failed(error)
        raise
    except BaseException:
        lease.left()
        raise
