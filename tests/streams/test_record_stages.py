"""Record topics: whose records a stage takes, and what each delivery's outcome is."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.errors import BadMessageError
from schemas.records import SourceRecord
from streams.delivery import Delivery, Inbound
from streams.records import RecordStage, newest_revisions
from streams.tracing import tracer

RECORD = SourceRecord("talent", "t-1", 1, False, {}, {})


class Talents(RecordStage):
    entity = "talent"


def inbound(record: SourceRecord, key: bytes | None) -> Inbound:
    return Inbound("talent-records", 0, 0, key, record.to_json(), [], 0.0)


def test_a_record_is_taken_from_its_own_topic_under_its_own_key() -> None:
    assert Talents().decode(inbound(RECORD, b"t-1")) == RECORD
    for record, key, code in (
        (RECORD, b"t-2", "bad_key"),
        (RECORD, None, "bad_key"),
        (replace(RECORD, entity="company"), b"t-1", "wrong_topic"),
    ):
        with pytest.raises(BadMessageError) as caught:
            Talents().decode(inbound(record, key))
        assert caught.value.code == code


def test_half_of_a_batch_that_failed_is_not_superseded_by_the_other_half() -> None:
    deliveries: list[Any] = [
        Delivery(inbound(r, b"t-1"), r, tracer.start_span("s")) for r in (RECORD, replace(RECORD, revision=2))
    ]
    assert newest_revisions(deliveries) == {"t-1": deliveries[1]}
    assert [d.outcome for d in deliveries] == ["superseded", "applied"]
    newest_revisions(deliveries[:1])
    assert deliveries[0].outcome == "applied"
