"""The sync stage judges clocks by the message's place in the log, not by the moment at which it is read."""

from datetime import timedelta
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider

from connectors.checkpoint import Checkpoint
from processors.sync.policy import DEFAULT
from schemas import semconv
from schemas.chain import PUBLISHED
from schemas.envelope import Envelope
from schemas.errors import BadMessageError
from schemas.events import EntityEvent, encode
from schemas.settings import EVENTS_KEPT, RetentionSettings
from schemas.topics import TOPICS
from streams.delivery import Delivery, Inbound
from streams.sync import SyncStage
from tests.support.events import BASE
from tests.support.sync_sinks import SyncSinks


def inbound(appended: timedelta) -> Inbound:
    envelope = Envelope("e1", "crm", "looma.talent.upserted", "t1", BASE, 2)
    key, value, headers = encode(EntityEvent(envelope, "talent", "upserted", {"title": "a"}))
    return Inbound("talent-events", 0, 0, key, value, headers, (BASE + appended).timestamp())


@pytest.fixture
def sinks() -> SyncSinks:
    return SyncSinks()


@pytest.fixture
def stage(sinks: Any) -> SyncStage:
    return SyncStage("talent", sinks, sinks, DEFAULT)


def test_what_comes_from_the_future_is_a_bad_message_until_its_time_has_come(stage: SyncStage) -> None:
    with pytest.raises(BadMessageError) as caught:
        stage.decode(inbound(timedelta(minutes=-6)))
    assert caught.value.code == "clock_skew"
    assert stage.decode(inbound(timedelta(minutes=-5))).fields == {"title": "a"}


@pytest.mark.parametrize(("age", "late"), [(EVENTS_KEPT, None), (EVENTS_KEPT + timedelta(seconds=1), True)])
async def test_what_is_older_than_its_topic_keeps_is_applied_and_flagged(
    stage: SyncStage, sinks: SyncSinks, age: timedelta, late: bool | None
) -> None:
    message = inbound(age)
    span: Any = TracerProvider().get_tracer("t").start_span("s")
    await stage.process([Delivery(message, stage.decode(message), span)])
    assert sinks.stored["t1"].record.fields == {"title": "a"}
    assert span.attributes.get(semconv.LATE) == late
    (published,) = sinks.published
    assert dict(published.headers)[PUBLISHED] == str(round(message.timestamp * 1000)).encode()


def test_every_topic_has_the_brokers_clock() -> None:
    assert {spec.config(RetentionSettings())["message.timestamp.type"] for spec in TOPICS} == {"LogAppendTime"}


def test_a_run_counts_what_was_late_with_what_it_published() -> None:
    run = Checkpoint(run="r", source="s", identity="i", entity=None, provenance="crm", started_at=BASE, saved_at=BASE)
    for late in (True, False, True):
        run.count("crm", "talent", late=late)
    assert run.published == {"crm": {"talent": 3}}
    assert run.late == {"crm": {"talent": 2}}
