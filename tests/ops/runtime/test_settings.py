"""Settings: what is wrong is said where it was set, and no value is repeated."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from ops.runtime.settings import OLD_NAMES, OTHER_VARIABLES, ReadSettings, environment_of, old_names_in_use, variable
from ops.runtime.settings_errors import WrongSettingsError, origins, read_settings, unknown_variables
from schemas.settings import MongoDBSettings, ProviderSettings, ResumeSettings, Settings, fields

ROOT = Path(__file__).parents[3]


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
    [("LOOMA_WORKR_PORT", "LOOMA_WORKER__PORT"), ("looma_mongo_url", "LOOMA_MONGODB__URL"), ("LOOMA_XYZQQ", "")],
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
    known = f"LOOMA_{name.upper()}" in {*map(variable, (*fields(), *OLD_NAMES)), *OTHER_VARIABLES}
    assert bool(unknown_variables([f"LOOMA_{name}"])) is not known
    assert not unknown_variables([name]) or name.upper().startswith("LOOMA_")


def test_every_variable_that_is_read_or_documented_is_known() -> None:
    files = [*ROOT.glob("compose/*"), *ROOT.glob("docs/**/*.md"), ROOT / "tests" / "support" / "cluster.py"]
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
        (
            "[worker]\nbatch_events = 5\nbatch_evnts = 5\n",
            "line 3: there is no setting worker.batch_evnts; did you mean worker.batch_events?",
        ),
        ("LOOMA_GROUP_ID = 'x'\n", "line 1: there is no setting LOOMA_GROUP_ID; did you mean kafka.group_id?"),
        ("[cafka]\nport = 1\n", "line 1: there is no setting cafka"),
        ("[sync]\n[kafka]\nbrokers = 'hunter2'\n", "line 3: there is no setting kafka.brokers"),
        ("kafka.brokers = 'hunter2'\n", "line 1: there is no setting kafka.brokers"),
        ("kafka = 'hunter2'\n", "line 1: kafka: "),
        ("\n[worker]\nbatch_events = 'hunter2'\n", "line 3: worker.batch_events: "),
        ("batch_events = 'hunter2'\n", "line 1: worker.batch_events: "),
        ("[resumes]\nurls = ['http://a/', 'ftp://hunter2/']\n", "line 2: resumes.urls, item 2: write http"),
        (
            "[[providers]]\nname = 'a'\nurl = 'ftp://hunter2'\nmodel = 'm'\n",
            "line 3: providers.url, item 1: write http",
        ),
        ("[[providers]]\nname = 'templates'\nurl = 'http://a'\nmodel = 'm'\n", "providers, item 1: another name"),
        ("[[providers]]\nname = 'a'\nurl = 'http://a'\n", "providers.model, item 1: field required"),
        ("[kafka]\nsecurity_protocol = 'SASL_SSL'\n", "line 1: kafka: SASL_SSL needs sasl_mechanism"),
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
    (here / "looma.toml").write_text("[worker]\nbatch_events = 5\n")
    monkeypatch.setenv("LOOMA_WORKER__BATCH_EVENTS", "many")
    assert "the environment has LOOMA_WORKER__BATCH_EVENTS: worker.batch_events: " in refused()
    monkeypatch.setenv("LOOMA_WORKER__BATCH_EVENTS", "")
    assert read_settings().worker.batch_events == 5
    assert origins()["worker.batch_events"] == "file"


def test_where_all_settings_come_from_is_read_once(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "looma.toml").write_text("[worker]\nbatch_events = 5\n")
    read: list[Path] = []
    whole = Path.read_text
    monkeypatch.setattr(Path, "read_text", lambda path, *more: (read.append(path), whole(path, *more))[1])
    assert {name for name, origin in origins().items() if origin == "file"} == {"worker.batch_events"}
    assert read.count(here / "looma.toml") == 1


def test_a_file_that_is_a_folder_is_said_plainly(here: Path) -> None:
    (here / "looma.toml").mkdir()
    assert Path("looma.toml").name in str(here / "looma.toml")
    assert read_settings() or refused()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kafka.bootstrap_servers", "kafka://h:1"),
        ("kafka.bootstrap_servers", "h:0"),
        ("kafka.bootstrap_servers", "h:99999"),
        ("kafka.bootstrap_servers", "user:hunter2@h:1"),
        ("kafka.bootstrap_servers", "h:1,,h:2"),
        ("mongodb.url", "h:27017"),
        ("mongodb.url", "http://h"),
        ("mongodb.url", "mongodb://"),
        ("mongodb.url", "mongodb://h:port"),
        ("mongodb.url", "mongodb://user:hunter2/x@h:1"),
        ("qdrant.url", "h:6333"),
        ("qdrant.url", "http://"),
        ("qdrant.url", "http://h:99999"),
        ("qdrant.url", "http://h h"),
        ("telemetry.otlp_endpoint", "collector:4318"),
        ("telemetry.otlp_endpoint", "http://[::1"),
    ],
)
def test_an_address_that_is_none_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable(name), value)
    told = refused()
    assert variable(name) in told
    assert "hunter2" not in told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kafka.bootstrap_servers", "kafka:9092, kafka-2:9092,[::1]:9092"),
        ("mongodb.url", "mongodb://u:p%40ss@a:1,b:2/?replicaSet=rs0&w=majority"),
        ("mongodb.url", "mongodb+srv://u:p@cluster.example.com/db"),
        ("qdrant.url", "https://[::1]:6333/base"),
    ],
)
def test_other_forms_are_accepted(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable(name), value)
    read_settings()


def test_a_process_of_ours_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    given = ReadSettings(
        mongodb=MongoDBSettings(url=SecretStr("mongodb://u:p@h:1")),
        resumes=ResumeSettings(urls=["http://a/", "http://b/"]),
        providers=[ProviderSettings(name="a", url="http://a/v1", model="m", api_key=SecretStr("k"))],
        data_dir=Path("data"),
    )
    assert given.data_dir.is_absolute()
    for name, value in environment_of(given).items():
        monkeypatch.setenv(name, value)
    assert read_settings() == given


def test_old_names_are_read_and_the_new_ones_named(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "looma.toml").write_text("group_id = 'jobs'\nsync_policy = 'policy.toml'\n")
    monkeypatch.setenv("LOOMA_REQUEST_TIMEOUT_SECONDS", "3")
    monkeypatch.setenv("LOOMA_RESUME_URLS", '["http://a/"]')
    found = read_settings()
    assert (found.kafka.group_id, found.sync.policy, found.resumes.urls) == (
        "jobs",
        here / "policy.toml",
        ["http://a/"],
    )
    assert found.kafka.timeout_seconds == found.mongodb.timeout_seconds == found.qdrant.timeout_seconds == 3
    said = "\n".join(old_names_in_use())
    assert "LOOMA_RESUME_URLS is LOOMA_RESUMES__URLS now" in said
    assert "group_id is group_id under [kafka] now" in said
    assert "sync_policy is policy under [sync] now" in said
    assert origins()["kafka.group_id"] == "file"
    assert origins()["qdrant.timeout_seconds"] == "environment"


def test_a_new_name_wins_over_an_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOMA_GROUP_ID", "old")
    monkeypatch.setenv("LOOMA_KAFKA__GROUP_ID", "new")
    assert read_settings().kafka.group_id == "new"


@pytest.mark.parametrize("old", sorted(OLD_NAMES))
def test_every_old_name_has_a_new_one(old: str) -> None:
    assert set(OLD_NAMES[old]) <= set(fields())


@pytest.mark.parametrize("name", ["LOOMA_RESUMES__URLS", "LOOMA_RESUME_URLS", "LOOMA_KAFKA__TOKEN_COMMAND"])
def test_a_list_that_is_no_json_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://hunter2/")
    said = refused()
    assert f"{name}: write it as JSON" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"security_protocol": "SASL_SSL"}, "needs sasl_mechanism"),
        ({"sasl_mechanism": "PLAIN", "sasl_username": "u", "sasl_password": "hunter2"}, "needs security_protocol"),
        ({"security_protocol": "SASL_SSL", "sasl_mechanism": "PLAIN", "sasl_username": "u"}, "and sasl_password"),
        ({"security_protocol": "SASL_SSL", "sasl_mechanism": "OAUTHBEARER"}, "needs token_command"),
        ({"ca_file": "ca.pem"}, "security_protocol SSL or SASL_SSL"),
        ({"security_protocol": "SSL", "key_file": "key.pem"}, "needs certificate_file"),
    ],
)
def test_half_a_login_is_refused(values: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in values.items():
        monkeypatch.setenv(variable(f"kafka.{name}"), value)
    told = refused()
    assert said in told
    assert all(variable(f"kafka.{name}") in told for name in values)
    assert "hunter2" not in told


def test_a_copy_with_changes_leaves_the_original_alone() -> None:
    before = Settings()
    after = before.changed(worker__port=1, data_dir=Path("x"))
    assert (before.worker.port, after.worker.port) == (16066, 1)
    with pytest.raises(AttributeError):
        before.changed(worker__prot=1)
