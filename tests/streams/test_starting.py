"""What waiting for a server waits for, and what it does not."""

from pathlib import Path

import pytest
from loguru import logger
from pymongo.errors import AutoReconnect, OperationFailure

from schemas.settings import KafkaSettings
from sinks.errors import DatabaseLoginError
from sinks.topic_sink import TopicSink
from streams import starting
from streams.starting import until_it_answers


async def test_it_waits_for_a_server_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(_: float) -> None: ...

    monkeypatch.setattr(starting.asyncio, "sleep", at_once)
    answers: list[Exception | str] = [AutoReconnect("away"), OSError("away"), "there"]

    async def ask() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await until_it_answers("MongoDB", ask) == "there"


@pytest.mark.parametrize("code", [13, 18, 8000])
async def test_a_refused_password_ends_it_with_one_line_and_no_secret(code: int) -> None:
    async def ask() -> None:
        raise OperationFailure("user looma with password s3cret", code)

    with pytest.raises(DatabaseLoginError, match=r"mongodb\.url") as told:
        await until_it_answers("MongoDB", ask)
    assert "s3cret" not in str(told.value)


async def test_what_is_wrong_with_kafka_s_settings_is_said_while_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    class Enough(BaseException):
        """It would wait for ever: a file, or a right, may still come."""

    async def stop(_: float) -> None:
        raise Enough

    said: list[str] = []
    sink = logger.add(said.append, format="{message}")
    monkeypatch.setattr(starting.asyncio, "sleep", stop)
    kafka = KafkaSettings(security_protocol="SSL", ca_file=Path("/nowhere/ca.pem"))
    with pytest.raises(Enough):
        await until_it_answers("Kafka", TopicSink(kafka, client_id="c").__aenter__)
    logger.remove(sink)
    assert "LoginError (kafka.ca_file /nowhere/ca.pem: No such file or directory)" in said[0]
