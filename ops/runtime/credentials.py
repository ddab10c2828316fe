"""The credential that `looma up` makes for its servers, and the commands of this machine pick up by the data folder."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from pydantic import SecretStr

if TYPE_CHECKING:
    from schemas.settings import Settings

LOCAL_HOSTS = ("127.0.0.1", "localhost")
USER = "looma"
"""MongoDB's; Qdrant's key has no name."""


class Credential(NamedTuple):
    """One secret for all of a data folder's servers, and the ports on which they ask for it."""

    secret: str
    ports: Mapping[str, int]


def file(data_dir: Path) -> Path:
    """Return where the credential is kept, readable by its owner only."""
    return data_dir.expanduser() / "run" / "credential.json"


def read(data_dir: Path) -> Credential | None:
    """Return the credential, if there is one."""
    try:
        kept = json.loads(file(data_dir).read_text("utf-8"))
        return Credential(str(kept["secret"]), {str(name): int(port) for name, port in kept["ports"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def ensure(data_dir: Path, server: str, port: int) -> str:
    """Return the secret, made if there is none, and write down that this server asks for it on this port."""
    before = read(data_dir) or Credential(secrets.token_urlsafe(32), {})
    new = file(data_dir).with_suffix(".new")
    new.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
        json.dump({"secret": before.secret, "ports": {**before.ports, server: port}}, written)
    new.replace(file(data_dir))
    return before.secret


def pick_up(settings: "Settings") -> None:
    """Fill in the credential where settings name an embedded server and none of their own."""
    credential = read(settings.data_dir)
    if credential is None:
        return
    if settings.qdrant.api_key is None and _names(settings.qdrant.url, credential.ports.get("qdrant")):
        settings.qdrant.api_key = SecretStr(credential.secret)
    url = settings.mongodb.url.get_secret_value()
    if _names(url, credential.ports.get("mongodb")):
        parts = urlsplit(url)
        query = f"{parts.query}&authSource=admin".lstrip("&")
        netloc = f"{USER}:{credential.secret}@{parts.netloc}"
        settings.mongodb.url = SecretStr(parts._replace(netloc=netloc, path=parts.path or "/", query=query).geturl())


def _names(url: str, port: int | None) -> bool:
    try:
        parts = urlsplit(url)
        return port is not None and (parts.username, parts.port) == (None, port) and parts.hostname in LOCAL_HOSTS
    except ValueError:  # several hosts: not ours
        return False
