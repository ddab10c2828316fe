"""Secrets that settings refer to instead of holding them: in a file, a variable, printed by a command, sealed by age.

`file:/run/secrets/mongodb-url`, `env:MONGODB_URL`, `command:vault kv get -field=url secret/looma`, `age:…`, which
`looma config seal` makes. Any secret of the settings may be such a reference, in the file and in the environment.
"""

import base64
import binascii
import os
import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext, suppress
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, SecretStr

from ops.runtime.data_folder import home
from schemas.errors import LoomaError
from schemas.exits import Exit
from schemas.settings import FileSecret, Settings

IDENTITY_VARIABLE = "LOOMA_IDENTITY_FILE"
IDENTITY_FILE = "looma.identity"
MAX_BYTES = 64 * 1024
COMMAND_SECONDS = 15.0


class SecretReferenceError(LoomaError):
    """A secret that a setting refers to cannot be had; the text names the setting and never the secret."""

    code = "secret_reference"
    exit_status = Exit.USAGE


class Text(NamedTuple):
    """A text among the values of settings, and what holds it under its name. `is_secret`: its type says so."""

    path: str
    holder: Any
    name: str | int
    value: str
    is_secret: bool


def texts(values: dict[str, Any], model: type[BaseModel] = Settings, within: str = "") -> Iterator[Text]:
    """Yield every text that settings have, as they stand in a file. What no setting is, is passed over."""
    for name, value in values.items():
        field, path = model.model_fields.get(name), f"{within}{name}"
        if field is None:
            continue  # refused where settings are validated, or an old name
        types = _types(field.annotation)
        is_secret = SecretStr in types
        if isinstance(value, str):
            yield Text(path, values, name, value, is_secret)
        elif isinstance(value, list):
            yield from (Text(path, value, n, each, is_secret) for n, each in enumerate(value) if isinstance(each, str))
        inner = next((kind for kind in types if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        if inner is None:
            continue
        for row in value if isinstance(value, list) else [value]:
            if isinstance(row, dict):
                yield from texts(row, inner, f"{path}.")


def _types(annotation: Any) -> list[Any]:
    """Return the types that an annotation has in it: those of `list[X] | None` too."""
    return [annotation, *(each for inner in get_args(annotation) for each in _types(inner))]


def resolve(values: Mapping[str, Any], *, is_lenient: bool = False) -> dict[str, Any]:
    """Return settings with every reference replaced by the secret.

    Raises SecretReferenceError for one that cannot be had; with `is_lenient` that stays as it is.
    """
    resolved = deepcopy(dict(values))
    for text in list(texts(resolved)):
        if text.is_secret:
            with suppress(SecretReferenceError) if is_lenient else nullcontext():
                secret = secret_of(text.value, text.path)
                kind, _, rest = text.value.partition(":")
                is_file = kind == "file" and _file(rest).is_file()
                text.holder[text.name] = FileSecret(secret, _file(rest)) if is_file else secret
    return resolved


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
    file = _file(path)
    return _text(_read(file).rstrip(b"\r\n"), str(file))


def _file(path: str) -> Path:
    return home().folder / Path(path.strip()).expanduser()


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
