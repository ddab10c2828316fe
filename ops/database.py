"""Opens the MongoDB database that the settings name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ops.settings import Settings
from sinks import mongodb


@asynccontextmanager
async def base_database(settings: Settings) -> AsyncIterator[mongodb.Database]:
    """Open the database of the base generation, which also says what generations there are; close its client after."""
    client, opened = mongodb.connect(
        settings.mongodb_url.get_secret_value(), settings.mongodb_database, settings.request_timeout_seconds
    )
    try:
        yield opened
    finally:
        await client.close()
