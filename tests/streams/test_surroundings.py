"""What workers tell of the servers around them: whether they answer, and when their certificates end."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from opentelemetry.metrics import CallbackOptions
from pydantic import SecretStr

from schemas.settings import KafkaSettings, MongoDBSettings, QdrantSettings, Settings
from streams import server_metrics
from streams.certificates import Certificates, servers_with_tls
from streams.server_metrics import Servers
from tests.support.secure_kafka import Authority

OPTIONS = CallbackOptions()


async def test_a_server_that_fails_or_does_not_answer_in_time_is_away_and_delays_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server_metrics, "ANSWER_SECONDS", 0.05)

    async def answers() -> None:
        pass

    async def refuses() -> None:
        raise ConnectionError

    async def stands_still() -> None:
        await asyncio.sleep(60)

    servers = Servers({"kafka": answers, "mongodb": refuses, "qdrant": stands_still})
    await servers.ask_all()
    told = {str((each.attributes or {})["server"]): each.value for each in servers._observe(OPTIONS)}
    assert told == {"kafka": 1, "mongodb": 0, "qdrant": 0}


def test_servers_are_asked_for_certificates_where_settings_say_tls() -> None:
    assert servers_with_tls(Settings()) == {}
    settings = Settings(
        kafka=KafkaSettings(bootstrap_servers="a:1,[::1]:2", security_protocol="SSL"),
        mongodb=MongoDBSettings(url=SecretStr("mongodb://u:p@b:3,c/?tls=true")),
        qdrant=QdrantSettings(url="https://d"),
    )
    assert servers_with_tls(settings) == {
        "kafka": [("a", 1), ("::1", 2)],
        "mongodb": [("b", 3), ("c", 27017)],
        "qdrant": [("d", 443)],
    }


async def test_the_end_of_a_certificate_is_that_which_a_server_shows_in_its_handshake(tmp_path: Path) -> None:
    file = Authority(tmp_path).sign("server")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    kafka = KafkaSettings(bootstrap_servers=f"127.0.0.1:{port}", security_protocol="SSL")
    seen = Certificates(Settings(kafka=kafka).changed(api__certificate_file=file, api__key_file=file))
    async with server:
        await seen.look()
    told = {str((each.attributes or {})["server"]): float(each.value) for each in seen._observe(OPTIONS)}
    tomorrow = datetime.now(UTC) + timedelta(days=1)  # as the authority has it
    assert set(told) == {"kafka", "api"}
    assert all(abs(end - tomorrow.timestamp()) < 3600 for end in told.values())
    await seen.look()
    assert {float(each.value) for each in seen._observe(OPTIONS)} == set(told.values()), (
        "one that is away keeps its end"
    )
