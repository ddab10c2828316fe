"""What a command says when something fails: one line, what to do about it, and an exit status."""

import errno
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, NamedTuple

import click

from ops.runtime.data_folder import home, make_private
from ops.runtime.redaction import escaped, json_escaped, masked
from schemas.errors import LoomaError
from schemas.exits import Exit

DETAILS = "errors.log"
AS_JSON = "looma.json"
"""Of a click context: whether the command prints for machines."""


class Failure(click.ClickException):
    """Ends a command with one line and the exit status of its kind."""

    def __init__(self, message: str, status: Exit, code: str = "") -> None:
        super().__init__(message)
        self.exit_code = int(status)
        self.code = code or status.name.lower()


class JsonFailure(Failure):
    """The same for `--json`: on stderr, so that stdout holds what the command promises, or nothing."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the code and the message as one line of JSON."""
        text = json.dumps({"error": {"code": self.code, "message": self.message}}, ensure_ascii=False)
        click.echo(json_escaped(text), file=file, err=True)


def for_machines(error: click.ClickException) -> JsonFailure:
    """Return what a command with `--json` ends with."""
    return JsonFailure(error.format_message(), Exit(error.exit_code), getattr(error, "code", ""))


class _Server(NamedTuple):
    name: str
    setting: str
    modules: tuple[str, ...]
    """Of its client, and of ours that use nothing else."""

    @property
    def variable(self) -> str:
        from ops.runtime.settings import variable

        return variable(self.setting)

    def away(self, what: str = "does not answer") -> Failure:
        start = "Start the embedded stack with `looma up`"
        return Failure(f"{self.name} {what}. {start}, or set {self.variable}.", Exit.AWAY)

    def wrong(self) -> Failure:
        return Failure(f"the setting {self.setting} is no address of {self.name}; see `looma config`.", Exit.USAGE)


_KAFKA = _Server(
    "Kafka",
    "kafka.bootstrap_servers",
    ("aiokafka", "sinks.kafka", "sinks.provisioning", "streams.lag", "streams.reading"),
)
_MONGODB = _Server("MongoDB", "mongodb.url", ("pymongo", "bson", "sinks.mongodb"))
_QDRANT = _Server(
    "Qdrant", "qdrant.url", ("qdrant_client", "httpx", "httpcore", "sinks.qdrant", "streams.search.store")
)
_SERVERS = (_KAFKA, _MONGODB, _QDRANT)

_FILES = {
    *(errno.ENOENT, errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EISDIR, errno.ENOTDIR),
    *(errno.EEXIST, errno.ENAMETOOLONG, errno.ELOOP, errno.EIO, errno.EFBIG, errno.EMFILE, errno.ENFILE, errno.ENXIO),
    *(errno.ENODEV, errno.ETXTBSY, errno.EBUSY, errno.ENOTEMPTY, errno.ESTALE),
}
_REFUSED_LOGIN = {13, 18, 8000}
_NO_SPACE = {14031, 5_036}
_UNREADABLE = {"JSONDecodeError", "UnicodeError", "ValidationError"}


def failure_of(error: BaseException) -> click.ClickException | None:
    """Return what to say of an error, ours or a library's; None if it can only be a mistake of this program."""
    if isinstance(error, click.exceptions.Exit | click.Abort):
        return None
    for each in _leaves(error):
        if said := _of_one(each):
            return said
    return None


def internal(error: BaseException) -> Failure:
    """Write the details of an unexpected error, without any value, and say where they are."""
    kind = type(next(_leaves(error), error)).__name__
    if (file := _write_details(error)) is None:
        return Failure(f"unexpected {kind}; LOOMA_TELEMETRY__LOG_LEVEL=DEBUG shows where", Exit.INTERNAL)
    return Failure(f"unexpected {kind}; where it happened is in {file}", Exit.INTERNAL)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _of_one(error: BaseException) -> click.ClickException | None:
    if isinstance(error, click.ClickException):
        return error
    if isinstance(error, LoomaError):
        return Failure(error.message, error.exit_status, error.code)
    kinds = {f"{kind.__module__.partition('.')[0]}.{kind.__name__}" for kind in type(error).__mro__}
    names = {kind.rpartition(".")[2] for kind in kinds}
    if "aiokafka.KafkaError" in kinds:
        return _of_kafka(error, names)
    if "pymongo.PyMongoError" in kinds:
        return _of_mongodb(error, names)
    if kinds & {"qdrant_client.ApiException", "httpx.HTTPError", "httpx.InvalidURL", "qdrant_client.QdrantException"}:
        return _of_qdrant(error, names)
    if isinstance(error, OSError):
        return _of_system(error)
    if isinstance(error, ValueError | RuntimeError) and (server := _raised_by(error)) and not _ours_raised(error):
        if names & _UNREADABLE:
            return server.away("gives no answer that can be read")
        return server.wrong() if isinstance(error, ValueError) else server.away("cannot be used")
    return None


