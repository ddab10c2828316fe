"""How a golden record differs from what its members make, told without a database."""

import copy
from datetime import UTC, datetime, timedelta

import pytest

from ops.verify.golden import compare, connected
from processors.resolution.clusters import Link
from processors.sync.golden import golden_document
from processors.sync.merge import State, apply
from processors.sync.policy import DEFAULT
from schemas.envelope import Envelope
from schemas.events import EntityEvent
from sinks.identities import Component

BASE = datetime(2026, 1, 5, 8, tzinfo=UTC)


def said(key: str, source: str, minute: int, **fields: object) -> EntityEvent:
    time = BASE + timedelta(minutes=minute)
    envelope = Envelope(f"{key}-{source}-{minute}", source, "looma.talent.upserted", key, time)
    return EntityEvent(envelope, "talent", "upserted", fields)


A = [said("a", "crm", 0, name="王小明", title="工程师"), said("a", "crm", 5, title="架构师")]
B = [said("b", "zervigo", 9, name="Wang Xiaoming", locations=["上海"])]
STATES = {"a": apply(State(), A), "b": apply(State(), B)}
EXPECTED = golden_document("talent", "a", frozenset("ab"), STATES, DEFAULT)


def verdict(document):
    return compare("talent", EXPECTED, document, STATES.values())


def changed(**parts):
    return {**copy.deepcopy(EXPECTED), **parts}


def test_what_its_members_make_is_no_difference() -> None:
    assert EXPECTED["fields"]["title"] == "架构师"
    assert EXPECTED["fields"]["locations"] == ["上海"]
    assert verdict(copy.deepcopy(EXPECTED)) is None


def test_there_is_none() -> None:
    assert verdict(None) == ("missing", ("its members make a golden record, and there is none",))


def test_of_before_an_event_it_is_stale() -> None:
    older = golden_document("talent", "a", frozenset("ab"), {**STATES, "a": apply(State(), A[:1])}, DEFAULT)
    assert verdict(older) == ("stale", ("fields.title: another value",))


def test_of_before_a_member_came_it_is_stale() -> None:
    older = golden_document("talent", "a", frozenset("a"), STATES, DEFAULT)
    kind, details = verdict(older)
    assert kind == "stale"
    assert "fields.locations: missing" in details
    assert details[-1] == "members: expected 2, found 1"


def test_after_a_member_left_it_is_stale() -> None:
    alone = golden_document("talent", "a", frozenset("a"), STATES, DEFAULT)
    kind, details = compare("talent", alone, EXPECTED, STATES.values())
    assert kind == "stale"
    assert "fields.locations: not expected" in details


def test_what_is_read_from_a_text_is_of_the_texts_event() -> None:
    states = {"a": apply(State(), [said("a", "crm", 7, name="Ann", summary="Skills: Python, Kafka, Go")])}
    read = golden_document("talent", "a", frozenset("a"), states, DEFAULT)
    assert read["provenance"]["skills"]["read_from"] == "summary"
    assert compare("talent", read, copy.deepcopy(read), states.values()) is None
    forged = copy.deepcopy(read)
    forged["provenance"]["skills"]["time"] = "2027-01-01T00:00:00.000000Z"
    kind, details = compare("talent", read, forged, states.values()) or ("", ())
    assert (kind, details) == ("corrupt", ("provenance.skills: not of its events",))


def test_a_confirmation_that_it_was_not_told_of_is_no_difference() -> None:
    again = apply(STATES["a"], [said("a", "crm", 30, title="架构师")])
    expected = golden_document("talent", "a", frozenset("ab"), {**STATES, "a": again}, DEFAULT)
    assert expected["provenance"] != EXPECTED["provenance"]
    assert compare("talent", expected, EXPECTED, [again, STATES["b"]]) is None


def edited(name: str, value: object):
    return changed(fields={**EXPECTED["fields"], name: value})


def forged(name: str, **source: str):
    sources = copy.deepcopy(EXPECTED["provenance"])
    sources.setdefault(name, {}).update(source)
    return changed(provenance=sources)


@pytest.mark.parametrize(
    ("document", "detail"),
    [
        (edited("title", "x"), "fields.title: another value"),
        (edited("remote", True), "fields.remote: not expected"),
        (edited("绝密", "绝密"), "fields.(unknown): not expected"),
        (forged("title", time="2027-01-01T00:00:00.000000Z"), "provenance.title: not of its events"),
        (forged("status", time="2026-01-05T08:00:00.000000Z"), "provenance.status: not of its events"),
        (changed(deleted=True), "deleted: another value"),
        (changed(surplus="绝密"), "(unknown): not expected"),
        (changed(fields="gone"), "fields or provenance: not readable"),
        (changed(provenance={"title": "gone"}), "provenance.title: not of its events"),
        ({k: v for k, v in EXPECTED.items() if k != "conflicts"}, "conflicts: missing"),
    ],
)
def test_what_no_event_made_is_corrupt(document, detail) -> None:
    kind, details = verdict(document)
    assert kind == "corrupt"
    assert detail in details
    assert "绝密" not in str(details)


@pytest.mark.parametrize("members", [None, "ab", [1], ["a"], ["a", "b", "b"]])
def test_other_members_are_told_by_their_number(members) -> None:
    kind, details = verdict(changed(members=members))
    assert kind == "stale"
    assert details[-1].startswith("members: expected 2, found ")


def test_a_golden_record_is_in_flight_with_all_that_is_settled_with_it() -> None:
    links = [Link("a", "b", 9.0), Link("c", "b", -4.0), Link("d", "c", 2.0), Link("x", "y", 9.0)]
    component = Component(links=links, golden={"e": "d", "f": "d", "g": "g", "x": "x"})
    assert connected(frozenset("a"), component) == set("abcdef")
    assert connected(frozenset("g"), component) == {"g"}
