"""Settings: what is wrong is said where it was set, and no value is repeated."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from ops.local_worker import environment_of
from ops.settings import OTHER_VARIABLES, Settings
from ops.settings_errors import WrongSettingsError, origin_of, read_settings, unknown_variables

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused() -> str:
    with pytest.raises(WrongSettingsError) as caught:
        read_settings()
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("LOOMA_WORKR_PORT", "LOOMA_WORKER_PORT"), ("looma_mongo_url", "LOOMA_MONGODB_URL"), ("LOOMA_XYZQQ", "")],
)
def test_an_unknown_variable_is_refused_with_the_nearest_name(
    name: str, nearest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "hunter2")
    said = refused()
    assert name in said
    assert f"did you mean {nearest}" in said if nearest else "did you mean" not in said
    assert "hunter2" not in said


@given(st.text())
def test_any_other_name_is_a_setting_or_refused(name: str) -> None:
    known = name.lower() in Settings.model_fields or f"LOOMA_{name.upper()}" in OTHER_VARIABLES
    assert bool(unknown_variables([f"LOOMA_{name}"])) is not known
    assert not unknown_variables([name]) or name.upper().startswith("LOOMA_")


def test_every_variable_that_is_read_or_documented_is_known() -> None:
    files = [*ROOT.glob("compose/*"), *ROOT.glob("docs/*.md"), ROOT / "tests" / "conftest.py"]
    for package in ("ops", "streams", "connectors", "sinks", "processors", "schemas"):
        files += ROOT.glob(f"{package}/**/*.py")
    for file in files:
        if file == Path(__file__) or not file.is_file():
            continue
        named = re.findall(r"\bLOOMA_[A-Z][A-Z_]*[A-Z]\b", file.read_text(encoding="utf-8", errors="replace"))
        assert not unknown_variables(set(named) - {"LOOMA_NAME"}), file


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("batch_events = 5\nbatch_evnts = 5\n", "line 2: there is no setting batch_evnts; did you mean batch_events?"),
        ("LOOMA_GROUP_ID = 'x'\n", "line 1: there is no setting LOOMA_GROUP_ID; did you mean group_id?"),
        ("[kafka]\nport = 1\n", "line 1: there is no setting kafka"),
        ("\n\nbatch_events = 'hunter2'\n", "line 3: batch_events: "),
        ("resume_urls = ['http://a/', 'ftp://hunter2/']\n", "line 1: resume_urls, item 2: write http"),
        ("group_id = \n", "this is no TOML: Invalid value (at line 1"),
        (b"group_id = '\xff'\n", "this is no TOML: it must be UTF-8"),
    ],
)
def test_a_mistake_in_the_file_is_blamed_on_the_file(text: str | bytes, said: str, here: Path) -> None:
    (here / "looma.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    told = refused()
    assert said in told
    assert str(here / "looma.toml") in told
    assert "hunter2" not in told
    assert len(told.splitlines()) == 1


def test_a_mistake_in_the_environment_is_not(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "looma.toml").write_text("batch_events = 5\n")
    monkeypatch.setenv("LOOMA_BATCH_EVENTS", "many")
    assert "the environment has LOOMA_BATCH_EVENTS: batch_events: " in refused()
    monkeypatch.setenv("LOOMA_BATCH_EVENTS", "")
    assert read_settings().batch_events == 5
    assert origin_of("batch_events") == "file"


def test_a_file_that_is_a_folder_is_said_plainly(here: Path) -> None:
    (here / "looma.toml").mkdir()
    assert Path("looma.toml").name in str(here / "looma.toml")
    assert read_settings() or refused()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bootstrap_servers", "kafka://h:1"),
        ("bootstrap_servers", "h:0"),
        ("bootstrap_servers", "h:99999"),
        ("bootstrap_servers", "user:hunter2@h:1"),
        ("bootstrap_servers", "h:1,,h:2"),
        ("mongodb_url", "h:27017"),
        ("mongodb_url", "http://h"),
        ("mongodb_url", "mongodb://"),
        ("mongodb_url", "mongodb://h:port"),
        ("mongodb_url", "mongodb://user:hunter2/x@h:1"),
        ("qdrant_url", "h:6333"),
        ("qdrant_url", "http://"),
        ("qdrant_url", "http://h:99999"),
        ("qdrant_url", "http://h h"),
        ("otlp_endpoint", "collector:4318"),
        ("otlp_endpoint", "http://[::1"),
    ],
)
def test_an_address_that_is_none_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"LOOMA_{name.upper()}", value)
    told = refused()
    assert f"LOOMA_{name.upper()}" in told
    assert "hunter2" not in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bootstrap_servers", "kafka:9092, kafka-2:9092,[::1]:9092"),
        ("mongodb_url", "mongodb://u:p%40ss@a:1,b:2/?replicaSet=rs0&w=majority"),
        ("mongodb_url", "mongodb+srv://u:p@cluster.example.com/db"),
        ("qdrant_url", "https://[::1]:6333/base"),
    ],
)
def test_other_forms_are_accepted(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"LOOMA_{name.upper()}", value)
    read_settings()


def test_a_process_of_ours_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    given = Settings(
        mongodb_url=SecretStr("mongodb://u:p@h:1"), resume_urls=["http://a/", "http://b/"], data_dir=Path("data")
    )
    assert given.data_dir.is_absolute()
    for name, value in environment_of(given).items():
        monkeypatch.setenv(name, value)
    assert read_settings() == given
