"""A lone MongoDB for each module, and an empty database in it for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest

from schemas.settings import Settings
from sinks import mongodb
from sinks.mongodb import Database
from tests.support.mongodb_alone import mongodb_alone


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The settings of a server of the module's own."""
    with mongodb_alone(tmp_path_factory.mktemp("mongodb")) as settings:
        yield settings


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """An empty database."""
    client, database = mongodb.connect(settings.mongodb)
    await client.drop_database(database.name)
    yield database
    await client.close()
