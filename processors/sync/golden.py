"""The golden record: what all the records of one person or company amount to together."""

from collections.abc import Mapping
from typing import Any

from processors.sync.merge import State, merge
from processors.sync.policy import Policy
from processors.sync.stored import StoredRecord
from schemas.entities import Resolvable


def golden_document(
    entity: Resolvable, root: str, members: frozenset[str], states: Mapping[str, State], policy: Policy
) -> dict[str, Any]:
    """Return the golden record of `members`: what all their events amount to together under a policy."""
    state = State()
    for member in sorted(members & states.keys()):
        # Its deletes have erased what it said; what others say is theirs.
        state = merge(state, State(states[member].contributions))
    document = StoredRecord.of(entity, root, 1, state, policy).to_document()
    for name in ("revision", "retold", "contributions", "deleted_by"):
        del document[name]
    return {**document, "members": sorted(members)}
