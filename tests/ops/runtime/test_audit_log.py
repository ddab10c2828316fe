"""What is noted is written whatever fails in between, and nothing is done that could not be told."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from aiokafka.errors import KafkaTimeoutError

from ops.runtime import audit as module
from ops.runtime.audit import Audit, AuditError, parse
from processors.audit import Verifier
from schemas.audit import AuditEvent
from schemas.settings import KafkaSettings
from sinks.topic_sink import Message

SECRET = b"s" * 32


class Sink:
    """Takes messages, or fails as Kafka does; what failed may have been appended."""

    def __init__(self) -> None:
        self.log: list[Message] = []
        self.fails = False
        self.loses = False

    async def publish(self, messages: Iterable[Message]) -> None:
        batch = list(messages)
        if not self.loses:
            self.log += batch
        await asyncio.sleep(0)
        if self.fails or self.loses:
            raise KafkaTimeoutError


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def audit(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> Audit:
    async def heads(_: KafkaSettings) -> list[Any]:
        return []

    monkeypatch.setattr(module, "heads", heads)
    return Audit(KafkaSettings(), SECRET, sink)  # type: ignore[arg-type]


def events(sink: Sink) -> list[AuditEvent]:
    found = [parse(message.value) for message in sink.log]
    assert all(found)
    verifier = Verifier(SECRET)
    for at, event in enumerate(found):
        verifier.add(str(at), event)
    assert verifier.verdict().breaks == []
    return [event for event in found if event]


async def test_a_chain_is_opened_by_the_first_event_and_closed_at_the_end(audit: Audit, sink: Sink) -> None:
    await audit.close()
    assert sink.log == []
    await audit.record("person.forgotten", about=[f"talent:~{n}" for n in range(250)])
    await audit.close()
    told = events(sink)
    assert [e.action for e in told] == ["chain.opened", *["person.forgotten"] * 3, "chain.closed"]
    assert [len(e.about) for e in told] == [0, 100, 100, 50, 0]


@pytest.mark.parametrize("how", ["fails", "loses"])
async def test_what_was_noted_outlives_a_failure(audit: Audit, sink: Sink, how: str) -> None:
    for name in ("a", "b", "a"):
        audit.note("personal_data.read", caller="local", about=name)
    setattr(sink, how, True)
    with pytest.raises(AuditError):
        await audit.flush()
    with pytest.raises(AuditError):
        await audit.record("key.pruned")
    setattr(sink, how, False)
    audit.note("personal_data.read", caller="local", about="c")
    await audit.close()
    last = [e for e in events(sink) if e.action == "personal_data.read"][-1]
    assert (last.about, last.details) == (["a", "b", "c"], {"reads": 4})


async def test_what_cannot_be_told_is_refused(audit: Audit, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_NOTED", 3)
    sink.loses = True
    for name in ("a", "b", "b", "c"):
        audit.note("personal_data.read", caller="local", about=name)
    for _ in range(2):
        with pytest.raises(AuditError):
            audit.note("personal_data.read", caller="local", about="d")
        with pytest.raises(AuditError):
            await audit.flush()
    sink.loses = False
    await audit.flush()
    audit.note("personal_data.read", caller="local", about="d")


async def test_a_caller_who_leaves_breaks_no_chain(audit: Audit, sink: Sink) -> None:
    for _ in range(5):
        leaving = asyncio.create_task(audit.record("dead_letters.read", about="x/0/1"))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.sleep(0.01)
    await audit.close()
    assert len({e.chain for e in events(sink)}) == 1
    assert [e.action for e in events(sink)].count("dead_letters.read") == 5
