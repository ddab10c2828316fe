"""A MongoDB that is killed in the middle of a block of work: nothing that it forgets passes for durable."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from typing import Any

import pytest
from pymongo import InsertOne

from ops.local.embedded.stack import Stack
from schemas.settings import Settings
from sinks import bulk, mongodb
from sinks.bulk import guarded_write
from sinks.errors import is_transient
from sinks.mongodb import Database
from sinks.restarts import RestartedError, one_process
from streams.delivery import Courier, Delivery, Inbound
from tests.support.mongodb_alone import mongodb_alone

pytestmark = pytest.mark.slow
Kill = Callable[[], Coroutine[Any, Any, None]]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with mongodb_alone(tmp_path_factory.mktemp("restarts")) as settings:
        yield settings


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[tuple[Database, Kill]]:
    """A database, and what kills its server and starts it again."""
    client, database = mongodb.connect(settings.mongodb)
    stack = Stack(settings)

    async def kill() -> None:
        await stack.stop("mongodb", kill=True)
        await stack.start("mongodb")

    yield database, kill
    await client.close()


class Twice:
    """A stage whose first batch meets a server that dies once all is written."""

    name, operation = "twice", "process"

    def __init__(self, kill: Kill) -> None:
        self.kill = kill
        self.seen: list[str] = []

    def decode(self, message: Inbound) -> str:
        return (message.value or b"").decode()

    def attributes(self, item: str) -> dict[str, str]:
        return {}

    async def process(self, deliveries: Sequence[Delivery[str]]) -> None:
        self.seen += [d.item for d in deliveries]
        if len(self.seen) == len(deliveries):
            await self.kill()


async def test_what_a_killed_server_may_have_forgotten_is_not_taken_for_durable(
    server: tuple[Database, Kill], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, kill = server
    async with one_process(database):
        await database["c"].insert_one({"_id": "undisturbed"})

    mark = bulk.make_durable

    async def killed_before_its_mark(database: Database) -> None:
        await kill()
        await mark(database)

    operations: list[Any] = [bulk.UpdateOne({"_id": f"{n}"}, {"$set": {"n": n}}, upsert=True) for n in range(20)]
    with monkeypatch.context() as patched:
        patched.setattr(bulk, "make_durable", killed_before_its_mark)
        with pytest.raises(RestartedError) as caught:
            await guarded_write(database, "c", operations)
    assert is_transient(caught.value)
    await guarded_write(database, "c", operations)  # who repeats it, has it
    await kill()
    assert await database["c"].count_documents({"n": {"$exists": True}}) == 20


async def test_a_batch_is_done_again_if_the_store_is_restarted_meanwhile(server: tuple[Database, Kill]) -> None:
    database, kill = server
    stage = Twice(kill)
    courier = Courier(stage, None, group="g", max_bytes=1 << 20, retry_max_seconds=0.01, store=database)  # type: ignore[arg-type]
    await courier.deliver([Inbound("t", 0, n, b"k", value, [], 0.0) for n, value in enumerate([b"a", b"b"])])
    assert stage.seen == ["a", "b", "a", "b"]
    await guarded_write(database, "c", [InsertOne({"_id": 1})])
