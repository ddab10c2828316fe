"""What `looma doctor` says of what is wrong, and that what it says to do puts it right."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ops import doctor
from ops.doctor import Finding, clock, disk, holds_secret, modes, rights, sealing_of, topics
from ops.runtime.secret_references import identity_file
from schemas.settings import KafkaSettings, RetentionSettings, Settings
from schemas.topics import TOPICS

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
ALL = {spec.name for spec in TOPICS}
AS_DECLARED = {spec.name: spec.config(RetentionSettings()) for spec in TOPICS}


def test_a_clock_is_judged_by_what_the_answer_did_not_take() -> None:
    def state(ahead: float, took: float = 0.0) -> str:
        return clock(NOW, NOW + timedelta(seconds=ahead), NOW + timedelta(seconds=took)).state

    assert [state(0), state(0.9), state(-0.9), state(2), state(-2), state(90)] == [
        "fine", "fine", "fine", "warning", "warning", "wrong",
    ]  # fmt: skip
    assert state(4, took=8) == "fine", "a slow answer is no wrong clock"
    assert clock(NOW, None, NOW).state == "fine"


def test_topics_that_are_as_declared_are_not_mentioned() -> None:
    assert list(topics(ALL, AS_DECLARED, dict.fromkeys(ALL, 3), 3, RetentionSettings())) == []


def test_topics_that_are_missing_different_or_too_few_are() -> None:
    configs = {**AS_DECLARED, "talent-events": {**AS_DECLARED["talent-events"], "retention.ms": "1000"}}
    found = list(topics(ALL - {"audit"}, configs, {**dict.fromkeys(ALL, 3), "job-events": 1}, 3, RetentionSettings()))
    assert [(f.state, f.said.split(":")[0]) for f in found] == [
        ("wrong", "missing"),
        ("warning", f"talent-events has retention.ms=1000, declared is {90 * 24 * 3600 * 1000}"),
        ("warning", "fewer than 3 copies"),
    ]
    assert "looma topics apply" in found[0].do
    assert "looma topics apply --retention" in found[1].do
    other = {**AS_DECLARED, "talent-events": {**AS_DECLARED["talent-events"], "max.message.bytes": "1000"}}
    (changed,) = topics(ALL, other, dict.fromkeys(ALL, 3), 3, RetentionSettings())
    assert "--entity-name talent-events" in changed.do


def test_files_with_secrets_that_others_can_read_are_named_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file, data = tmp_path / "looma.toml", tmp_path / ".looma"
    kafkas, apis, relays, identity = keys = [
        tmp_path / name for name in ("kafka.pem", "api.pem", "relay.pem", "looma.identity")
    ]
    file.write_text('[mongodb]\nurl = "mongodb://u:p@h"\n')
    for path in keys:
        path.write_text("x")
    data.mkdir()
    for path, mode in ((file, 0o644), (data, 0o755), *((key, 0o640) for key in keys)):
        path.chmod(mode)
    settings = Settings(data_dir=data).changed(kafka__key_file=kafkas, api__key_file=apis, alerts__key_file=relays)
    found = list(modes(settings))
    assert {f.do for f in found} == {f"chmod 700 {data}", *(f"chmod 600 {path}" for path in (file, *keys))}
    assert identity_file() == identity
    for path, mode in ((file, 0o600), (data, 0o700), *((key, 0o600) for key in keys)):
        path.chmod(mode)
    assert [f.state for f in modes(settings)] == ["fine"]
    file.write_text("[worker]\nport = 16067\n")
    file.chmod(0o644)
    assert [f.state for f in modes(settings)] == ["fine"], "settings without a secret are nobody's secret"


def test_a_disk_that_fills_up_is_said_before_it_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for used, state in ((10, "fine"), (90, "warning"), (99, "wrong")):
        monkeypatch.setattr(doctor.psutil, "disk_usage", lambda _, used=used: type("D", (), {"percent": used}))
        (found,) = disk(tmp_path / "not" / "yet")
        assert found.state == state


async def test_a_server_that_is_away_is_a_finding_and_holds_up_no_other_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: Settings) -> list[Finding]:
        raise ConnectionError

    async def fine(_: Settings) -> list[Finding]:
        return [Finding("qdrant", "fine", "answers")]

    monkeypatch.setattr(doctor, "_kafka", away)
    monkeypatch.setattr(doctor, "_mongodb", away)
    monkeypatch.setattr(doctor, "_qdrant", fine)
    found = await doctor.examine(Settings(data_dir=tmp_path), lambda error: type(error).__name__)
    assert [(f.check, f.state) for f in found[-3:]] == [("kafka", "wrong"), ("mongodb", "wrong"), ("qdrant", "fine")]
    with pytest.raises(ConnectionError):
        await doctor.examine(Settings(data_dir=tmp_path), lambda _: None)


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        ({"kafka": {"sasl_password": "x"}}, True),
        ({"gateway": {"service_key": "x" * 40}}, True),
        ({"receivers": [{"name": "a", "url": "https://robot/send?access_token=1"}]}, True),
        ({"receivers": [{"name": "a", "url": "file:/run/secrets/robot"}]}, False),
        ({"mongodb": {"url": "mongodb://h"}}, False),
        ({"mongodb": {"url": "mongodb://u:p@h"}}, True),
        ({"qdrant": {"url": "https://u:p@h"}}, True),
        ({"qdrant": {"url": "https://h", "timeout_seconds": 3}}, False),
        ({"api": {"secret": ""}, "no": "setting"}, False),
    ],
)
def test_what_a_secret_is_the_types_of_the_settings_say(values: dict[str, Any], holds: bool) -> None:
    assert holds_secret(values) == holds


def test_rights_that_a_login_lacks_are_named() -> None:
    read = {"resource": {"db": "looma", "collection": ""}, "actions": ["find", "listIndexes"]}
    write = {"resource": {"db": "", "collection": ""}, "actions": ["insert", "update", "remove", "createIndex"]}
    one = {"resource": {"db": "looma", "collection": "talents"}, "actions": ["insert"]}
    user = {"authenticatedUsers": [{"user": "looma"}]}
    assert list(rights({**user, "authenticatedUserPrivileges": [read, write]}, "looma")) == []
    (found,) = rights({**user, "authenticatedUserPrivileges": [read, one]}, "looma")
    assert found.said == "the login may not insert, update, remove, createIndex in looma"
    everything = {"resource": {"anyResource": True}, "actions": ["anyAction"]}
    assert list(rights({**user, "authenticatedUserPrivileges": [everything]}, "looma")) == []
    assert list(rights({"authenticatedUsers": [], "authenticatedUserPrivileges": []}, "looma")) == []


def test_a_key_that_topics_need_is_named_before_a_worker_comes_to_it() -> None:
    secret = SecretStr(base64.b64encode(bytes(32)).decode())
    keys = KafkaSettings(encryption_keys=[secret], sealed_topics=["all"])
    lacking = sealing_of(keys, {"talent-records": frozenset({"0123456789abcdef"})})
    assert lacking.state == "wrong"
    assert "talent-records holds what 0123456789abcdef has sealed" in lacking.said
    fine = sealing_of(keys, {})
    assert fine.state == "fine"
    assert "seals all" in fine.said
    assert secret.get_secret_value() not in lacking.said + fine.said
    assert sealing_of(KafkaSettings(sealed_topics=["all"]), {}).state == "warning", "named, and no key"
    assert sealing_of(KafkaSettings(), {}).state == "fine"
    assert sealing_of(KafkaSettings(sealed_topics=[]), {}).state == "fine", "wanted so"
