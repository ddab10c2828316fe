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


ELSEWHERE = """
[kafka]
security_protocol = "SASL_SSL"
sasl_mechanism = "SCRAM-SHA-512"
sasl_username = "looma"
sasl_password = "file:secrets/kafka"
encryption_keys = ["file:secrets/topics"]
ca_file = "ca.pem"
[mongodb]
url = "file:secrets/mongodb"
[api]
secret = "file:secrets/api"
[gateway]
service_key = "env:KEY"
[[receivers]]
name = "on-call"
kind = "slack"
url = "file:secrets/slack"
"""
"""As compose has them."""


def test_secrets_that_are_elsewhere_are_compared_by_where_they_are(tmp_path: Path) -> None:
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    one.write_text(ELSEWHERE)
    other.write_text(ELSEWHERE)
    assert diff(str(one), str(other)).exit_code == 0, "none of the files is there"
    other.write_text(ELSEWHERE.replace("secrets/api", "secrets/api-2").replace("ca.pem", "ca-2.pem"))
    assert diff(str(one), str(other)).stdout.splitlines() == [
        f'kafka.ca_file: "{tmp_path}/ca.pem" | "{tmp_path}/ca-2.pem"',
        "api.secret differs, and is secret",
    ]


def test_a_file_is_compared_with_this_machine_by_the_secrets_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEY", "k" * 40)
    (tmp_path / "secrets").mkdir()
    urls = {"mongodb": "mongodb://u:hunter2@db", "slack": "https://hooks.slack.com/x"}
    for name in ("kafka", "topics", "mongodb", "api", "slack"):
        (tmp_path / "secrets" / name).write_text(urls.get(name, name * 20))
    for name in ("looma.toml", "candidate.toml"):
        (tmp_path / name).write_text(ELSEWHERE)
    assert diff("candidate.toml").stdout == ""
    (tmp_path / "candidate.toml").write_text(ELSEWHERE.replace("secrets/mongodb", "secrets/of-another-machine"))
    done = diff("candidate.toml")
    assert done.exit_code == 1
    assert done.stdout == 'mongodb.url: "file:secrets/of-another-machine" | "mongodb://**********@db"\n'
