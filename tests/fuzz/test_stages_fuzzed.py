"""Whatever a Kafka client writes ends as an effect or as a dead letter with a precise code, in every stage."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import MAKERS, Sample, spoilt
from stages import NOW, TOPICS, through

CODES = frozenset(
    (
        *("effect", "missing_header", "bad_header", "bad_key", "unknown_type", "wrong_topic", "unknown_version"),
        *("invalid_json", "invalid_data", "oversized", "clock_skew", "structured_mode", "unreadable_batch"),
    )
)
_names = st.sampled_from(["ce_id", "ce_type", "ce_time", "ce_source", "ce_specversion", "ce_dataschema", "ce_subject"])
_headers = st.lists(st.tuples(_names | st.text(max_size=10), st.binary(max_size=40)), max_size=12)
_samples = st.builds(lambda make, n: make(f"id-{n}"), st.sampled_from(MAKERS), st.integers(0, 3))


@pytest.mark.parametrize("make", MAKERS)
def test_a_message_as_publishers_write_it_has_its_effect(make: object) -> None:
    sample: Sample = make("id-1")  # type: ignore[operator]
    assert through(sample.topic, sample.key, sample.body, sample.headers) == "effect"


@settings(max_examples=100)
@given(st.sampled_from(TOPICS), st.none() | st.binary(max_size=20), st.none() | st.binary(max_size=200), _headers)
def test_any_bytes(topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]) -> None:
    assert through(topic, key, value, headers) in CODES


@settings(max_examples=100)
@given(_samples, st.binary(max_size=300))
def test_any_value_under_sound_headers(sample: Sample, value: bytes) -> None:
    assert through(sample.topic, sample.key, value, sample.headers) in CODES


@settings(max_examples=400)
@given(_samples, st.randoms(use_true_random=False))
def test_a_sound_message_spoilt(sample: Sample, rng: Random) -> None:
    bad = spoilt(sample, rng)
    assert through(bad.topic, bad.key, bad.body, bad.headers) in CODES


@settings(max_examples=60)
@given(_samples, st.integers(-1, 2**63 - 1))
def test_any_time_of_the_broker(sample: Sample, milliseconds: int) -> None:
    assert through(sample.topic, sample.key, sample.body, sample.headers, milliseconds / 1000) in CODES


@settings(max_examples=100)
@given(_samples, st.datetimes(timezones=st.timezones() | st.just(None)) | st.text(max_size=40))
def test_any_time_of_the_event(sample: Sample, time: object) -> None:
    told = time if isinstance(time, str) else time.isoformat()  # type: ignore[attr-defined]
    headers = [(n, told.encode() if n == "ce_time" else v) for n, v in sample.headers]
    assert through(sample.topic, sample.key, sample.body, headers, NOW) in CODES
