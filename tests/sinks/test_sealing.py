"""Sealed values: opened by their key where they were put, by nobody else and nowhere else."""

import base64
import hashlib
import os
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import cramjam
import pytest
from aiokafka.structs import ConsumerRecord
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from schemas.settings import FileSecret, KafkaSettings
from schemas.topics import AUDIT, EVENTS, IDENTITIES, MATCH_REQUESTS, MATCH_RESULTS, RECORDS, RESUMES
from sinks import sealing
from sinks.sealing import SEALED, NoKeyError, Ring, SealingKeyError, name_of, ring
from streams.dead_letters import letter_of

KEY, OTHER = os.urandom(32), os.urandom(32)
TOPICS = ("dead-letters",)
OWN = Ring([KEY], TOPICS)
FOREIGN: Any = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "read_sealed.py"))["opened"]


def record(key: bytes | None, value: bytes | None, headers: Any, topic: str = "dead-letters") -> Any:
    return ConsumerRecord(topic, 0, 0, 0, 0, key, value, None, 0, 0, tuple(headers))


@settings(max_examples=30)
@given(st.none() | st.binary(), st.binary(), st.lists(st.tuples(st.sampled_from(["a", SEALED, "dlq_x"]), st.binary())))
def test_what_was_sealed_comes_back_whatever_a_publisher_wrote(
    key: bytes | None, value: bytes, headers: list[tuple[str, bytes]]
) -> None:
    sealed = OWN.seal("dead-letters", key, value, headers)
    read = record(key, sealed.value, sealed.headers)
    assert OWN.opened(read) == record(key, value, headers)
    assert FOREIGN("dead-letters", key, sealed.value, sealed.headers, [KEY]) == value, "by the example alone"
    again = OWN.seal("dead-letters", key, sealed.value, sealed.headers)
    assert OWN.opened(record(key, *again)) == record(key, value, headers), "sealed before it was redriven, and after"


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
        record(b"t-1", sealed.value[:20], sealed.headers),
    ):
        assert OWN.opened(moved) == moved


@pytest.mark.parametrize("without", [Ring([], ()), Ring([], TOPICS), Ring([OTHER], ("all",))])
def test_who_has_no_key_for_what_we_write_is_told_which_and_never_takes_it_for_the_value(without: Ring) -> None:
    for topic in ("dead-letters", RECORDS["talent"], f"{RECORDS['talent']}-g2", "a-topic-of-somebody"):
        sealed = Ring([KEY], (topic,)).seal(topic, b"t-1", b"x", [])
        with pytest.raises(NoKeyError, match=name_of(KEY)):
            without.opened(record(b"t-1", *sealed, topic=topic))
        assert without.lacks(record(b"t-1", *sealed, topic=topic)) == name_of(KEY)
    later = record(b"t-1", b"x", [(SEALED, b"3:" + name_of(KEY).encode())])
    with pytest.raises(NoKeyError):
        Ring([KEY], TOPICS).opened(later)  # in a way of which only a later version knows


def test_nobody_who_may_publish_stops_readers_by_naming_a_key_unless_the_topic_is_sealed() -> None:
    talents = EVENTS["talent"]
    hostile = record(b"t-1", b"x", [(SEALED, b"2:0123456789abcdef")], topic=talents)
    assert OWN.opened(hostile) is hostile
    assert OWN.lacks(hostile) is None
    with pytest.raises(NoKeyError, match="0123456789abcdef"):
        Ring([KEY], [talents]).opened(hostile)
    own = Ring([KEY], [talents]).seal(talents, b"t-1", b"x", [])
    assert OWN.opened(record(b"t-1", *own, topic=talents)).value == b"x", "with the key, whatever the setting"


def test_a_letter_that_kept_its_publishers_header_is_read_as_it_is_and_one_that_is_sealed_still_waits() -> None:
    forged, own = (SEALED, b"2:0123456789abcdef"), [("dlq_reason", b"invalid_data"), ("traceparent", b"00-1-1-01")]
    letter = record(b"t-1", b"x" * 60, [("ce_id", b"1"), forged, *own])
    without = Ring([], ())
    for keys in (without, OWN):
        assert keys.opened(letter) is letter
        assert keys.lacks(letter) is None
    assert FOREIGN("dead-letters", b"t-1", letter.value, letter.headers, [KEY]) == letter.value
    assert forged in letter_of(letter).headers, "redriven as it came"
    sealed = record(b"t-1", *OWN.seal("dead-letters", b"t-1", letter.value, list(letter.headers)))
    assert OWN.opened(sealed) == letter
    with pytest.raises(NoKeyError, match=name_of(KEY)):
        without.opened(sealed)


