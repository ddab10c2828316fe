"""Policy preview: what another policy would make of the same state."""

from dataclasses import dataclass
from typing import Any

from processors.sync.merge import State, survivors
from processors.sync.policy import Policy


@dataclass(frozen=True, slots=True)
class Change:
    """A field whose surviving value would change; None where there is none."""

    field: str
    before: Any
    after: Any


def diff(state: State, old: Policy, new: Policy) -> list[Change]:
    """Return the fields, in alphabetical order, that `new` decides otherwise than `old`."""
    before, after = survivors(state, old).fields, survivors(state, new).fields
    names = sorted(before.keys() | after.keys())
    return [Change(n, before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)]
