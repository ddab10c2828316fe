"""What a command imports: its help nothing heavy, a command that reads only what it reads with."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ops.cli import main
from ops.local.embedded.ports import free_ports

HEAVY = {
    *("aiohttp", "aiokafka", "faust", "httpx", "onnxruntime", "opencc", "phonenumbers", "pyarrow", "pymongo"),
    *("pypinyin", "qdrant_client", "transformers"),
}
ALLOWED = {
    "status": {"aiokafka", "pymongo"},
    "topics list": {"aiokafka", "pymongo"},
    "matches talent T1": {"pymongo"},
    "conflicts list": {"pymongo"},
    "dlq list": {"aiokafka", "pymongo"},
    "search java --in talents": HEAVY - {"aiohttp", "faust", "pyarrow", "pypinyin", "transformers"},
}
"""What else each may import."""
READS_RECORDS = {"opencc", "phonenumbers"}


def _leaves(command: click.Command, path: tuple[str, ...], context: click.Context) -> Iterator[tuple[str, ...]]:
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner
            yield from _leaves(inner, (*path, name), context)
    else:
        yield path


def _imported(commands: list[list[str]], environment: dict[str, str]) -> set[str]:
    """Return the packages that a process has imported once it has run these commands."""
    script = (
        "import json, sys\n"
        "from ops.cli import main\n"
        f"for command in {commands!r}:\n"
        "    try: main(command, standalone_mode=False)\n"
        "    except BaseException as error: print(type(error).__name__, error, file=sys.stderr)\n"
        "print()\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, timeout=120, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_no_help_imports_what_is_heavy() -> None:
    helps = [[*path, "--help"] for path in _leaves(main, (), click.Context(main))]
    assert len(helps) > 80
    assert not _imported([["--help"], *helps], dict(os.environ)) & HEAVY


@pytest.mark.parametrize("command", ALLOWED)
def test_a_command_that_reads_imports_what_it_reads_with(command: str, tmp_path: Path) -> None:
    """No server listens: what is imported before one is asked is most of it, and what an error needs."""
    kafka, mongodb, qdrant = free_ports(3)
    environment = os.environ | {
        "LOOMA_DATA_DIR": str(tmp_path),
        "LOOMA_KAFKA__BOOTSTRAP_SERVERS": f"127.0.0.1:{kafka}",
        "LOOMA_LOCAL__KAFKA_PORT": str(kafka),
        "LOOMA_MONGODB__URL": f"mongodb://127.0.0.1:{mongodb}",
        "LOOMA_MONGODB__TIMEOUT_SECONDS": "0.2",
        "LOOMA_QDRANT__URL": f"http://127.0.0.1:{qdrant}",
    }
    assert not _imported([command.split()], environment) & HEAVY - ALLOWED[command] - READS_RECORDS
