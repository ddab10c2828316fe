"""Every command while the servers are away: one line, no traceback, and the exit status of its kind."""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import click
import pymongo.common
import pytest
from click.testing import CliRunner, Result

import processors
from ops.cli import main
from ops.cli.lazy import LazyGroup
from ops.local.embedded.stack import free_ports
from schemas.exits import Exit

ASKING = [
    "config starts",
    "topics apply",
    "topics acl --apply",
    "topics list",
    "indexes apply",
    "indexes check",
    "migrate",
    "migrate --dry-run",
    "migrate list",
    "models rollout status",
    "models rollout promote",
    "models rollout stop",
    "models rollback",
    "publish FILE",
    "submit FILE",
    "advise FILE --job J1",
    "sync run FILE --entity talent",
    "sync verify",
    "sync policy diff POLICY",
    "conflicts list",
    "conflicts resolve c-1 --take 1",
    "conflicts show c-1",
    "identity list talent",
    "identity merge talent t-1 t-2",
    "identity relations talent t-1",
    "identity review talent",
    "identity show talent t-1",
    "identity unmerge talent t-1 t-2",
    "replay --from-beginning",
    "replay --from-beginning --dry-run",
    "replay drop g2",
    "replay rollback",
    "replay start g2",
    "replay status",
    "replay switch g2",
    "replay switch g2 --dry-run",
    "keys create reader --scope talents:read",
    "keys list",
    "keys prune",
    "keys revoke k-1",
    "keys rotate k-1",
    "audit show",
    "audit verify",
    "show talent t-1",
    "forget t-1 --yes",
    "forget --reapply",
    "export parquet DIR --once",
    "archive run DIR",
    "backup create NEW",
    "backup restore FILE",
    "backup rotate NEW",
    "backup verify FILE",
    "search nurse --in talents --mode keyword",
    "index create",
    "index list",
    "index backup talents NEW",
    "index tune talents --m 8",
    "chat send hi",
    "chat history c-1",
    "chat export c-1",
    "chat replay c-1",
    "chat forget c-1",
    "match feedback t-1 j-1 hired",
    "match history t-1 j-1",
    "match learn",
    "matches talent t-1",
    "consume match-results",
    "dlq list",
    "dlq show talent-events/0/1",
    "dlq redrive --all",
    "dlq discard --all",
]
"""What asks a server, with arguments that are right."""

APART = {
    "demo": "starts the stack itself",
    "up": "starts the stack itself",
    "down": "stops what runs",
    "status": "tells what runs",
    "worker": "waits for the servers",
    "api": "waits for the servers",
    "serve": "announces itself to Kafka, and ends if it is away",
    "webhooks": "waits for the servers",
    "watch": "asks workers, and says that they are away",
    "alerts": "asks receivers",
    "archive list": "reads files",
    "archive restore": "reads files first",
    "doctor": "says which are away",
    "topics acl": "asks none, but with --apply",
    "drill": "starts stacks itself",
    "models": "asks no server of ours, but for what is among those above",
    "text": "asks none",
    "parse": "asks none",
    "validate": "asks none",
    "sync status": "tells what is known here",
    "sync report": "tells what is known here",
    "index restore": "reads the file first, and that is made by a server",
    "trace": "reads files",
    "logs": "reads files",
    "bench": "runs a stack of its own, or none",
    "eval": "asks none",
    "train": "asks none",
    "config": "asks none",
    "console": "asks none",
}


