"""Secrets by reference: from files, variables, commands and seals, in the settings file and in the environment."""

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.cli import main
from ops.runtime.secret_references import SecretReferenceError, resolve, seal, secret_of
from ops.runtime.settings import environment_of
from ops.runtime.settings_errors import read_settings
from schemas.settings import FileSecret

SECRET = "pä$$ word:1"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "looma.toml").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def references(folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    (folder / "password").write_text(SECRET + "\n")
    monkeypatch.setenv("VAULT_SAYS", SECRET)
    return {
        "file": "file:password",
        "absolute": f"file:{folder / 'password'}",
        "env": "env:VAULT_SAYS",
        "command": f"command:{sys.executable} -c \"import os; print(os.environ['VAULT_SAYS'])\"",
        "age": seal(SECRET),
    }


def test_each_kind_of_reference_gives_the_secret(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, text in references(folder, monkeypatch).items():
        assert SECRET not in text
        assert secret_of(text, "kafka.sasl_password") == SECRET, kind


def test_secrets_of_the_file_and_of_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal("https://hooks.example/T1")
    (folder / "url").write_text("mongodb://u:p@db.example:27017/?tls=true\n")
    (folder / "looma.toml").write_text(
        f'[mongodb]\nurl = "file:url"\n[[receivers]]\nname = "ops"\nkind = "webhook"\nurl = "{sealed}"\n'
    )
    monkeypatch.setenv("QDRANT", "key-1")
    monkeypatch.setenv("LOOMA_QDRANT__API_KEY", "env:QDRANT")
    read = read_settings()
    assert read.mongodb.url.get_secret_value() == "mongodb://u:p@db.example:27017/?tls=true"
    assert read.receivers[0].url.get_secret_value() == "https://hooks.example/T1"
    assert read.qdrant.api_key
    assert read.qdrant.api_key.get_secret_value() == "key-1"
    shown = CliRunner().invoke(main, ["config"]).output
    assert "hooks.example/T1" not in shown
    assert "key-1" not in shown


def test_a_secret_says_in_which_file_it_stands(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = base64.b64encode(bytes(32)).decode()
    (folder / "topic-keys").write_text(f"{key}\n")
    monkeypatch.setenv("LOOMA_KAFKA__ENCRYPTION_KEYS", json.dumps(["file:topic-keys", key]))
    read = read_settings()
    first, second = read.kafka.encryption_keys
    assert isinstance(first, FileSecret)
    assert first.file == folder / "topic-keys"
    assert not isinstance(second, FileSecret)
    assert first.get_secret_value() == second.get_secret_value() == key
    assert first == second
    assert second == first, "of two configurations the secrets are compared, not where they stand"
    given = json.loads(environment_of(read)["LOOMA_KAFKA__ENCRYPTION_KEYS"])
    assert given == [f"file:{folder / 'topic-keys'}", key], "for its children, too"


def test_only_secrets_are_looked_up(folder: Path) -> None:
    (folder / "group").write_text("x")
    assert resolve({"kafka": {"group_id": "file:group"}}) == {"kafka": {"group_id": "file:group"}}


@given(st.text(max_size=40).filter(lambda text: text.partition(":")[0] not in ("file", "env", "command", "age")))
@settings(max_examples=30)
def test_any_other_text_is_the_secret_itself(text: str) -> None:
    assert secret_of(text, "qdrant.api_key") == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file:nowhere", "cannot be read"),
        ("env:NOWHERE", "has no NOWHERE"),
        ("command:", "write a command"),
        ('command:"', "write a command"),
        ("command:no-such-command-1", "cannot be run"),
        (f"command:{sys.executable} -c exit(3)", "ended with 3"),
        (f"command:{sys.executable} -c pass", "is empty"),
        (f"command:{sys.executable} -c \"print('x' * 70000)\"", "more than"),
        ("age:%%%", "not what"),
        ("age:" + base64.b64encode(b"age-encryption.org/v1\n").decode(), "not sealed for"),
    ],
)
def test_what_cannot_be_had_is_said_with_the_setting_and_without_the_secret(text: str, said: str) -> None:
    seal("x")  # so that there is an identity
    with pytest.raises(SecretReferenceError, match=said) as refused:
        secret_of(text, "kafka.sasl_password")
    assert str(refused.value).startswith("kafka.sasl_password: ")


def test_a_command_ends_with_one_line_and_status_2(folder: Path) -> None:
    (folder / "looma.toml").write_text('[qdrant]\napi_key = "file:nowhere"\n')
    result = CliRunner().invoke(main, ["config"])
    assert result.exit_code == 2
    assert "qdrant.api_key: " in result.output
    assert "Traceback" not in result.output


def test_a_seal_is_for_one_identity_and_every_byte_of_it_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal(SECRET)
    raw = bytearray(base64.b64decode(sealed.removeprefix("age:")))
    raw[-1] ^= 1
    with pytest.raises(SecretReferenceError, match="not sealed for"):
        secret_of("age:" + base64.b64encode(raw).decode(), "x")
    assert (folder / "looma.identity").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("LOOMA_IDENTITY_FILE", str(folder / "another"))
    seal("makes another identity")
    with pytest.raises(SecretReferenceError, match="not sealed for"):
        secret_of(sealed, "x")


def test_config_seal_reads_standard_input(folder: Path) -> None:
    done = CliRunner().invoke(main, ["config", "seal"], input=SECRET + "\n")
    assert done.exit_code == 0
    assert secret_of(done.stdout.strip(), "x") == SECRET
    refused = CliRunner().invoke(main, ["config", "seal", "--recipient", "age1nobody"], input="x")
    assert refused.exit_code == 2


@pytest.mark.skipif(shutil.which("age") is None, reason="needs age's own tools")
def test_ages_own_tools_read_and_write_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = folder / "made-by-age"
    subprocess.run(["age-keygen", "-o", str(made)], check=True, capture_output=True)
    monkeypatch.setenv("LOOMA_IDENTITY_FILE", str(made))
    sealed = base64.b64decode(seal(SECRET).removeprefix("age:"))
    opened = subprocess.run(["age", "--decrypt", "-i", str(made)], input=sealed, check=True, capture_output=True)
    assert opened.stdout.decode() == SECRET
    key = subprocess.run(["age-keygen", "-y", str(made)], check=True, capture_output=True).stdout.decode().strip()
    theirs = subprocess.run(["age", "-r", key], input=SECRET.encode(), check=True, capture_output=True).stdout
    assert secret_of("age:" + base64.b64encode(theirs).decode(), "x") == SECRET


def test_a_configuration_has_one_name_wherever_it_is_and_another_when_it_changes() -> None:
    here = read_settings()
    moved = here.changed(data_dir=Path("/elsewhere"), worker__port=16067)
    assert moved.configuration == here.configuration
    assert here.changed(worker__batch_events=7).configuration != here.configuration
