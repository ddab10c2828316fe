"""Which messages are a person's, topic by topic."""

import json

import pytest

from processors.privacy import Person, identifiers_of, is_about, people_of

HER = Person("t-1", frozenset((b"her@example.com",)))


def body(**fields: object) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("topic", "key", "value", "headers", "hers"),
    [
        ("talent-events", b"t-1", b"{not json", [], True),
        ("talent-events", b"t-11", b"her@example.com", [], False),
        ("talent-events", b"\xff", b"mail her@example.com", [], True),
        ("talent-events", None, b"mail him@example.com", [], False),
        ("talent-records", b"t-1", b"{}", [], True),
        ("match-requests", b"t-1", body(entity="talent", id="t-1"), [], True),
        ("match-requests", b"t-1", body(entity="job", id="t-1"), [], False),
        ("match-results", b"t-1|j", body(status="active", features=[1]), [], True),
        ("match-results", b"t-1|j", body(status="withdrawn", features=[1]), [], True),
        ("match-results", b"t-1|j", body(status="withdrawn", features=[]), [], False),
        ("match-results", b"t-11|j", body(status="active"), [], False),
        ("match-feedback", b"t-1|j", body(talent_id="t-1"), [], True),
        ("match-feedback", b"t-11|j", body(talent_id="t-11"), [], False),
        ("match-feedback", b"j|t-1", body(talent_id="j"), [], False),
        ("match-feedback", b"\xff", body(talent_id="t-1"), [], True),
        ("dead-letters", b"t-1|j", b"{not json", [("dlq_topic", b"match-feedback")], True),
        ("dead-letters", b"\xff", b"", [("dlq_topic", b"match-feedback"), ("ce_subject", b"t-1|j")], True),
        ("sync-conflicts", b"t-1", body(entity="talent"), [], True),
        ("sync-conflicts", b"t-1", body(entity="company"), [], False),
        ("identities", b"talent:t-1", body(entity="talent", members=[]), [], True),
        ("identities", b"talent:t-2", body(entity="talent", members=["t-1", "t-2"]), [], True),
        ("identities", b"company:t-2", body(entity="company", members=["t-1"]), [], False),
        ("identity-events", b"x", body(entity="talent", left="t-0", right="t-1"), [], True),
        ("identity-events", b"x", b"\xff", [], False),
        ("resume-events", b"t-1", body(talent_id="t-1", text="her"), [], True),
        ("resume-events", b"t-2", body(text="her@example.com"), [], False),
        ("resume-parsed", b"t-1", body(talent_id="t-1"), [], True),
        ("chat-events", b"c", b"write to her@example.com", [], True),
        ("chat-events", b"c", b"write to him@example.com", [], False),
        ("dead-letters", b"t-1", b"\xff", [("dlq_topic", b"talent-events")], True),
        ("dead-letters", b"t-1", b"\xff", [("dlq_topic", b"talent-records-g2")], True),
        ("dead-letters", b"t-1", b"\xff", [("dlq_topic", b"company-events")], False),
        ("dead-letters", b"\xff", b"", [("dlq_topic", b"resume-events"), ("ce_subject", b"t-1")], True),
        ("dead-letters", b"\xff", b"", [("dlq_topic", b"talent-events"), ("ce_subject", b"t-1")], True),
        ("dead-letters", None, b"mail her@example.com", [("dlq_topic", b"talent-events")], True),
        ("dead-letters", None, None, [("dlq_topic", b"dead-letters")], False),
        ("job-events", b"t-1", b"her@example.com", [], False),
    ],
)
def test_a_message_is_hers_by_the_rule_of_its_topic(topic, key, value, headers, hers) -> None:
    assert is_about(topic, key, value, headers, HER) is hers


def test_addresses_and_numbers_identify_but_names_and_short_texts_do_not() -> None:
    given = [("name", "王小明"), ("emails", ["a@b.example"]), ("phones", ["110", "+8613800000000"]), ("phones", None)]
    assert identifiers_of(given) == {b"a@b.example", b"+8613800000000"}


@pytest.mark.parametrize(
    ("topic", "key", "value", "people"),
    [
        ("talent-events", b"t-1", b"{not json", {"t-1"}),
        ("resume-events", b"t-1", b"{}", {"t-1"}),
        ("talent-events", b"\xff", b"{}", None),
        ("talent-events", None, b"{}", None),
        ("job-events", b"j-1", b"{}", set()),
        ("identity-events", b"x", body(entity="talent", left="t-1", right="t-2"), {"t-1", "t-2"}),
        ("identity-events", b"x", body(entity="company", left="t-1", right="t-2"), set()),
        ("identity-events", b"x", b"?", None),
        ("match-feedback", b"t-1|j", body(talent_id="t-1"), {"t-1"}),
        ("match-feedback", b"t-1|j", body(talent_id="t-2"), None),
        ("match-feedback", b"\xff", b"?", None),
    ],
)
def test_a_message_speaks_of_everybody_whom_it_names(topic, key, value, people) -> None:
    assert people_of(topic, key, value) == people
