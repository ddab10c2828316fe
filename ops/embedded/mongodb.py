"""A server that speaks MongoDB's wire protocol on WiredTiger (SecantusDB)."""

import sys
from pathlib import Path

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from ops.embedded.process import ManagedProcess

CACHE = "256M"
ANSWER_MS = 2000

_CONFIG = "secantusd.toml"


def prepare(folder: Path) -> None:
    """Make the folder with a configuration file."""
    folder.mkdir(parents=True, exist_ok=True)
    # An explicit file, though empty, keeps the server from reading one in a home directory.
    (folder / _CONFIG).touch()


def process(folder: Path, port: int, log: Path, pid_file: Path) -> ManagedProcess:
    """Return the process that serves the folder, once it is prepared."""

    async def answers() -> bool:
        client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(
            "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=ANSWER_MS, socketTimeoutMS=ANSWER_MS
        )
        try:
            await client.admin.command("ping")
        except PyMongoError:
            return False
        finally:
            await client.close()
        return True

    arguments = ["--config", _CONFIG, "--host", "127.0.0.1", "--port", str(port)]
    arguments += ["--storage-path", str(folder / "data"), "--cache-size", CACHE, "--log-level", "INFO"]
    return ManagedProcess(
        name="mongodb",
        argv=[sys.executable, "-P", "-c", "import sys; from secantus.cli import main; sys.exit(main())", *arguments],
        port=port,
        log=log,
        pid_file=pid_file,
        ready=answers,
        cwd=folder,
    )
