"""What waiting for a server waits for, and what it does not."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, cast

import pytest
from loguru import logger
from pymongo.errors import AutoReconnect, OperationFailure

from schemas.settings import KafkaSettings, Settings
from sinks import starts
from sinks.errors import DatabaseLoginError
from sinks.topic_sink import TopicSink
from streams import kept_words, starting
from streams.app import Resources
from streams.chat_app import ChatResources
from streams.resume_app import ResumeResources
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


@pytest.mark.parametrize("kind", ["events", "resumes", "chat"])
async def test_every_kind_of_worker_has_its_start_recorded(
    kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever it opens: only MongoDB has to be there, and is waited for."""
    settings = Settings(data_dir=tmp_path).changed(worker__port=17_001)
    resources: Resources = {
        "events": lambda: Resources(settings, None),
        "resumes": lambda: ResumeResources(settings, cast("Any", None)),
        "chat": lambda: ChatResources(settings, None),
    }[kind]()
    noted: list[tuple[Any, ...]] = []
    failures = [AutoReconnect("away")]

    async def opened(_: AsyncExitStack) -> list[Any]:
        resources._base = cast("Any", "the base database")
        return []

    async def record(*start: object) -> None:
        if failures:
            raise failures.pop()
        noted.append(start)

    async def at_once(*_: object) -> None: ...

    monkeypatch.setattr(resources, "_open", opened)
    monkeypatch.setattr(starting.asyncio, "sleep", at_once)
    monkeypatch.setattr(starts, "record", record)
    for module, forever in ((kept_words, "let_go"), (resources, "_expire")):
        monkeypatch.setattr(module, forever, at_once)
    await resources.open()
    assert noted == [("the base database", resources.group, 17_001, settings.configuration)]