def test_a_key_that_is_added_to_its_file_opens_and_does_not_seal(tmp_path: Path, monkeypatch) -> None:
    now = [100.0]
    monkeypatch.setattr(sealing.time, "monotonic", lambda: now[0])
    file = tmp_path / "keys"
    first, second = (base64.b64encode(key).decode() for key in (KEY, OTHER))
    kafka = KafkaSettings(encryption_keys=[FileSecret(first, file)])
    sealed = record(None, *Ring([OTHER], TOPICS).seal("dead-letters", None, b"x", []))
    file.write_text(first)
    own = ring(kafka.model_copy(deep=True))
    for written in ("", "no key", f"{first}\n{second[:9]}", f"{first}\n"):
        file.write_text(written)
        now[0] += 60
        with pytest.raises(NoKeyError, match=name_of(OTHER)):
            own.opened(sealed)
    file.write_text(f"{second}\n{first}\n")
    with pytest.raises(NoKeyError):
        own.opened(sealed)  # whoever may publish has it read no more often than so
    now[0] += 60
    assert own.opened(sealed).value == b"x"
    file.unlink()
    assert own.opened(sealed).value == b"x"
    assert own.names == (name_of(KEY), name_of(OTHER))
    assert Ring([KEY], TOPICS).opened(record(None, *own.seal("dead-letters", None, b"y", []))).value == b"y"


def test_keys_are_changed_one_by_one() -> None:
    sealed = OWN.seal("dead-letters", None, b"x", [])
    both = Ring([OTHER, KEY], TOPICS)
    assert both.opened(record(None, *sealed)).value == b"x"
    anew = both.seal("dead-letters", None, b"y", [])
    assert Ring([OTHER], TOPICS).opened(record(None, *anew)).value == b"y"


def test_the_first_version_is_read() -> None:
    nonce = os.urandom(12)
    bound = b"dead-letters\0t-1"
    sealed = nonce + AESGCM(KEY).encrypt(nonce, bytes(cramjam.zstd.compress(b"x")), bound)
    name = hashlib.sha256(b"looma topic key\0" + KEY).hexdigest()[:16]
    assert OWN.opened(record(b"t-1", sealed, [(SEALED, f"1:{name}".encode())])).value == b"x"


def test_no_salt_seals_more_than_nonces_are_good_for(monkeypatch) -> None:
    monkeypatch.setattr(sealing, "_MOST_OF_SALT", 3)
    own = Ring([KEY], TOPICS)
    sealed = [own.seal("dead-letters", None, b"x", []) for _ in range(8)]
    salts = [each.value[:16] for each in sealed if each.value]
    assert [len(set(salts[n : n + 3])) for n in (0, 3, 6)] == [1, 1, 1]
    assert len(set(salts)) == 3
    assert Ring([KEY], TOPICS).seal("dead-letters", None, b"x", []).value[:16] not in salts  # type: ignore[index]
    assert {own.opened(record(None, *each)).value for each in sealed} == {b"x"}


@pytest.mark.parametrize(("topic", "is_sealed"), [("dead-letters", True), ("dead-letters-g2", True), ("audit", False)])
def test_only_the_topics_of_the_settings_are_sealed_and_no_tombstone(topic: str, is_sealed: bool) -> None:
    assert (OWN.seal(topic, b"k", b"v", []).value != b"v") == is_sealed
    assert OWN.seal(topic, b"k", None, []) == (None, [])


def test_all_are_those_that_we_write_and_that_hold_personal_data() -> None:
    own = Ring([KEY], ("all", RESUMES))
    for topic in (*RECORDS.values(), IDENTITIES, MATCH_REQUESTS, f"{MATCH_RESULTS}-g2", "chat-replies", RESUMES):
        assert own.seals(topic), topic
    for topic in (*EVENTS.values(), AUDIT, "ai-usage", "service-instances"):
        assert not own.seals(topic), topic


def test_settings_have_keys_or_none() -> None:
    none = ring(KafkaSettings())
    assert not none.names
    assert none.seal("dead-letters", b"k", b"v", []) == (b"v", [])
    good = KafkaSettings(encryption_keys=[SecretStr(base64.b64encode(KEY).decode())])
    found = ring(good)
    assert found is ring(good.model_copy())
    assert found.names == (name_of(KEY),)
    assert found.seals("dead-letters")
    assert not found.seals("chat-replies")
    two = KafkaSettings(encryption_keys=[SecretStr("\n".join(base64.b64encode(key).decode() for key in (OTHER, KEY)))])
    assert ring(two).names == (name_of(OTHER), name_of(KEY)), "one a line"
    for wrong in ("", "x", base64.b64encode(KEY[:16]).decode()):
        with pytest.raises(SealingKeyError, match="32 random bytes") as failure:
            ring(KafkaSettings(encryption_keys=[SecretStr(wrong)]))
        assert not wrong or wrong not in str(failure.value)
    with pytest.raises(ValidationError, match="talent-records"):
        KafkaSettings(sealed_topics=["talent-record"])


def test_a_record_of_before_is_read_as_it_is() -> None:
    plain = record(b"k", b"v", [("a", b"b")])
    assert OWN.opened(plain) is plain
    assert OWN.opened(replace(plain, value=None)).value is None
