"""`looma config diff`: what two environments do otherwise, and no secret."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ops.cli import main

STAGING = """
[kafka]
bootstrap_servers = "kafka.staging:9092"
[mongodb]
url = "mongodb://looma:hunter2@db.staging"
[qdrant]
api_key = "one-key"
[worker]
drain_seconds = 30
"""
PRODUCTION = """
[kafka]
bootstrap_servers = "kafka.production:9092"
[mongodb]
url = "mongodb://looma:hunter3@db.staging"
[qdrant]
api_key = "another-key"
[matching]
threshold = 0.7
"""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    for name, text in (("staging", STAGING), ("production", PRODUCTION)):
        (tmp_path / f"{name}.toml").write_text(text)
    return [str(tmp_path / "staging.toml"), str(tmp_path / "production.toml")]


def diff(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["config", "diff", *arguments])


def test_what_differs_is_shown_and_secrets_are_not(files: list[str]) -> None:
    done = diff(*files)
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        'kafka.bootstrap_servers: "kafka.staging:9092" | "kafka.production:9092"',
        "mongodb.url differs, and is secret",
        "qdrant.api_key differs, and is secret",
        "matching.threshold: 0.6 | 0.7",
    ]
    told = json.loads(diff(*files, "--json").stdout)
    assert told["matching.threshold"] == {"a": 0.6, "b": 0.7}
    assert not any(secret in json.dumps(told) for secret in ("hunter", "-key"))


def test_a_file_is_like_itself_and_like_what_it_makes_of_this_machine(
    files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert diff(files[0], files[0]).exit_code == 0
    (tmp_path / "looma.toml").write_text(STAGING)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOOMA_WORKER__PORT", "17000")
    done = diff(files[0])
    assert "worker.port: 16066 | 17000" in done.stdout
    assert "kafka" not in done.stdout


def test_a_file_that_is_wrong_is_refused_by_its_place(files: list[str], tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    for text, said in (
        ("[kafka]\nserver = 1", "kafka.server"),
        ("[kafka", "no TOML"),
        ("[worker]\nport = 0", "worker.port"),
    ):
        wrong.write_text(text)
        done = diff(files[0], str(wrong))
        assert done.exit_code == 2
        assert said in done.stderr
