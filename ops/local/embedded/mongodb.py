"""A server that speaks MongoDB's wire protocol on WiredTiger (SecantusDB), with one user."""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient, MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from ops.local.embedded import StackError
from ops.local.embedded.ports import free_ports
from ops.local.embedded.process import ManagedProcess
from ops.runtime import credentials

CACHE = "256M"
ANSWER_MS = 2000
_START_MS = 60_000
_STOP_SECONDS = 20
_ALREADY_EXISTS = 51003
_CONFIG = "secantusd.toml"
_USER_FILE = "user"
"""A digest of the secret that the user in the data has."""


def prepare(data_dir: Path) -> None:
    """Make the folder with a configuration file, and the user that the credential names."""
    folder = data_dir / "mongodb"
    folder.mkdir(parents=True, exist_ok=True)
    # An explicit file, though empty, keeps the server from reading one in a home directory.
    (folder / _CONFIG).touch()
    if credential := credentials.read(data_dir):
        digest = hashlib.sha256(credential.secret.encode()).hexdigest()
        made = folder / _USER_FILE
        if not (folder / "data").exists() or not made.exists() or made.read_text() != digest:
            _make_user(folder, credential.secret)
            made.write_text(digest)


def process(data_dir: Path, port: int, log: Path, pid_file: Path) -> ManagedProcess:
    """Return the process that serves the folder, once it is prepared."""

    async def answers() -> bool:
        """Tell whether it reads: one whose storage has failed still answers a ping."""
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            "127.0.0.1",
            port,
            directConnection=True,
            serverSelectionTimeoutMS=ANSWER_MS,
            socketTimeoutMS=ANSWER_MS,
            **_login(data_dir),
        )
        try:
            await client.admin["looma"].find_one()
        except PyMongoError:
            return False
        finally:
            await client.close()
        return True

    return ManagedProcess(
        name="mongodb",
        argv=[*_server(port), "--auth"],
        port=port,
        log=log,
        pid_file=pid_file,
        ready=answers,
        cwd=data_dir / "mongodb",
    )


def _server(port: int) -> list[str]:
    """Return the command, which is run in the server's folder."""
    arguments = ["--config", _CONFIG, "--host", "127.0.0.1", "--port", str(port)]
    arguments += ["--storage-path", "data", "--cache-size", CACHE, "--log-level", "INFO"]
    return [sys.executable, "-P", "-m", "ops.local.embedded.mongodb_server", *arguments]


def _login(data_dir: Path) -> dict[str, Any]:
    credential = credentials.read(data_dir)
    if credential is None or "mongodb" not in credential.ports:  # it runs since before there was one
        return {}
    return {"username": credentials.USER, "password": credential.secret}


def _make_user(folder: Path, secret: str) -> None:
    """Have the server make the user, while it asks nobody who they are, on a port that nobody knows."""
    [port] = free_ports(1)
    with subprocess.Popen(
        _server(port), cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            with MongoClient[dict[str, Any]](
                "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=_START_MS
            ) as client:
                try:
                    client.admin.command("createUser", credentials.USER, pwd=secret, roles=["root"])
                except OperationFailure as error:
                    if error.code != _ALREADY_EXISTS:
                        raise
                    client.admin.command("updateUser", credentials.USER, pwd=secret)
        except PyMongoError as error:
            raise StackError(f"mongodb: its user could not be made in {folder}: {type(error).__name__}") from error
        finally:
            server.terminate()
            try:
                server.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
