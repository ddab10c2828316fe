"""Publishing as a partition's owner: once the next owner has published, Kafka refuses what this one still holds.

Each input partition has one producer id, whoever owns it; Kafka raises its epoch for each owner. A broker appends
nothing to a partition that has seen a later epoch of that id. See docs/decisions/0046-kafka-refuses-former-owners.md.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from aiokafka.client import AIOKafkaClient, ConnectionGroup, CoordinationType
from aiokafka.errors import (
    ConcurrentTransactions,
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    IllegalGenerationError,
    KafkaError,
    NodeNotReadyError,
    NoError,
    NotCoordinatorError,
    RebalanceInProgressError,
    UnknownMemberIdError,
    for_code,
)
from aiokafka.producer.transaction_manager import PidAndEpoch
from aiokafka.protocol.api import Request
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.protocol.transaction import InitProducerIdRequest

from sinks.kafka import OwnedProducer, Producer

RENEWED = 24 * 3600.0
"""Seconds after which an epoch is asked for again, before a broker forgets an id that nobody asked for (7 days)."""
_PAUSE = 0.02
_LAST_SECONDS = 1.0
_TRANSACTION_MS = 60_000  # Kafka wants one; no transaction is begun
_AGAIN = (CoordinatorNotAvailableError, NotCoordinatorError, CoordinatorLoadInProgressError, ConcurrentTransactions)
_OVER = (IllegalGenerationError, UnknownMemberIdError)


class Owner(NamedTuple):
    """Who a partition was assigned to in a generation of the consumer group; no two have the same."""

    topic: str
    partition: int
    generation: int


class RevokedError(Exception):
    """The partition is assigned anew: what was fetched before is fetched again, by whoever has it now."""


class Owners:
    """The producers of one worker, by what it owns. `member` says as whom it is in the group; "" if it is not."""

    def __init__(self, shared: Producer, group: str, member: Callable[[], str]) -> None:
        self._shared = shared
        self._group = group
        self._member = member
        self._producers: dict[Owner, tuple[OwnedProducer, float]] = {}
        self._asking: dict[Owner, asyncio.Task[OwnedProducer]] = {}
        self._generation: int | None = None
        self._ending: set[asyncio.Task[None]] = set()

    async def prepare(self) -> None:
        """Have a new cluster make its topic of ids before the first publication needs it: that takes half a second."""
        with suppress(KafkaError, OSError, TimeoutError):
            async with asyncio.timeout(self._shared.settings.timeout_seconds):
                await _coordinator(self._shared.client, CoordinationType.TRANSACTION, self._group)

    def expect(self, owners: Iterable[Owner]) -> None:
        """Ask for the epochs of owners that are about to publish; `producer` then waits for the answers."""
        for owner in owners:
            if owner not in self._producers and owner not in self._asking:
                self._ask(owner)

    async def producer(self, owner: Owner) -> OwnedProducer:
        """Return the owner's producer.

        Raises RevokedError once the group has a later generation, and KafkaError or TimeoutError if no broker says so.
        """
        found, since = self._producers.get(owner, (None, 0.0))
        if found is not None and time.monotonic() - since < RENEWED:
            return found
        if found is not None:
            self.drop(owner)
        return await asyncio.shield(self._asking.get(owner) or self._ask(owner))

    def _ask(self, owner: Owner) -> "asyncio.Task[OwnedProducer]":
        task = self._asking[owner] = asyncio.create_task(self._made(owner))

        def answered(task: "asyncio.Task[OwnedProducer]") -> None:
            del self._asking[owner]
            if not task.cancelled():
                task.exception()  # seen, if nobody waits for it

        task.add_done_callback(answered)
        return task

    async def _made(self, owner: Owner) -> OwnedProducer:
        async with asyncio.timeout(self._shared.settings.timeout_seconds):
            who = await self._next_epoch(owner)
            # Only after the epoch was given: whoever owns it next asks later than this, and so gets a later one.
            await self._confirm(owner)
        made = self._shared.owned(who)
        await made.start()
        if self._generation not in (None, owner.generation):  # given up meanwhile
            self._end(made)
            raise RevokedError
        self._producers[owner] = made, time.monotonic()
        return made

    def drop(self, owner: Owner) -> None:
        """Give up the owner's producer with what it holds; the next one is of a later epoch."""
        if found := self._producers.pop(owner, None):
            self._end(found[0])

    def revoke(self, generation: int) -> None:
        """Give up all producers of generations other than this one."""
        self._generation = generation
        for owner in [o for o in self._producers if o.generation != generation]:
            self.drop(owner)

    def require(self, owners: Iterable[Owner]) -> None:
        """Raise RevokedError if the group has a later generation, as far as this process knows; nobody is asked."""
        if self._generation is not None and any(owner.generation != self._generation for owner in owners):
            raise RevokedError

    async def close(self) -> None:
        """Give up all producers, and wait a moment for what they have on its way."""
        self.revoke(-1)
        if waiting := {*self._ending, *self._asking.values()}:
            _, late = await asyncio.wait(waiting, timeout=_LAST_SECONDS)
            for task in late:
                task.cancel()

    def _end(self, producer: OwnedProducer) -> None:
        task = asyncio.create_task(producer.abandon(RevokedError()))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _next_epoch(self, owner: Owner) -> PidAndEpoch:
        name = f"{self._group}-{owner.topic}-{owner.partition}"
        request = InitProducerIdRequest(name, _TRANSACTION_MS)
        while True:
            try:
                answer = await _asked(self._shared.client, CoordinationType.TRANSACTION, name, request)
                return PidAndEpoch(answer.producer_id, answer.producer_epoch)
            except _AGAIN:
                await asyncio.sleep(_PAUSE)

    async def _confirm(self, owner: Owner) -> None:
        """Make sure that nobody has been assigned the partition since. A rebalance that has only begun assigns none."""
        request = HeartbeatRequest(self._group, owner.generation, self._member())
        while True:
            try:
                await _asked(self._shared.client, CoordinationType.GROUP, self._group, request)
                return
            except RebalanceInProgressError:
                return
            except _OVER as error:
                raise RevokedError from error
            except _AGAIN:
                await asyncio.sleep(_PAUSE)


async def _asked(client: AIOKafkaClient, kind: int, key: str, request: "Request[Any]") -> Any:
    """Return a coordinator's answer. Raises KafkaError, also for what it says."""
    node = await _coordinator(client, kind, key)
    answer = await client.send(node, request, group=ConnectionGroup.COORDINATION)
    error = for_code(answer.error_code)
    if error is not NoError:
        raise error
    return answer


async def _coordinator(client: AIOKafkaClient, kind: int, key: str) -> int:
    if client.get_random_node() is None:
        raise NodeNotReadyError("no broker is known")  # the lookup would assert it
    return int(await client.coordinator_lookup(kind, key))
