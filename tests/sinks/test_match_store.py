"""Pages on a MongoDB-wire server: what is loaded and saved, over whose version, and in how many commands."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from processors.matching import pages as pages_module
from processors.matching.history import revision_of
from processors.matching.pages import Page, entry_of
from schemas.messages import Match, MatchFeature
from schemas.settings import Settings
from sinks.counts import counts, estimates
from sinks.errors import ConflictError
from sinks.indexes import apply_indexes
from sinks.matches import MATCHES, MatchStore, of_talent
from sinks.mongodb import Database
from tests.support.mongodb_alone import mongodb_alone

pytestmark = pytest.mark.slow

pytest.importorskip("secantus")


class Commands(CommandListener):
    """Counts what is asked of the server."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def started(self, event: CommandStartedEvent) -> None:
        self.asked[event.command_name] += 1
        self.asked["writes"] += len(event.command.get("documents", ())) + len(event.command.get("updates", ()))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass

    def taken(self) -> dict[str, int]:
        """Return the counts since the last call."""
        found, self.asked = {name: n for name, n in self.asked.items() if n}, Counter()
        return found


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with mongodb_alone(tmp_path_factory.mktemp("matches")) as settings:
        yield settings


@pytest.fixture
def commands() -> Commands:
    return Commands()


@pytest.fixture
async def database(settings: Settings, commands: Commands) -> AsyncIterator[Database]:
    url = settings.mongodb.url.get_secret_value()
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(url, event_listeners=[commands], tz_aware=True)
    database = client.get_database(settings.mongodb.database)
    await client.drop_database(database.name)
    await apply_indexes(database)
    commands.taken()
    yield database
    await client.close()


def a_match(talent: str, job: str, score: float = 0.5, status: str = "active", revision: int = 1) -> Match:
    feature = MatchFeature(name="skills", score=score, weight=1, contribution=score, reason="因为")
    return Match(talent_id=talent, job_id=job, talent_revision=revision, job_revision=1, status=status, score=score,
                 language="zh", features=[feature], model="m")  # fmt: skip


def put(page: Page, *matches: Match) -> None:
    page.put([entry_of(m) for m in matches], [(m.job_id, revision_of(m, time="t", cause=None)) for m in matches])


async def put_all(store: MatchStore, *matches: Match) -> None:
    """Store matches, each of a talent in page 0 or further."""
    for match in matches:
        pages = await store.load({match.talent_id: {match.job_id}})
        put(pages[0] if not pages[0].full or pages[0].get(match.job_id) else pages[1], match)
        await store.save([page for page in pages if page.version and page.get(match.job_id)])


async def test_twenty_talents_are_read_and_written_in_three_commands(database: Database, commands: Commands) -> None:
    store = MatchStore(database)
    wanted: dict[str, Any] = {f"t{n}": None for n in range(20)}
    for first in (True, False):
        pages = await store.load(wanted)
        for page in pages:
            put(page, *(a_match(page.talent_id, f"j{n}", revision=page.version) for n in range(10)))
        await store.save(pages)
        # What is new is journalled as it is inserted; what replaces something, by one more write behind it.
        write, writes = ("insert", 20) if first else ("update", 21)
        assert commands.taken() == {"find": 1, write: 1 if first else 2, "writes": writes}
    assert await store.talents_of(["j3"]) == {"j3": set(wanted)}
    assert commands.taken() == {"find": 1}
    assert (await counts(database))[MATCHES] == (await estimates(database))[MATCHES] == 200


async def test_what_lives_is_counted_without_reading_it(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await database["talents"].insert_many([{"_id": f"t{n}", "deleted": n % 5 == 0} for n in range(40)])
    await database[MATCHES].insert_many([{"_id": f"m{n}", "matches": [{"job_id": "j"}] * 3} for n in range(30)])
    found = await estimates(database)
    assert (found["talents"], found["jobs"], found[MATCHES]) == (32, 0, 90)
    monkeypatch.setattr("sinks.counts.SAMPLE", 10)
    assert (await estimates(database))[MATCHES] == 90


async def test_a_page_is_written_only_over_what_was_read(database: Database) -> None:
    store = MatchStore(database)
    (mine,), (yours,) = await store.load({"t": None}), await store.load({"t": None})
    put(mine, a_match("t", "a"))
    put(yours, a_match("t", "b"))
    await store.save([mine])
    with pytest.raises(ConflictError):
        await store.save([yours])
    (mine,), (yours,) = await store.load({"t": None}), await store.load({"t": None})
    put(mine, a_match("t", "b"))
    put(yours, a_match("t", "a", status="withdrawn"))
    await store.save([yours])
    with pytest.raises(ConflictError):
        await store.save([mine])
    assert [m.job_id for m in await store.of("talent", "t")] == []
    assert (await store.newest([("t", "a")]))["t", "a"].status == "withdrawn"


async def test_matches_are_found_from_both_sides_best_first(
    database: Database, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages_module, "MAX_PAIRS", 2)
    store = MatchStore(database)
    found = [a_match(f"t{t}", f"j{j}", (t * 7 + j * 3) % 10 / 10) for t in range(3) for j in range(8)]
    found[0] = found[0].model_copy(update={"status": "withdrawn"})
    await put_all(store, *found)
    assert await database[MATCHES].count_documents({}) > 9
    assert await store.newest((m.talent_id, m.job_id) for m in found) == {(m.talent_id, m.job_id): m for m in found}
    histories = await store.histories([("t1", "j5"), ("t1", "j9"), ("t9", "j1")])
    assert [(pair, [r.score for r in revisions]) for pair, revisions in histories.items()] == [(("t1", "j5"), [0.2])]
    for side, ids in (("talent", "t0"), ("job", "j0")):
        active = [m for m in found if ids in (m.talent_id, m.job_id) and m.status == "active"]
        best = sorted(active, key=lambda m: -m.score)
        assert [m.score for m in await store.of(side, ids)] == [m.score for m in best]  # type: ignore[arg-type]
        assert [m.score for m in await store.of(side, ids, limit=2)] == [m.score for m in best[:2]]  # type: ignore[arg-type]
    assert await store.talents_of(["j0", "j9"]) == {"j0": {"t1", "t2"}, "j9": set()}
    commands.taken()
    await store.load({"t0": {"j1"}, "t1": {"j5"}, "t9": {"j1"}})
    assert commands.taken() == {"find": 2}, "all first pages, then the further ones that are needed"
    by_talent = [(t, sorted(pairs)) async for t, pairs in store.by_talent()]
    assert by_talent == [(f"t{t}", [f"j{j}" for j in range(8)]) for t in range(3)]
    await database[MATCHES].delete_many(of_talent("t1"))
    assert [t async for t, _ in store.by_talent()] == ["t0", "t2"]
    assert await store.newest([("t1", "j5")]) == {}
