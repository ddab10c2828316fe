"""What the worker's stages cannot decode is refused here too, whatever they raise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.sync.policy import DEFAULT
from schemas.entities import ENTITIES, Entity
from schemas.errors import BadMessageError
from schemas.records import SourceRecord
from schemas.topics import RECORDS
from streams.decoding import has_readable_names, refusal, stages_to_read
from streams.delivery import Inbound

STAGES = stages_to_read(DEFAULT)
TIMES = ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "2024-01-01T00:00:00Z", "?"]


@given(
    st.sampled_from(sorted(STAGES)),
    st.binary(max_size=20),
    st.one_of(st.binary(max_size=60), st.just(b'{"name": ' + b"9" * 5000 + b"}"), st.just(b"[" * 5000)),
    st.sampled_from(TIMES),
    st.lists(st.tuples(st.text(max_size=8), st.binary(max_size=8)), max_size=3),
    st.integers(-(2**62), 2**62),
)
def test_nothing_but_a_reason_comes_out(topic, key, value, time, more, milliseconds) -> None:
    entity = topic.partition("-")[0]
    headers = [("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"crm"), ("ce_time", time.encode())]
    headers += [("ce_type", f"looma.{entity}.upserted".encode()), ("ce_subject", key), *more]
    headers += [("ce_dataschema", f"urn:looma:{entity}:1".encode())]
    found = refusal(STAGES[topic], Inbound(topic, 0, 0, key, value, headers, milliseconds / 1000))
    assert found is None or isinstance(found, BadMessageError)


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_record_is_read_from_its_own_topic_alone(entity: Entity) -> None:
    value = SourceRecord(entity, "x1", 1, False, {}, {}).to_json()
    for other in ENTITIES:
        found = refusal(STAGES[RECORDS[other]], Inbound(RECORDS[other], 0, 0, b"x1", value, [], 0.0))
        assert (found.code if found else None) == (None if other == entity else "wrong_topic")


def test_names_that_no_producer_writes() -> None:
    message = Inbound("talent-events", 0, 0, None, None, [("名", b""), ("a", b"")], 0.0)
    assert has_readable_names(message)
    foreign = Inbound("talent-events", 0, 0, None, None, [("\udcff", b"")], 0.0)
    assert not has_readable_names(foreign)
