"""What settings have in common: groups, and values that are checked."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

_SERVER = re.compile(r"(?:\[[0-9A-Fa-f:.%]+\]|[^\s:/@\[\],]+)(?::(?P<port>\d+))?")


def servers(value: str) -> str:
    """Refuse what is no list of servers. No value is repeated: it may hold a password."""
    for server in value.split(","):
        found = _SERVER.fullmatch(server.strip())
        if not found or not 1 <= int(found["port"] or 1) <= 65535:
            raise ValueError("write host:port[,host:port], without a scheme or a user")
    return ",".join(server.strip() for server in value.split(","))


def _http_url(value: str) -> str:
    """Refuse what is no address of a server over HTTP."""
    try:
        parts = urlsplit(value)
        right = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        right = False
    if not right or re.search(r"\s", value):
        raise ValueError("write http://host:port or https://host:port")
    return value


def address(value: str) -> str:
    """Refuse what is no IP address."""
    try:
        return str(ip_address(value))
    except ValueError:
        raise ValueError("write an IP address, e.g. 127.0.0.1 or 0.0.0.0") from None


def both_or_none(certificate_file: Path | None, key_file: Path | None) -> None:
    """Refuse a certificate without its key, and a key without its certificate."""
    if bool(certificate_file) != bool(key_file):
        raise ValueError("certificate_file and key_file go together")


REFERENCES = ("file:", "env:", "command:", "age:")
"""How a secret begins that only says where it is; ops/runtime/secret_references.py puts it there before it is used."""


def is_reference(secret: SecretStr) -> bool:
    """Whether a secret only says where it is."""
    return secret.get_secret_value().startswith(REFERENCES)


LONG = 32


def _long(value: SecretStr) -> SecretStr:
    if not is_reference(value) and len(value.get_secret_value()) < LONG:
        raise ValueError(f"write at least {LONG} characters")
    return value


LongSecret = Annotated[SecretStr, AfterValidator(_long)]
"""One that nobody can guess."""
MAIL = r"^[^\s@,;:<>]+@[^\s@,;:<>]+$"
Port = Annotated[int, Field(ge=1, le=65535)]
Days = Annotated[float, Field(ge=0, le=36_500)]
Seconds = Annotated[float, Field(gt=0, le=120)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
# Absolute, so that a command in another working directory, and a worker that it starts, finds the same one.
Place = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]
PlaceOrNone = Annotated[Path | None, AfterValidator(lambda path: path and path.expanduser().absolute())]


class FileSecret(SecretStr):
    """A secret that was read from a file, no pipe: it can be read again, and may hold another by now."""

    def __init__(self, secret: str, file: Path) -> None:
        super().__init__(secret)
        self.file = file

    def __eq__(self, other: object) -> bool:
        """Whether it is the same secret, wherever that stands."""
        return isinstance(other, SecretStr) and self.get_secret_value() == other.get_secret_value()

    __hash__ = SecretStr.__hash__


class Group(BaseModel):
    """Settings of one thing."""

    model_config = ConfigDict(extra="forbid")
