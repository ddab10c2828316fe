"""The folder that commands belong to, and who may read it."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.cli import main
from ops.runtime import data_folder
from ops.runtime.data_folder import forget, home, make_private, mend, remember
from ops.runtime.settings import ReadSettings


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("name", [".looma", "looma.toml"])
def test_a_command_in_a_subfolder_belongs_to_the_folder_above(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    (tmp_path / "a" / name).mkdir() if name == ".looma" else (tmp_path / "a" / name).write_text("")
    monkeypatch.chdir(tmp_path / "a" / "b" / "c")
    assert home() == (tmp_path / "a", "above")
    assert ReadSettings().data_dir == tmp_path / "a" / ".looma"


def test_paths_in_the_file_are_relative_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "looma.toml").write_text("data_dir = 'mine'\nsync_policy = 'policy.toml'\nmodel_path = '/m'\n")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    s = ReadSettings()
    assert (s.data_dir, s.sync.policy, s.models.embedding_path) == (
        tmp_path / "mine",
        tmp_path / "policy.toml",
        Path("/m"),
    )
    monkeypatch.setenv("LOOMA_DATA_DIR", "other")
    assert ReadSettings().data_dir == tmp_path / "sub" / "other"


def test_elsewhere_a_command_belongs_to_the_stack_that_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack, elsewhere = tmp_path / "stack", tmp_path / "elsewhere"
    (stack / ".looma").mkdir(parents=True)
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert home() == (elsewhere, "nothing")
    remember(stack / ".looma")
    assert home() == (stack, "started")
    done = CliRunner().invoke(main, ["config", "--json"])
    assert json.loads(done.stdout)["data_dir"]["value"] == str(stack / ".looma")
    assert str(stack) in done.stderr
    for command in (["forget", "t-1", "--yes"], ["migrate"], ["replay", "drop", "g2"], ["dlq", "discard", "--all"]):
        refused = CliRunner().invoke(main, command)
        assert (refused.exit_code, "run it in that folder" in refused.stderr) == (2, True), command
    forget(elsewhere / ".looma")
    assert home().found == "started"
    forget(stack / ".looma")
    assert home() == (elsewhere, "nothing")


@pytest.mark.parametrize("note", [b"", b"relative", b"/nowhere/at/all", b"\xff\x00", b"/"])
def test_a_note_that_leads_nowhere_is_passed_over(note: bytes, tmp_path: Path) -> None:
    (tmp_path / "state" / "looma").mkdir(parents=True)
    (tmp_path / "state" / "looma" / "started").write_bytes(note)
    assert home() == (tmp_path, "nothing")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file to somebody else")
def test_a_folder_of_somebody_else_above_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "looma.toml").write_text("")
    (tmp_path / "sub").mkdir()
    os.chown(tmp_path / "looma.toml", 12345, 12345)
    monkeypatch.chdir(tmp_path / "sub")
    assert home() == (tmp_path / "sub", "nothing")


@pytest.mark.parametrize("before", [0o777, 0o755, 0o750, 0o700, 0o701])
def test_a_data_folder_that_others_can_read_is_mended(before: int, tmp_path: Path) -> None:
    folder = tmp_path / ".looma"
    folder.mkdir()
    folder.chmod(before)
    done = CliRunner().invoke(main, ["config", "--json"])
    assert done.exit_code == 0
    assert mode(folder) == 0o700


def test_it_is_made_private_whatever_the_umask(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        assert mode(make_private(tmp_path / "a" / ".looma")) == 0o700
    finally:
        os.umask(old)


def test_a_home_or_a_shared_folder_keeps_its_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared, own = tmp_path / "shared", tmp_path / "own"
    for folder, rights in ((shared, 0o1777), (own, 0o755)):
        folder.mkdir()
        folder.chmod(rights)
        monkeypatch.setenv("HOME", str(own))
        mend(folder)
        assert mode(folder) == rights & 0o777


def test_what_a_command_writes_is_its_owners_alone(tmp_path: Path) -> None:
    old = os.umask(0o022)
    try:
        CliRunner().invoke(main, ["config"])
        (tmp_path / "file").write_text("")
    finally:
        os.umask(old)
    assert mode(tmp_path / "file") == 0o600
    assert data_folder.UMASK == 0o077
