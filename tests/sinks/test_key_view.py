"""What a process knows of the keys: never older than a second, and nothing for long while the store is away."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.access import ApiKey
from sinks import api_keys
from sinks.api_keys import KeyStore, KeyView, KeyViewError

SECRET = b"s" * 32


class Cursor:
    def __init__(self, found):
        self._found = iter(found)

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return next(self._found)
        except StopIteration:
            raise StopAsyncIteration from None


class Collection:
    def __init__(self):
        self.documents = {}
        self.asked = 0
        self.is_away = False

    async def find_one(self, query):
        self.asked += 1
        if self.is_away:
            raise OSError
        return self.documents.get(query["_id"])

    def find(self, _):
        return Cursor(d for d in self.documents.values() if d.get("revoked") is None)


class Database(dict):
    name, write_concern = "base", None

    def __missing__(self, name):
        return self.setdefault(name, Collection())

    @property
    def client(self):
        return self

    def get_database(self, *_, **__):
        return self


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1000.0

    monkeypatch.setattr(api_keys.time, "monotonic", lambda: Clock.now)
    return Clock


@pytest.fixture
def database():
    return Database()


def put(database, store, name, version, **values):
    key = ApiKey(id=f"k{name * 12}", name=name, created=datetime.now(UTC), **values)
    secrets = [{"digest": store.digest(f"lk_{name}"), "until": None}]
    database[api_keys.KEYS].documents[key.id] = {**api_keys._document(key), "secrets": secrets}
    database[api_keys.CHANGES].documents["keys"] = {"changes": version}
    return key.id


async def test_a_change_is_seen_after_a_second_and_costs_one_query_until_then(database, clock):
    store = KeyStore(database, SECRET)
    view = KeyView(store)
    first = put(database, store, "a", 1)
    assert (await view.find("lk_a")).id == first
    for guess in range(50):
        assert await view.find(f"lk_{guess}") is None
    assert database[api_keys.CHANGES].asked == 1
    put(database, store, "b", 2)
    database[api_keys.KEYS].documents[first]["revoked"] = datetime.now(UTC)
    assert await view.find("lk_b") is None
    clock.now += 1.01
    assert await view.find("lk_a") is None
    assert (await view.find("lk_b")).name == "b"
    assert await view.get(first) is None


async def test_a_change_that_was_not_announced_is_seen_within_a_minute(database, clock):
    store = KeyStore(database, SECRET)
    view = KeyView(store)
    first = put(database, store, "a", 1)
    assert await view.find("lk_a")
    database[api_keys.KEYS].documents[first]["revoked"] = datetime.now(UTC)
    clock.now += 61
    assert await view.find("lk_a") is None


async def test_keys_end_by_themselves(database, clock):
    store = KeyStore(database, SECRET)
    view = KeyView(store)
    put(database, store, "a", 1, expires=datetime.now(UTC) - timedelta(seconds=1))
    old = put(database, store, "b", 1)
    database[api_keys.KEYS].documents[old]["secrets"][0]["until"] = datetime.now(UTC) - timedelta(seconds=1)
    assert [await view.find("lk_a"), await view.find("lk_b")] == [None, None]


async def test_another_secret_of_the_deployment_opens_nothing(database, clock):
    put(database, KeyStore(database, SECRET), "a", 1)
    assert await KeyView(KeyStore(database, b"t" * 32)).find("lk_a") is None


async def test_while_the_store_is_away_known_keys_open_for_a_while_and_then_none(database, clock):
    store = KeyStore(database, SECRET)
    view = KeyView(store)
    put(database, store, "a", 1)
    assert await view.find("lk_a")
    database[api_keys.CHANGES].is_away = True
    clock.now += 10
    for _ in range(5):
        assert await view.find("lk_a")
    assert database[api_keys.CHANGES].asked == 2  # it is not asked again for each request
    clock.now += 10
    with pytest.raises(KeyViewError):
        await view.find("lk_a")
    database[api_keys.CHANGES].is_away = False
    clock.now += 2
    assert await view.find("lk_a")
    database[api_keys.CHANGES].is_away = True
    with pytest.raises(KeyViewError):
        await KeyView(store).find("lk_a")
