"""A stored record is as its events say, whatever number its revision has and however often it was published again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.verify.ledger import Entry
from ops.verify.records import compare
from ops.verify.replica import Merger
from processors.sync.merge import State, apply
from processors.sync.policy import DEFAULT
from schemas.envelope import Envelope
from schemas.events import EntityEvent

BASE = datetime(2026, 1, 5, tzinfo=UTC)
MERGER = Merger("company", DEFAULT)
ENTRY = Entry(
    "c-1",
    apply(
        State(),
        [
            EntityEvent(
                Envelope(f"e{n}", "crm", "looma.company.upserted", "c-1", BASE + timedelta(minutes=n), 1),
                "company",
                "upserted",
                {"name": name},
            )
            for n, name in enumerate(("Loom", "Looma"))
        ],
    ),
)


def document(**other: Any) -> dict[str, Any]:
    return {**MERGER.stored(ENTRY).to_document(), **other}


@given(st.integers(1, 2**53), st.integers(0, 2**31))
def test_a_record_that_was_published_again_is_as_it_should_be(revision: int, retold: int) -> None:
    assert compare(MERGER, ENTRY, document(revision=revision, retold=retold)) is None


@pytest.mark.parametrize("retold", [None, -1, True, "1", 1.5])
def test_a_count_that_is_none_is_damage(retold: Any) -> None:
    found = compare(MERGER, ENTRY, document(retold=retold))
    assert found is not None
    assert found[0] == "corrupt"
    assert found[1] == ("retold: not a whole number; see `looma migrate list`",)


def test_a_record_of_before_migration_1_is_told_of() -> None:
    before = document()
    del before["retold"]
    found = compare(MERGER, ENTRY, before)
    assert found is not None
    assert found[0] == "corrupt"
    assert "looma migrate" in found[1][0]
