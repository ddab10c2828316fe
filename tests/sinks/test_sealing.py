"""Sealed values: opened by their key where they were put, by nobody else and nowhere else."""

import base64
import os
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from schemas.settings import KafkaSettings
from sinks.sealing import SEALED, Ring, SealingKeyError, ring

KEY, OTHER = os.urandom(32), os.urandom(32)
TOPICS = ("dead-letters",)
OWN = Ring([KEY], TOPICS)
FOREIGN: Any = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "read_sealed.py"))["opened"]


def record(key: bytes | None, value: bytes | None, headers: Any, topic: str = "dead-letters") -> Any:
    return ConsumerRecord(topic, 0, 0, 0, 0, key, value, None, 0, 0, tuple(headers))


@settings(max_examples=30)
@given(st.none() | st.binary(), st.binary(), st.lists(st.tuples(st.sampled_from(["a", SEALED]), st.binary())))
def test_what_was_sealed_comes_back_whatever_a_publisher_wrote(
    key: bytes | None, value: bytes, headers: list[tuple[str, bytes]]
) -> None:
    sealed = OWN.seal("dead-letters", key, value, headers)
    read = record(key, sealed.value, sealed.headers)
    assert OWN.opened(read) == record(key, value, headers)
    assert FOREIGN("dead-letters", key, sealed.value, sealed.headers, [KEY]) == value, "by the example alone"
    again = OWN.seal("dead-letters", key, sealed.value, sealed.headers)
    assert OWN.opened(record(key, *again)) == record(key, value, headers), "copied by who has no key, and one who has"


def test_nothing_of_a_value_can_be_read_and_it_is_bound_to_its_place() -> None:
    value = "王小明 wang@example.com".encode() * 50
    sealed = OWN.seal("dead-letters", b"t-1", value, [])
    assert sealed.value is not None
    assert b"wang@" not in sealed.value
    assert len(sealed.value) < len(value) / 5, "packed first: what is encrypted cannot be packed"
    for moved in (
        record(b"t-2", *sealed),
        record(b"t-1", *sealed, topic="dead-letters-g2"),
        record(b"t-1", sealed.value[:-1] + bytes([sealed.value[-1] ^ 1]), sealed.headers),
        record(b"t-1", sealed.value[:5], sealed.headers),
    ):
        assert OWN.opened(moved) == moved
    assert Ring([OTHER], TOPICS).opened(record(b"t-1", *sealed)) == record(b"t-1", *sealed)


def test_keys_are_changed_one_by_one() -> None:
    sealed = OWN.seal("dead-letters", None, b"x", [])
    both = Ring([OTHER, KEY], TOPICS)
    assert both.opened(record(None, *sealed)).value == b"x"
    anew = both.seal("dead-letters", None, b"y", [])
    assert Ring([OTHER], TOPICS).opened(record(None, *anew)).value == b"y"


@pytest.mark.parametrize(("topic", "is_sealed"), [("dead-letters", True), ("dead-letters-g2", True), ("audit", False)])
def test_only_the_topics_of_the_settings_are_sealed_and_no_tombstone(topic: str, is_sealed: bool) -> None:
    assert (OWN.seal(topic, b"k", b"v", []).value != b"v") == is_sealed
    assert OWN.seal(topic, b"k", None, []) == (None, [])


def test_settings_have_keys_or_none() -> None:
    assert ring(KafkaSettings()) is None
    good = KafkaSettings(encryption_keys=[SecretStr(base64.b64encode(KEY).decode())])
    found = ring(good)
    assert found is not None
    assert found is ring(good.model_copy())
    assert found.seals("dead-letters")
    assert not found.seals("chat-replies")
    for wrong in ("", "x", base64.b64encode(KEY[:16]).decode()):
        with pytest.raises(SealingKeyError, match="32 random bytes") as failure:
            ring(KafkaSettings(encryption_keys=[SecretStr(wrong)]))
        assert not wrong or wrong not in str(failure.value)


def test_a_record_of_before_is_read_as_it_is() -> None:
    plain = record(b"k", b"v", [("a", b"b")])
    assert OWN.opened(plain) is plain
    assert OWN.opened(replace(plain, value=None)).value is None
