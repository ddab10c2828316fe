"""The catalogue of topics, and what follows from it elsewhere."""

from hypothesis import given
from hypothesis import strategies as st

from processors.privacy import Person, is_about
from schemas.entities import ENTITIES, is_resolvable, is_side
from schemas.export import asyncapi
from schemas.topics import PIPELINE, RECORDS, TOPIC, TOPICS, of_kind, steps

SPOKEN_OF = [spec.name for spec in TOPICS if not spec.is_personal]


def test_every_topic_stands_once_and_has_a_kind() -> None:
    assert len(TOPIC) == len(TOPICS)
    assert of_kind("source") | of_kind("internal") | of_kind("result") | of_kind("notice") == set(TOPIC)


def test_what_goes_from_stage_to_stage_is_read_after_what_it_is_made_of() -> None:
    assert list(PIPELINE) == [name for step in steps() for name in step]
    unread = {RECORDS[e] for e in ENTITIES if not is_side(e) and not is_resolvable(e)}
    assert of_kind("internal") - set(PIPELINE) == unread
    assert all(TOPIC[name].kind == "source" for name in steps()[0])


@given(st.sampled_from(SPOKEN_OF), st.text(min_size=1, max_size=9), st.binary(), st.none() | st.binary())
def test_what_names_nobody_is_about_nobody(topic: str, person: str, key: bytes, value: bytes | None) -> None:
    for each in (key, person.encode(), b"talent:" + person.encode()):
        assert not is_about(topic, each, value, [("ce_subject", person.encode())], Person(person))


def test_whoever_writes_and_subscribes_finds_every_topic_described() -> None:
    described = asyncapi()
    own = {"identity-events", "dead-letters"}  # written and read by commands
    assert set(described["channels"]) == set(TOPIC) - of_kind("internal") - own
    for name, operation in described["operations"].items():
        assert operation["action"] == ("receive" if TOPIC[name].kind == "source" else "send")
