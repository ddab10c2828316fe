"""A thin local server that shares one Qdrant engine among workers and the command line.

One process owns a shard, so every path through the code speaks qdrant-client to this one's URL, here as in
production: `python -m ops.local.embedded.qdrant_server --port P --storage-path D`.
"""

import argparse
import asyncio
import sys
from pathlib import Path

from aiohttp import web
from loguru import logger

from ops.local.embedded.qdrant.api import application
from ops.local.embedded.qdrant.store import Store
from ops.runtime import credentials

SHUTDOWN_SECONDS = 5.0


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--storage-path", type=Path, required=True)
    parser.add_argument("--data-dir", type=Path, help="ask for the credential of this folder")
    parser.add_argument("--optimize-after", type=int, default=10_000, help="changed points before a rebuild of indexes")
    options = parser.parse_args()
    logger.remove()
    logger.add(sys.stderr, format="{time:HH:mm:ss.SSS} {level: <7} {message}", backtrace=False, diagnose=False)
    credential = credentials.read(options.data_dir) if options.data_dir else None
    if options.data_dir and credential is None:
        parser.error(f"{credentials.file(options.data_dir)} holds no credential")
    store = Store(options.storage_path, options.optimize_after)
    logger.info("{} collections on {}:{}", len(store.collections), options.host, options.port)
    web.run_app(
        application(store, credential.secret if credential else None),
        host=options.host,
        port=options.port,
        print=None,
        access_log=None,
        shutdown_timeout=SHUTDOWN_SECONDS,
        loop=asyncio.new_event_loop(),
    )


if __name__ == "__main__":
    main()
