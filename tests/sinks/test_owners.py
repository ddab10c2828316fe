"""What an owner asks of the brokers before it publishes; tests/faults/test_result_topics.py has real ones."""

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka.client import CoordinationType
from aiokafka.errors import CoordinatorNotAvailableError

from sinks.owners import Owner, Owners, RevokedError


@pytest.mark.parametrize("node", [None, 1])
async def test_a_new_cluster_is_told_in_advance_that_ids_will_be_asked_for(node: int | None) -> None:
    asked: list[tuple[int, str]] = []

    class Client:
        """A new cluster: it says that it has no coordinator, and makes the topic that one needs."""

        def get_random_node(self) -> int | None:
            return node

        async def coordinator_lookup(self, kind: int, key: str) -> int:
            asked.append((kind, key))
            raise CoordinatorNotAvailableError

    shared = SimpleNamespace(client=Client(), settings=SimpleNamespace(timeout_seconds=10))
    async with asyncio.timeout(30):
        await Owners(shared, "looma", lambda: "").prepare()
    assert asked == ([] if node is None else [(CoordinationType.TRANSACTION, "looma")])


class Broker:
    """Counts epochs up, one request after the other, once it is let."""

    def __init__(self) -> None:
        self.epochs = 0
        self.given_up = 0
        self.answers = asyncio.Event()

    def get_random_node(self) -> int:
        return 1

    async def coordinator_lookup(self, kind: int, key: str) -> int:
        return 1

    async def send(self, node: int, request: object, group: object) -> SimpleNamespace:
        await self.answers.wait()
        self.epochs += 1
        return SimpleNamespace(error_code=0, producer_id=7, producer_epoch=self.epochs)

    def owned(self, who: object) -> "Broker":
        return self

    async def start(self) -> None:
        """It is there."""

    async def abandon(self, reason: Exception) -> None:
        self.given_up += 1


def owners(broker: Broker) -> Owners:
    settings = SimpleNamespace(timeout_seconds=10)
    shared = SimpleNamespace(client=broker, settings=settings, owned=broker.owned)
    return Owners(shared, "looma", lambda: "me")  # type: ignore[arg-type]


async def test_an_epoch_that_is_expected_is_asked_for_once() -> None:
    broker, owner = Broker(), Owner("talent-events", 0, 1)
    own = owners(broker)
    own.expect([owner, owner])
    own.expect([owner])
    waiting = [asyncio.create_task(own.producer(owner)) for _ in range(3)]
    waiting[0].cancel()  # whoever is told to stop takes nothing from the others
    broker.answers.set()
    assert {id(each) for each in await asyncio.gather(*waiting[1:])} == {id(broker)}
    assert broker.epochs == 2, "an epoch, and a heartbeat that confirms it"
    own.expect([owner])
    assert await own.producer(owner) is broker
    assert broker.epochs == 2


def test_a_former_owner_is_known_without_a_question() -> None:
    own, owner = owners(Broker()), Owner("talent-events", 0, 1)
    own.require([owner])
    own.revoke(2)
    own.require([owner._replace(generation=2)])
    with pytest.raises(RevokedError):
        own.require([owner._replace(generation=2), owner])


async def test_what_is_asked_for_by_a_former_owner_is_given_up() -> None:
    broker, owner = Broker(), Owner("talent-events", 0, 1)
    own = owners(broker)
    own.expect([owner])
    waiting = asyncio.create_task(own.producer(owner))
    await asyncio.sleep(0)
    own.revoke(2)
    broker.answers.set()
    with pytest.raises(RevokedError):
        await waiting
    await own.close()
    assert broker.given_up == 1
