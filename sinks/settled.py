"""MongoDB: the dead letters that somebody has redriven or discarded."""

from collections.abc import Mapping, Sequence

from pymongo import ASCENDING, IndexModel

SETTLED = "dead_letters_settled"
INDEXES: Mapping[str, Sequence[IndexModel]] = {SETTLED: [IndexModel([("at", ASCENDING)], name="at")]}
