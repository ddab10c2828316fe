"""Servers that stop while the others answer: what `status` and every other command say."""

import asyncio
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.cli import main
from schemas.exits import Exit
from tests.ops.cli.test_cli_servers_away import ASKING, arguments_of, said_plainly


@contextmanager
def stopped(cluster, name: str) -> Iterator[None]:
    """Stop a server's process for the block: its port accepts, and nobody answers."""
    pid = next(s.pid for s in cluster.stack.status() if s.name == name)
    os.killpg(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(pid, signal.SIGCONT)
        while {s.state for s in asyncio.run(cluster.stack.health())} != {"running"}:
            time.sleep(0.2)


@pytest.mark.parametrize("name", ["kafka", "mongodb", "qdrant"])
def test_a_server_that_does_not_answer_is_no_running_one(cluster, name: str) -> None:
    with stopped(cluster, name):
        before = datetime.now(UTC)
        states = {s["name"]: s for s in json.loads(cluster.looma("status", "--json", code=Exit.AWAY))}
        assert before <= datetime.fromisoformat(states[name]["unanswered_since"]) <= datetime.now(UTC)
        assert states.pop(name)["state"] == "not answering"
        assert {s["state"] for s in states.values()} == {"running"}
    assert {s["state"] for s in json.loads(cluster.looma("status", "--json"))} == {"running"}


@pytest.mark.parametrize(
    "name", ["kafka", pytest.param("mongodb", marks=pytest.mark.long), pytest.param("qdrant", marks=pytest.mark.long)]
)
def test_no_command_has_a_traceback_for_it(cluster, name: str, tmp_path: Path) -> None:
    environment = {
        **cluster.environment,
        **{f"LOOMA_{server}__TIMEOUT_SECONDS": "0.5" for server in ("KAFKA", "MONGODB", "QDRANT")},
    }
    wrong = []
    with stopped(cluster, name):
        for command in ASKING:
            if command.startswith("consume") and name != "kafka":  # it asks Kafka only, and waits for results
                continue
            shutil.rmtree(tmp_path / "new", ignore_errors=True)  # a file or a folder, by the command
            (tmp_path / "new").unlink(missing_ok=True)
            done = CliRunner().invoke(main, arguments_of(command, tmp_path), env=environment)
            if done.exit_code == Exit.INTERNAL or "Traceback" in done.output:
                wrong.append((command, done.output))
            elif done.exit_code == Exit.AWAY:
                said_plainly(done)
    assert not wrong