def _of_kafka(error: BaseException, names: set[str]) -> Failure:
    if refused := sorted(name for name in names if name.endswith("AuthorizationFailedError")):
        what = refused[0].removesuffix("AuthorizationFailedError").lower()
        return Failure(f"Kafka does not let this user use the {what}; its ACLs would have to.", Exit.REFUSED)
    if "UnknownTopicOrPartitionError" in names:
        return Failure("Kafka lacks a topic: `looma topics apply` makes those that are missing.", Exit.REFUSED)
    if names & {"KafkaConnectionError", "KafkaTimeoutError", "NodeNotReadyError", "RequestTimedOutError"}:
        return _KAFKA.away()
    return _KAFKA.away(f"answers with {type(error).__name__}")


def _of_mongodb(error: BaseException, names: set[str]) -> Failure | None:
    code = getattr(error, "code", None)
    if "ConfigurationError" in names:  # InvalidURI is one
        return _MONGODB.wrong()
    if names & {"ConnectionFailure", "ExecutionTimeout", "WTimeoutError"}:
        return _MONGODB.away()
    if code in _REFUSED_LOGIN:
        return _MONGODB.away("refuses the user or the password")
    if code in _NO_SPACE:
        return _MONGODB.away("has no disk space left")
    # What else it says may repeat a document.
    return _MONGODB.away(f"answers with error {code}") if code is not None else None


def _of_qdrant(error: BaseException, names: set[str]) -> Failure:
    status = getattr(error, "status_code", None)
    if names & {"InvalidURL", "UnsupportedProtocol"}:
        return _QDRANT.wrong()
    if status in (401, 403):
        return _QDRANT.away("refuses the key (LOOMA_QDRANT__API_KEY)")
    if status == 404:
        return Failure("Qdrant lacks the collection: a worker makes it when it starts.", Exit.REFUSED)
    return _QDRANT.away(f"answers with status {status}" if status else "does not answer")


def _of_system(error: OSError) -> Failure | None:
    if error.errno == errno.EADDRINUSE:
        return Failure(f"a port is taken ({error.strerror}); stop what uses it, or choose another port", Exit.PORT)
    if server := _raised_by(error):
        return server.away()
    if isinstance(error, TimeoutError):
        return Failure("a server did not answer in time; see `looma status`", Exit.AWAY)
    if isinstance(error, ConnectionError) or type(error).__module__ in ("socket", "ssl"):
        return Failure(f"a server cannot be reached ({type(error).__name__}); see `looma config`", Exit.AWAY)
    if error.errno in _FILES:
        names = [str(name) for name in (error.filename, error.filename2) if name is not None]
        return Failure(f"{' → '.join(names) or 'a file'}: {error.strerror}", Exit.FILES)
    return None


def _raised_by(error: BaseException) -> _Server | None:
    """Return the server whose client raised an error that has no kind of its own."""
    found = None
    for frame in _frames(error.__traceback__):
        module = str(frame.tb_frame.f_globals.get("__name__", ""))
        for server in _SERVERS:
            if any(module == name or module.startswith(f"{name}.") for name in server.modules):
                found = server
    return found


def _ours_raised(error: BaseException) -> bool:
    """Whether the innermost frame is code of this project, so that the mistake is its own."""
    *_, last = ["", *(str(f.tb_frame.f_globals.get("__name__", "")) for f in _frames(error.__traceback__))]
    return last.partition(".")[0] in ("ops", "streams", "sinks", "connectors", "processors", "schemas")


def _frames(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _write_details(error: BaseException) -> Path | None:
    """Append types and places: no messages and no variables, which may hold personal data."""
    from ops.runtime.settings_errors import WrongSettingsError, read_settings

    try:
        folder = read_settings().data_dir
    except WrongSettingsError:
        folder = home().folder / ".looma"
    try:
        file = make_private(folder) / "logs" / DETAILS
        file.parent.mkdir(exist_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as log:
            log.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n")
            log.writelines(f"  {line}\n" for line in _details(error))
    except OSError:
        return None
    return file


def _details(error: BaseException) -> Iterator[str]:
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield type(each).__qualname__
        for frame in _frames(each.__traceback__):
            code = frame.tb_frame.f_code
            yield f"  {frame.tb_frame.f_globals.get('__name__', '?')}:{frame.tb_lineno} {code.co_name}"
        if isinstance(each, BaseExceptionGroup):
            for inner in each.exceptions:
                yield from (f"  {line}" for line in _details(inner))
        each = each.__cause__ or each.__context__


def plain(text: str) -> str:
    """Return an error's text as it may be shown: no credentials, nothing that a terminal obeys."""
    return escaped(masked(text), keep="\n")
