"""A MongoDB-wire server with no other beside it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.local.embedded.stack import Stack, free_ports, local_settings
from schemas.settings import Settings
from tests.support.cluster import prepare


@contextmanager
def mongodb_alone(folder: Path) -> Iterator[Settings]:
    """Run the server for the block; its data is in `folder`."""
    port, kafka = free_ports(2)
    settings = local_settings(folder, kafka, port, qdrant=1)
    stack = Stack(settings)
    prepare(folder, kafka=False)
    asyncio.run(stack.start("mongodb"))
    yield settings
    asyncio.run(stack.stop("mongodb"))
