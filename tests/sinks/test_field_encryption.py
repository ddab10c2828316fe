"""Personal data in MongoDB: what lies there says nothing, what is read is as before, and a destroyed key opens nothing."""

import asyncio
import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bson
import pytest
from pydantic import SecretStr
from pymongo.errors import EncryptionError

from processors.sync.golden import golden_document
from processors.sync.merge import State, apply
from processors.sync.policy import DEFAULT
from processors.sync.stored import StoredRecord
from schemas.events import EntityEvent, decode
from schemas.settings import Settings
from sinks import mongodb
from sinks.field_encryption import EncryptionKeyError, personal_fields
from sinks.identities import GOLDEN, IdentityStore
from sinks.mongodb import RecordStore
from sinks.person_keys import PersonKeys
from tests.support.events import encoded
from tests.support.mongodb_alone import mongodb_alone

pytest.importorskip("pymongocrypt")
SAID = {
    "name": "王芳芳",
    "emails": ["fang@example.com"],
    "phones": ["+8613800000000"],
    "summary": "十年护理经验",
    "title": "护士长",
    "skills": [{"name": "ICU"}],
}
PERSONAL = ("王芳芳", "fang@example.com", "+8613800000000", "十年护理经验", "Fang Wang")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder: Path = tmp_path_factory.mktemp("mongodb")
    with mongodb_alone(folder) as settings:
        yield settings


def with_key(settings: Settings) -> Settings:
    key = SecretStr(base64.b64encode(os.urandom(96)).decode())
    return settings.changed(mongodb__encryption_key=key, mongodb__database=f"db{os.urandom(4).hex()}")


def record(id: str, revision: int = 1) -> StoredRecord:
    """Two sources that differ in the name, so that a conflict may keep both."""
    events: list[EntityEvent] = []
    for source, name in (("crm", "王芳芳"), ("zervigo", "Fang Wang")):
        _, key, value, headers = encoded("talent", id, {**SAID, "name": name}, source=source)
        events.append(decode("talent", key, value, headers))
    return StoredRecord.of("talent", id, revision, apply(State(), events), DEFAULT)


async def raw(settings: Settings, collection: str) -> list[dict[str, Any]]:
    """Return documents as they lie in the server, read by somebody without the key."""
    client, database = mongodb.connect(settings.changed(mongodb__encryption_key=None).mongodb)
    try:
        return [document async for document in database[collection].find({})]
    finally:
        await client.close()


async def test_what_lies_there_says_nothing_and_what_is_read_is_as_before(server: Settings) -> None:
    settings = with_key(server)
    client, database = mongodb.connect(settings.mongodb)
    store = RecordStore(database, "talent")
    records = [record(f"t-{n}") for n in range(5)]
    await store.save(records, {})
    assert await store.load([r.record.id for r in records]) == {r.record.id: r for r in records}
    await store.save([record("t-1", 2)], {"t-1": records[1]})
    assert (await store.load(["t-1"]))["t-1"] == record("t-1", 2)
    golden = golden_document("talent", "t-0", frozenset(("t-0",)), {"t-0": records[0].state}, DEFAULT)
    await IdentityStore(database, "talent").save_golden([golden], ())
    assert [d async for d in database[GOLDEN["talent"]].find({})] == [golden]
    lying = await raw(settings, "talents") + await raw(settings, GOLDEN["talent"])
    assert len(lying) == 6
    for document in lying:
        content = bson.encode(document)
        assert not [text for text in PERSONAL if text.encode() in content]
        assert document["fields"]["title"] == "护士长", "what is no personal data can be queried"
        assert document["fields"]["name"].subtype == 6
    await client.close()


async def test_another_key_or_none_opens_nothing(server: Settings) -> None:
    settings = with_key(server)
    client, database = mongodb.connect(settings.mongodb)
    await RecordStore(database, "talent").save([record("t-1")], {})
    await client.close()
    stranger = with_key(server).changed(mongodb__database=settings.mongodb.database)
    client, database = mongodb.connect(stranger.mongodb)
    with pytest.raises(EncryptionError):
        await RecordStore(database, "talent").load(["t-1"])
    await client.close()


async def test_a_forgotten_persons_copy_cannot_be_read_and_others_can(server: Settings) -> None:
    settings = with_key(server)
    client, database = mongodb.connect(settings.mongodb)
    await RecordStore(database, "talent").save([record("t-1"), record("t-2")], {})
    await PersonKeys(database).destroy("t-1")
    await client.close()
    client, database = mongodb.connect(settings.mongodb)  # a process that does not have her key in memory
    store = RecordStore(database, "talent")
    with pytest.raises(EncryptionError):
        await store.load(["t-1"])
    assert (await store.load(["t-2"]))["t-2"] == record("t-2")
    await client.close()


async def test_records_from_before_the_key_are_read_and_written_beside_others(server: Settings) -> None:
    settings = with_key(server)
    plain = settings.changed(mongodb__encryption_key=None)
    client, database = mongodb.connect(plain.mongodb)
    await RecordStore(database, "talent").save([record("t-1")], {})
    await client.close()
    client, database = mongodb.connect(settings.mongodb)
    store = RecordStore(database, "talent")
    before = await store.load(["t-1"])
    assert before == {"t-1": record("t-1")}
    await store.save([record("t-1", 2)], before)
    (document,) = await raw(settings, "talents")
    assert document["fields"]["name"].subtype == 6
    await client.close()


async def test_two_workers_give_one_person_one_key(server: Settings) -> None:
    settings = with_key(server)
    opened = [mongodb.connect(settings.mongodb) for _ in range(3)]
    await asyncio.gather(
        *(
            RecordStore(database, "talent").save([record(f"t-{n}-{m}") for m in range(4)], {})
            for n, (_, database) in enumerate(opened)
        )
    )
    sealers = [client.sealer for client, _ in opened]  # type: ignore[attr-defined]
    keys = await asyncio.gather(*(sealer._keys(["t-new"]) for sealer in sealers))
    assert len({bytes(each["t-new"]) for each in keys}) == 1
    for client, _ in opened:
        await client.close()


@pytest.mark.parametrize("key", ["", "%%%", base64.b64encode(b"short").decode()])
def test_a_key_that_is_none_is_refused_without_repeating_it(server: Settings, key: str) -> None:
    with pytest.raises(EncryptionKeyError) as refused:
        mongodb.connect(server.changed(mongodb__encryption_key=SecretStr(key)).mongodb)
    assert not key or key not in str(refused.value)


def test_which_fields_are_encrypted_follows_from_the_schema() -> None:
    assert {"name", "emails", "phones", "birth_date", "summary", "resume_text"} <= personal_fields("talent")
    assert not {"title", "skills", "status"} & personal_fields("talent")
    assert not personal_fields("job")
