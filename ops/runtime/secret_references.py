"""Secrets that settings refer to instead of holding them: in a file, a variable, printed by a command, sealed by age.

`file:/run/secrets/mongodb-url`, `env:MONGODB_URL`, `command:vault kv get -field=url secret/looma`, `age:…`, which
`looma config seal` makes. Any secret of the settings may be such a reference, in the file and in the environment.
"""

import base64
import binascii
import os
import shlex
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, SecretStr

from ops.runtime.data_folder import home
from schemas.errors import LoomaError
from schemas.exits import Exit
from schemas.settings import Settings

IDENTITY_VARIABLE = "LOOMA_IDENTITY_FILE"
IDENTITY_FILE = "looma.identity"
MAX_BYTES = 64 * 1024
COMMAND_SECONDS = 15.0


class SecretReferenceError(LoomaError):
    """A secret that a setting refers to cannot be had; the text names the setting and never the secret."""

    code = "secret_reference"
    exit_status = Exit.USAGE


def resolve(values: Mapping[str, Any], group: type[BaseModel] = Settings, within: str = "") -> dict[str, Any]:
    """Return settings with every reference replaced by the secret. Raises SecretReferenceError."""
    return {name: _resolved(group, name, value, within) for name, value in values.items()}


def _resolved(group: type[BaseModel], name: str, value: Any, within: str) -> Any:
    field, path = group.model_fields.get(name), f"{within}{name}"
    if field is None:
        return value  # refused where settings are validated
    kinds = (field.annotation, *get_args(field.annotation))
    if isinstance(value, str) and SecretStr in kinds:
        return secret_of(value, path)
    inner = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
    if inner and isinstance(value, Mapping):
        return resolve(value, inner, f"{path}.")
    if inner and isinstance(value, list) and get_origin(field.annotation) is list:
        return [resolve(each, inner, f"{path}.") if isinstance(each, Mapping) else each for each in value]
    return value


def secret_of(text: str, name: str) -> str:
    """Return the secret that a text refers to, or the text itself. `name`: the setting, for errors."""
    kind, colon, rest = text.partition(":")
    read = _KINDS.get(kind) if colon else None
    if read is None:
        return text
    try:
        found = read(rest.strip())
    except SecretReferenceError as error:
        raise SecretReferenceError(f"{name}: {error.message}") from None
    if not found:
        raise SecretReferenceError(f"{name}: what it refers to ({kind}:…) is empty")
    return found


def _of_file(path: str) -> str:
    file = home().folder / Path(path).expanduser()
    return _text(_read(file).rstrip(b"\r\n"), str(file))


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise SecretReferenceError(f"{file} cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        raise SecretReferenceError(f"{file} has more than {MAX_BYTES} bytes")
    return content


def _of_variable(name: str) -> str:
    if name not in os.environ:
        raise SecretReferenceError(f"the environment has no {name}")
    return os.environ[name]


def _of_command(words: str) -> str:
    try:
        command = shlex.split(words)
    except ValueError:
        command = []
    if not command:
        raise SecretReferenceError("write a command as in command:vault kv get -field=password secret/looma")
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise SecretReferenceError(f"{command[0]} did not end within {COMMAND_SECONDS:.0f} s") from None
    except OSError as error:
        raise SecretReferenceError(f"{command[0]} cannot be run: {error.strerror}") from None
    if done.returncode:
        raise SecretReferenceError(f"{command[0]} ended with {done.returncode}")
    if len(done.stdout) > MAX_BYTES:
        raise SecretReferenceError(f"{command[0]} printed more than {MAX_BYTES} bytes")
    return _text(done.stdout.rstrip(b"\r\n"), command[0])


def _of_seal(sealed: str) -> str:
    import pyrage

    file = identity_file()
    try:
        identity = _identity(file)
        return _text(pyrage.decrypt(base64.b64decode(sealed, validate=True), [identity]), "what is sealed")
    except (binascii.Error, ValueError):
        raise SecretReferenceError("this is not what `looma config seal` prints") from None
    except pyrage.DecryptError:
        raise SecretReferenceError(f"it is not sealed for the identity in {file}, or it was changed") from None


def _text(content: bytes, what: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise SecretReferenceError(f"{what} is no text") from None


_KINDS: Mapping[str, Callable[[str], str]] = {
    "file": _of_file,
    "env": _of_variable,
    "command": _of_command,
    "age": _of_seal,
}


def identity_file() -> Path:
    """Return the file of the identity that opens sealed secrets: LOOMA_IDENTITY_FILE, or one beside `looma.toml`."""
    given = os.environ.get(IDENTITY_VARIABLE)
    return Path(given).expanduser() if given else home().folder / IDENTITY_FILE


def _identity(file: Path) -> Any:
    """Return the identity in a file, as age-keygen writes it."""
    import pyrage

    lines = [line.strip() for line in _text(_read(file), str(file)).splitlines()]
    try:
        return pyrage.x25519.Identity.from_str(next(line for line in lines if line and not line.startswith("#")))
    except (StopIteration, pyrage.IdentityError):
        raise SecretReferenceError(f"{file} holds no identity of age") from None


def seal(secret: str, recipient: str | None = None) -> str:
    """Return a secret sealed for a recipient of age; by default the identity's, which is made if there is none."""
    import pyrage

    if recipient is None:
        file = identity_file()
        if not file.exists():
            _make(file)
        recipient = str(_identity(file).to_public())
    try:
        to = pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError:
        raise SecretReferenceError("a recipient is written age1…") from None
    return f"age:{base64.b64encode(pyrage.encrypt(secret.encode(), [to])).decode()}"


def _make(file: Path) -> None:
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SecretReferenceError(f"{file} cannot be written: {error.strerror}") from None
    with os.fdopen(handle, "w") as new:
        new.write(f"# public key: {identity.to_public()}\n{identity}\n")
