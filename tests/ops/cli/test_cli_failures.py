"""How commands end: the statuses of docs/reference/errors.md, one line, no traceback."""

import errno
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ops.cli import main
from ops.cli.failures import failure_of
from ops.local.embedded import PortTakenError, StackError
from schemas.exits import Exit

LOOMA = [sys.executable, "-m", "ops.cli"]
ROOT = Path(__file__).parents[3]


def plainly(*arguments: str, **environment: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, list(arguments), env=environment)
    assert "Traceback" not in done.output
    return done.exit_code, done.stderr


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that has a mistake, with personal data in its variables and its message."""

    def mistaken(settings: object) -> None:
        name = "王芳"
        raise KeyError(f"{name} mongodb://u:hunter2@h/")

    monkeypatch.setattr("ops.cli.config.load_settings", lambda: mistaken(None))


@pytest.mark.usefixtures("broken")
def test_a_mistake_of_ours_is_one_line_and_its_details_hold_no_value(tmp_path: Path) -> None:
    code, said = plainly("config", LOOMA_DATA_DIR=str(tmp_path / "data"))
    file = tmp_path / "data" / "logs" / "errors.log"
    assert code == Exit.INTERNAL
    assert said == f"Error: unexpected KeyError; where it happened is in {file}\n"
    details = file.read_text(encoding="utf-8")
    assert "KeyError" in details
    assert "mistaken" in details
    assert "王芳" not in details
    assert "hunter2" not in details
    assert (file.stat().st_mode & 0o777, (tmp_path / "data").stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.usefixtures("broken")
def test_debug_shows_where_without_passwords(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        main, ["config"], env={"LOOMA_TELEMETRY__LOG_LEVEL": "DEBUG", "LOOMA_DATA_DIR": str(tmp_path)}
    )
    assert "in mistaken" in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.usefixtures("broken")
def test_without_a_place_for_details_it_is_still_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, said = plainly("config", LOOMA_DATA_DIR=str(tmp_path / "file"))
    assert (code, len(said.splitlines())) == (Exit.INTERNAL, 1)
    assert "LOOMA_TELEMETRY__LOG_LEVEL=DEBUG" in said


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "/x/y"), Exit.FILES, "/x/y: Permission denied"),
        (OSError(errno.ENOSPC, "No space left on device"), Exit.FILES, "No space left"),
        (OSError(errno.EROFS, "Read-only file system", "out.csv"), Exit.FILES, "out.csv: Read-only"),
        (OSError(errno.EADDRINUSE, "Address already in use"), Exit.PORT, "port"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), Exit.AWAY, "server"),
        (socket.gaierror(-2, "Name or service not known"), Exit.AWAY, "server"),
        (TimeoutError(), Exit.AWAY, "in time"),
        (StackError("it is not there"), Exit.REFUSED, "it is not there"),
        (PortTakenError("port 1"), Exit.PORT, "port 1"),
        (ExceptionGroup("", [ValueError(), ExceptionGroup("", [TimeoutError()])]), Exit.AWAY, "in time"),
    ],
)
def test_each_kind_has_its_status(error: Exception, status: Exit, says: str) -> None:
    said = failure_of(error)
    assert said is not None
    assert said.exit_code == status
    assert says in said.message


@pytest.mark.parametrize("error", [KeyError("x"), ValueError("x"), RecursionError(), ExceptionGroup("", [TypeError()])])
def test_what_is_no_known_kind_is_a_mistake_of_ours(error: Exception) -> None:
    assert failure_of(error) is None


def test_the_embedded_servers_need_their_ports(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        code, said = plainly("worker", LOOMA_WORKER__PORT=url.rpartition(":")[2], LOOMA_DATA_DIR=str(tmp_path))
    assert code == Exit.PORT
    assert "LOOMA_WORKER__PORT" in said


@pytest.mark.parametrize("command", ["publish FILE", "match feedback t-1 j-1 hired", "up"])
def test_a_data_folder_that_cannot_be_written_is_named(command: str, tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"entity": "talent", "id": "t-1", "fields": {"name": "x"}}\n')
    (tmp_path / "file").write_text("")
    arguments = command.replace("FILE", str(tmp_path / "t.jsonl")).split()
    code, said = plainly(*arguments, LOOMA_DATA_DIR=str(tmp_path / "file" / "data"))
    assert (code, len(said.splitlines())) == (Exit.FILES, 1)
    assert str(tmp_path / "file") in said


def test_an_output_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    code, said = plainly("eval", "resume-suite", "--count", "1", "--write", "/proc/nowhere")
    assert (code, len(said.splitlines())) == (Exit.FILES, 1)
    assert "/proc/nowhere" in said


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_a_question_answered_by_no_is_no_interruption(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.cli.config.load_settings", lambda: click.confirm("sure?", abort=True))
    assert CliRunner().invoke(main, ["config"], input=answer).exit_code == 1


@pytest.mark.slow
def test_a_full_disk_under_the_output_is_said_once() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*LOOMA, "config"], stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert done.returncode == Exit.FILES
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.slow
def test_a_closed_output_is_none() -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *LOOMA, "config"], stderr=subprocess.PIPE, timeout=60, check=False
    )
    assert b"Traceback" not in done.stderr


@pytest.mark.slow
def test_who_reads_only_the_beginning_ends_it_quietly() -> None:
    for arguments in (["config"], ["config", "--json"], ["--help"], ["status"]):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run([*LOOMA, *arguments], stdout=write, stderr=subprocess.PIPE, timeout=60, check=False)
        os.close(write)
        assert done.stderr == b""
        assert done.returncode in (Exit.PIPE, 1)


@pytest.mark.parametrize("delay", [0.1, 0.2, 0.4, 0.8, 1.6])
def test_ctrl_c_ends_with_130_at_any_moment(delay: float, tmp_path: Path) -> None:
    """From the imports to waiting for a server that says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        environment = {
            **os.environ,
            "LOOMA_DATA_DIR": str(tmp_path),
            "LOOMA_MONGODB__URL": f"mongodb://127.0.0.1:{port}",
            "LOOMA_KAFKA__TIMEOUT_SECONDS": "60",
        }
        script = "import sys; print('begun', flush=True); from ops.cli import main; main(['dlq', 'list'])"
        process = subprocess.Popen(
            [sys.executable, "-c", script],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            # A shell starts what runs in its background with interrupts ignored, and so are the children of that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        assert process.stdout
        assert process.stdout.readline() == b"begun\n"
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == Exit.INTERRUPTED, said
    assert b"Traceback" not in said


def test_the_guide_has_every_status() -> None:
    guide = (ROOT / "docs" / "guides" / "operations.md").read_text(encoding="utf-8")
    assert {int(n) for n in re.findall(r"^\| (\d+) \|", guide, re.MULTILINE)} == set(map(int, Exit))