@contextmanager
def answering(answer: bytes | None) -> Iterator[int]:
    """Listen on a port; send this to whoever comes and hang up, or say nothing ever."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    found, _ = listening.accept()
                except TimeoutError:
                    continue
                held.append(found)
                if answer is not None:
                    found.settimeout(0.2)
                    with suppress(OSError):
                        if answer:
                            found.recv(65_536)  # some clients drop an answer that comes before its question
                        found.sendall(answer)
                    found.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            stop.set()
            thread.join()
            for each in held:
                each.close()


def environment_of(folder: Path, kafka: int, mongodb: int, qdrant: int) -> dict[str, str]:
    return {
        "LOOMA_DATA_DIR": str(folder / "data"),
        "LOOMA_KAFKA__BOOTSTRAP_SERVERS": f"127.0.0.1:{kafka}",
        "LOOMA_MONGODB__URL": f"mongodb://somebody:hunter2@127.0.0.1:{mongodb}",
        "LOOMA_QDRANT__URL": f"http://127.0.0.1:{qdrant}",
        **{f"LOOMA_{server}__TIMEOUT_SECONDS": "0.1" for server in ("KAFKA", "MONGODB", "QDRANT")},
    }


def arguments_of(command: str, folder: Path) -> list[str]:
    file = folder / "t-1.jsonl"
    file.write_text(json.dumps({"entity": "talent", "id": "t-1", "fields": {"name": "王芳"}}) + "\n", encoding="utf-8")
    policy = folder / "policy.toml"
    policy.write_bytes((Path(processors.__path__[0]) / "sync" / "policy.toml").read_bytes())
    places = {"FILE": str(file), "NEW": str(folder / "new"), "DIR": str(folder / "exported"), "POLICY": str(policy)}
    return [places.get(word, word) for word in command.split()]


@pytest.fixture(autouse=True)
def looking_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyMongo looks for a server no oftener than this, and waits as long however short its time-out."""
    monkeypatch.setattr(pymongo.common, "MIN_HEARTBEAT_INTERVAL", 0.02)


def run(command: str, folder: Path, environment: Mapping[str, str]) -> Result:
    return CliRunner().invoke(main, arguments_of(command, folder), env=dict(environment))


def said_plainly(done: Result) -> str:
    """Return the one line of an error."""
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error")] or [done.output]
    assert "Traceback" not in done.output
    assert "hunter2" not in done.output
    assert "unexpected" not in line
    return line


@pytest.mark.parametrize("command", ASKING)
def test_a_server_away_is_named_with_its_setting(command: str, tmp_path: Path) -> None:
    done = run(command, tmp_path, environment_of(tmp_path, *free_ports(3)))
    line = said_plainly(done)
    assert done.exit_code == Exit.AWAY, done.output
    assert "does not answer" in line
    assert "LOOMA_KAFKA__BOOTSTRAP_SERVERS" in line or "LOOMA_MONGODB__URL" in line or "LOOMA_QDRANT__URL" in line


@pytest.mark.parametrize("answer", [None, b"", b"HTTP/1.1 200 OK\r\n\r\n", b"\xff" * 64], ids=repr)
@pytest.mark.parametrize(
    ("command", "setting"),
    [
        ("topics apply", "LOOMA_KAFKA__BOOTSTRAP_SERVERS"),
        ("publish FILE", "LOOMA_KAFKA__BOOTSTRAP_SERVERS"),
        ("consume match-results", "LOOMA_KAFKA__BOOTSTRAP_SERVERS"),
        ("indexes apply", "LOOMA_MONGODB__URL"),
        ("match learn", "LOOMA_MONGODB__URL"),
        ("index list", "LOOMA_QDRANT__URL"),
        ("index tune talents --m 8", "LOOMA_QDRANT__URL"),
        ("index backup talents NEW", "LOOMA_QDRANT__URL"),
    ],
)
def test_so_is_one_that_is_silent_hangs_up_or_is_something_else(
    command: str, setting: str, answer: bytes | None, tmp_path: Path
) -> None:
    with answering(answer) as port:
        done = run(command, tmp_path, environment_of(tmp_path, port, port, port))
    assert setting in said_plainly(done)
    assert done.exit_code == Exit.AWAY, done.output


def test_every_command_is_accounted_for() -> None:
    def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[str]:
        with click.Context(group) as context:
            for name in group.list_commands(context):
                command = group.get_command(context, name)
                if isinstance(command, click.Group):
                    yield from leaves(command, (*path, name))
                else:
                    yield " ".join((*path, name))

    assert isinstance(main, LazyGroup)
    for leaf in leaves(main):
        asked = any(f"{command} ".startswith(f"{leaf} ") for command in ASKING)
        assert asked or any(f"{leaf} ".startswith(f"{name} ") for name in APART), leaf
