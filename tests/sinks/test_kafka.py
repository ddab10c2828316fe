"""The one door to Kafka: who logs in how, and that there is no other way in."""

import ast
import ssl
import sys
from pathlib import Path
from typing import Any

import pytest
from aiokafka.producer.transaction_manager import PidAndEpoch
from pydantic import SecretStr

from schemas.settings import KafkaSettings
from sinks import kafka
from sinks.kafka import TokenCommandError, login

ROOT = Path(__file__).parents[2]
CLIENTS = {
    "AIOKafkaConsumer",
    "AIOKafkaProducer",
    "AIOKafkaAdminClient",
    "AIOKafkaClient",
    "_Consumer",
    "_Producer",
    "_Admin",
}
APART = {
    "sinks/kafka.py": "the door",
    "ops/benchmarks/ingest.py": "the loop that a user would write by hand",
    "ops/faults/foreign.py": "clients that know nothing of ours",
}


def test_clients_are_built_in_one_place() -> None:
    built = {
        str(file.relative_to(ROOT))
        for package in ("schemas", "processors", "sinks", "connectors", "streams", "ops")
        for file in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CLIENTS
    }
    assert built == set(APART)


def test_a_plain_connection_needs_no_login() -> None:
    assert login(KafkaSettings()) == {"security_protocol": "PLAINTEXT"}


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_password_is_handed_over_and_not_shown(mechanism: Any) -> None:
    settings = KafkaSettings(
        security_protocol="SASL_SSL",
        sasl_mechanism=mechanism,
        sasl_username="me",
        sasl_password=SecretStr("hunter2"),
    )
    options = login(settings)
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("me", "hunter2")
    assert "hunter2" not in repr(settings)
    context = options["ssl_context"]
    assert context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED


def test_a_hostname_need_not_match_if_so_set_but_the_certificate_must_be_signed() -> None:
    context = login(KafkaSettings(security_protocol="SSL", check_hostname=False))["ssl_context"]
    assert not context.check_hostname
    assert context.verify_mode == ssl.CERT_REQUIRED


async def token_of(*command: str, timeout_seconds: float = 10) -> str:
    settings = KafkaSettings(
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="OAUTHBEARER",
        token_command=list(command),
        timeout_seconds=timeout_seconds,
    )
    return str(await login(settings)["sasl_oauth_token_provider"].token())


async def test_a_token_is_asked_for_each_time(tmp_path: Path) -> None:
    count = tmp_path / "count"
    script = f"import pathlib; p = pathlib.Path({str(count)!r}); p.open('a').write('x'); print(len(p.read_text()))"
    assert [await token_of(sys.executable, "-c", script) for _ in range(3)] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["/no/such/command"], "cannot be run"),
        ([sys.executable, "-c", "pass"], "gave no token"),
        ([sys.executable, "-c", "print('hunter2'); raise SystemExit(3)"], "exit code 3"),
        ([sys.executable, "-c", "import time; time.sleep(60)"], "took over 0.2 s"),
    ],
)
async def test_a_command_that_gives_no_token_is_named(command: list[str], said: str) -> None:
    with pytest.raises(TokenCommandError, match=said) as caught:
        await token_of(*command, timeout_seconds=0.2 if "sleep" in command[-1] else 10)
    assert "token_command" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_every_producer_is_idempotent_and_every_consumer_reads_what_is_committed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Told:
        def __init__(self, *_: str, **options: Any) -> None:
            self.options = options

    monkeypatch.setattr(kafka, "Producer", Told)
    monkeypatch.setattr(kafka, "_Consumer", Told)
    settings = KafkaSettings(bootstrap_servers="broker:1", timeout_seconds=3)
    made = kafka.producer(settings, client_id="c").options
    assert (made["enable_idempotence"], made["acks"], made["client_id"]) == (True, "all", "c")
    read = kafka.consumer(settings, "topic").options
    assert (read["isolation_level"], read["enable_auto_commit"]) == ("read_committed", False)
    for options in (made, read):
        assert (options["bootstrap_servers"], options["request_timeout_ms"]) == ("broker:1", 3000)


async def test_all_that_is_published_is_compressed() -> None:
    shared = kafka.producer(KafkaSettings())
    text = Path(__file__).read_bytes()
    for each in (shared, shared.owned(PidAndEpoch(1, 1))):
        batch = each.create_batch()
        batch.append(timestamp=None, key=b"1", value=text, headers=[])
        batch.close()
        stored = bytes(batch._build())
        assert stored[22] & 7 == 4, "zstd, in the attributes of the batch"
        assert 2 * len(stored) < len(text)
