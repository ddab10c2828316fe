"""Turns and states on a real server: a place is taken once, and a state that was not saved is made from the turns."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from processors.chat.conversation import Conversation, Effect, Shown, apply
from processors.chat.notices import Notices
from processors.chat.slots import Edit
from schemas.completions import Spending
from schemas.settings import ChatSettings, Settings
from sinks import mongodb
from sinks.chat_budget import USAGE, DayBudget
from sinks.conversations import ConversationStore, Turn
from sinks.errors import ConflictError
from sinks.indexes import apply_indexes
from tests.support.mongodb_alone import mongodb_alone

pytestmark = pytest.mark.slow

pytest.importorskip("secantus")

EFFECT = Effect(
    "user", participant="candidate:t-1", edits=(Edit("places", "set", "shanghai", "上海"),), focus=(Shown("job", "j"),)
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with mongodb_alone(tmp_path_factory.mktemp("mongodb")) as settings:
        yield settings


def turn(number: int, id: str | None = None, conversation: str = "c-1") -> Turn:
    return Turn(
        id or f"{conversation}-{number}", conversation, number, f"e-{number}", "d", "2026-01-05T08:00:00.000000Z",
        "candidate:t-1", "user", "上海", EFFECT, "replied", b'{"x":1}',
    )  # fmt: skip


async def test_old_conversations_go_whole(settings: Settings) -> None:
    client, database = mongodb.connect(settings.mongodb)
    store = ConversationStore(database)
    begun = datetime.now(UTC)
    for conversation in ("old", "new"):
        state = replace(apply(Conversation(conversation), EFFECT), number=2)
        for number in (1, 2):
            await store.add(turn(number, conversation=conversation))
        await store.settle([turn(2, conversation=conversation)], [state])
    await database["chat_states"].update_one({"_id": "old"}, {"$set": {"stored_at": begun - timedelta(days=31)}})
    assert await store.expire(begun - timedelta(days=30)) == 1
    assert (await store.count(["old"]), await store.count(["new"])) == (0, 2)
    assert await store.expire(begun - timedelta(days=30)) == 0
    await store.erase(["new"])
    await client.close()


async def test_conversations_of_before_times_were_stored_expire_by_their_last_turn(settings: Settings) -> None:
    client, database = mongodb.connect(settings.mongodb)
    store = ConversationStore(database)
    begun = datetime.now(UTC)
    times = {
        "past": begun - timedelta(days=31),
        "present": begun - timedelta(days=29),
        "future": begun + timedelta(days=1),
    }
    for conversation, time in times.items():
        for number, at in ((1, begun - timedelta(days=99)), (2, time)):
            said = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            await store.add(replace(turn(number, conversation=conversation), time=said))
        await store.settle([], [replace(apply(Conversation(conversation), EFFECT), number=2)])
    await store.settle([], [replace(apply(Conversation("without turns"), EFFECT), number=1)])
    await database["chat_states"].update_many({}, {"$unset": {"stored_at": True}})
    assert await store.expire(begun - timedelta(days=30)) == 1
    assert [await store.count([conversation]) for conversation in times] == [0, 2, 2]
    kept = {d["_id"]: d["stored_at"] async for d in database["chat_states"].find({})}
    assert set(kept) == {"present", "future", "without turns"}
    assert kept["future"] <= datetime.now(UTC), "a turn's time may be wrong; when it was stored is past"
    assert await store.expire(begun - timedelta(days=28)) == 1
    await store.erase(["future", "without turns"])
    await client.close()


async def test_turns_and_states(settings: Settings) -> None:
    client, database = mongodb.connect(settings.mongodb)
    await apply_indexes(database, base=True)
    store = ConversationStore(database)
    for number in (1, 2, 3):
        await store.add(turn(number))
    for taken in (turn(3, "another"), turn(4, "c-1-3")):
        with pytest.raises(ConflictError):
            await store.add(taken)
    expected = apply(apply(apply(Conversation("c-1"), EFFECT), EFFECT), EFFECT)
    assert (await store.states(["c-1", "c-2"])) == {"c-1": expected, "c-2": Conversation("c-2")}

    second = apply(apply(Conversation("c-1"), EFFECT), EFFECT)
    await store.settle([turn(1), turn(2)], [expected])
    await store.settle([], [second])  # of a worker that was slower
    assert (await store.states(["c-1"]))["c-1"] == expected
    stored = await database["chat_states"].find_one({"_id": "c-1"})
    assert stored
    assert stored["number"] == 3
    assert [t.published for t in (await store.known(["c-1-1", "c-1-2", "c-1-3"])).values()] == [True, True, False]

    assert [t async for t in store.turns("c-1")][2] == turn(3)
    await store.add(replace(turn(1, conversation="c-9"), participant="candidate:t-2"))
    shown = Effect("user", focus=(Shown("job", "t-1"), Shown("talent", "t-3")))
    await store.add(replace(turn(2, conversation="c-9"), participant="recruiter:r-1", effect=shown))
    assert await store.about_talent("t-1") == ["c-1"]
    assert await store.about_talent("t-3") == ["c-9"]
    assert await store.count(["c-1"]) == await store.erase(["c-1"]) == 3
    assert await store.states(["c-1"]) == {"c-1": Conversation("c-1")}
    assert await store.count(["c-9"]) == 2
    await client.close()


async def test_a_day_s_budget_is_reserved_by_all_workers_and_settled(settings: Settings) -> None:
    client, database = mongodb.connect(settings.mongodb)
    workers = [DayBudget(database, ChatSettings(day_tokens=1000, day_cost=1)) for _ in range(4)]
    days = await asyncio.gather(*(worker.reserve(300) for worker in workers for _ in range(2)))
    granted = [day for day in days if day]
    assert len(granted) == 3
    spending = Spending()
    spending.add(100, 20, 1000, 2000)
    await workers[0].settle(granted[0], 300, spending)
    assert await database[USAGE].find_one() == {"_id": granted[0], "tokens": 720, "cost": 0.14}
    assert await workers[1].reserve(281) is None
    assert await workers[1].reserve(280)
    await workers[2].settle(granted[1], 300, spending)
    dear = Spending()
    dear.add(0, 1, 0, 1_000_000)
    await workers[3].settle(granted[2], 300, dear)
    assert await workers[0].reserve(1) is None, "there are tokens left and no money"
    assert await DayBudget(database, ChatSettings(day_tokens=1000)).reserve(1)
    assert await DayBudget(database, ChatSettings(day_tokens=0)).reserve(1) is None
    await client.close()


async def test_subscriptions_and_what_is_due_in_them(settings: Settings) -> None:
    client, database = mongodb.connect(settings.mongodb)
    store = ConversationStore(database)
    due = Conversation("s-1", 1, "candidate:t-7", notices=Notices("2026-01-05T08:00:00.000000Z", due="2026-01-06"))
    later = replace(due, id="s-2", notices=replace(due.notices, due="2026-01-09"))
    idle = replace(due, id="s-3", notices=Notices())
    await store.settle([], [due, later, idle])
    assert await store.subscribed(["candidate:t-7", "candidate:t-8"]) == {"candidate:t-7": [due, later]}
    assert await store.due("2026-01-07") == [due]
    await store.settle([], [replace(due, number=2, notices=Notices())])
    assert await store.subscribed(["candidate:t-7"]) == {"candidate:t-7": [later]}
    assert await store.due("2026-01-07") == []
    await client.close()
