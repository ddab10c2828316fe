"""What an owner asks of the brokers before it publishes; tests/faults/test_result_topics.py has real ones."""

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka.client import CoordinationType
from aiokafka.errors import CoordinatorNotAvailableError

from sinks.owners import Owners


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
