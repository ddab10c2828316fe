"""Hostile messages are what they say: all kinds, repeatable, sendable, and beyond what decoders take."""

from collections import Counter
from itertools import islice

import pytest

from ops.faults.hostile import FIELDS, KINDS, MAX_BYTES, hostile
from schemas.errors import BadMessageError
from schemas.events import decode


def test_a_seed_gives_the_same_messages_always() -> None:
    assert list(islice(hostile(5), 300)) == list(islice(hostile(5), 300))
    assert list(islice(hostile(5), 300)) != list(islice(hostile(6), 300))


@pytest.mark.parametrize("entity", FIELDS)
def test_every_kind_comes_and_most_are_no_events(entity: str) -> None:
    messages = list(islice(hostile(1, entity), 1000))
    kinds = Counter(m.kind for m in messages)
    assert kinds.keys() == KINDS.keys()
    assert min(kinds.values()) > 1
    reasons: Counter[str] = Counter()
    for message in messages:
        try:
            decode(entity, message.key, message.value, message.text_headers)  # type: ignore[arg-type]
        except BadMessageError as error:
            reasons[error.code] += 1
        except Exception as error:
            reasons[type(error).__name__] += 1
    assert len(messages) / 2 < sum(reasons.values()) < len(messages)
    assert len(reasons) > 7


def test_a_topic_takes_them() -> None:
    for message in islice(hostile(2), 2000):
        size = len(message.key or b"") + len(message.value or b"")
        assert size + sum(len(name) + len(value or b"") for name, value in message.headers) <= MAX_BYTES
        assert 0 <= message.timestamp_ms < 2**63
