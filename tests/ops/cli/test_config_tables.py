"""`looma config` with a list of tables: what it prints is a settings file, without secrets."""

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.cli.main import main

FILE = """
[chat]
deadline_ms = 5000
[[providers]]
name = "local"
url = "http://127.0.0.1:8080/v1"
model = "m"
api_key = "hunter2"
[[providers]]
name = "other"
url = "https://models.example.com/v1"
model = "n"
price_in = 2
"""


@pytest.mark.parametrize("content", [FILE, ""])
def test_what_config_prints_can_be_read_again(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "looma.toml").write_text(content)
    monkeypatch.chdir(tmp_path)
    printed = CliRunner().invoke(main, ["config"], catch_exceptions=False).output
    assert "hunter2" not in printed
    found = tomllib.loads(printed)
    assert [p["name"] for p in found.get("providers", [])] == (["local", "other"] if content else [])
    if content:
        assert found["providers"][1]["price_in"] == 2
        assert found["chat"]["deadline_ms"] == 5000
        assert "[[providers]]  # from the file" in printed
