"""The golden record: what all the records of one person or company amount to together."""

from collections.abc import Mapping
from typing import Any

from processors.sync.merge import State, merge
from processors.sync.policy import Policy
from processors.sync.stored import StoredRecord
from schemas.entities import Resolvable

_OF_A_RECORD = ("revision", "retold", "contributions", "deleted_by")
"""What a stored record has and a golden record has not."""


def golden_document(
    entity: Resolvable, root: str, members: frozenset[str], states: Mapping[str, State], policy: Policy
) -> dict[str, Any]:
    """Return the golden record of `members`: what all their events amount to together under a policy."""
    state = State()
    for member in sorted(members & states.keys()):
        # Its deletes have erased what it said; what others say is theirs.
        state = merge(state, State(states[member].contributions))
    return _golden(StoredRecord.of(entity, root, 1, state, policy), members)


def golden_of_stored(
    entity: Resolvable, root: str, members: frozenset[str], stored: Mapping[str, StoredRecord], policy: Policy
) -> dict[str, Any]:
    """Return the same from stored records. One that is alone is computed already: its texts are not read again."""
    alone = stored.get(root) if members == {root} else None
    if alone and alone.policy == policy.version and not alone.record.deleted:
        return _golden(alone, members)
    return golden_document(entity, root, members, {i: stored[i].state for i in members & stored.keys()}, policy)


def _golden(record: StoredRecord, members: frozenset[str]) -> dict[str, Any]:
    document = {name: value for name, value in record.to_document().items() if name not in _OF_A_RECORD}
    return {**document, "members": sorted(members)}
