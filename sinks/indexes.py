"""MongoDB's indexes: declared beside what they serve, applied here, and compared with what a server has."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pymongo import IndexModel
from pymongo.errors import OperationFailure

from sinks import conversations, feedback, identities, matches, mongodb, requests, starts, tasks

INDEXES = {**mongodb.INDEXES, **matches.INDEXES, **identities.INDEXES}
"""Of every generation's database."""

SHARED = {**feedback.INDEXES, **conversations.INDEXES, **requests.INDEXES, **starts.INDEXES, **tasks.INDEXES}
"""Of the base database alone: what all generations share."""

_OPTIONS = ("unique", "sparse", "expireAfterSeconds", "partialFilterExpression")
_OF_ITSELF = "_id_"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with an index, or odd about it.

    `missing`: declared and not there. `different`: there under its name, but of other fields or options.
    `undeclared`: there, and nobody here asks for it. `unused`: declared, and not used since the server started.
    """

    database: str
    collection: str
    index: str
    problem: Literal["missing", "different", "undeclared", "unused"]
    detail: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether it is for `apply_indexes`, or a person, to put right."""
        return self.problem in ("missing", "different")


def declared(*, base: bool) -> Mapping[str, Sequence[IndexModel]]:
    """Return the indexes of a generation's database, and with `base` of what all generations share."""
    return {**INDEXES, **(SHARED if base else {})}


async def apply_indexes(database: mongodb.Database, *, base: bool = False) -> list[str]:
    """Create the declared indexes that are missing; return the names of all, as `collection.index`."""
    names = []
    for collection, models in declared(base=base).items():
        created = await database[collection].create_indexes(list(models))
        names += [f"{collection}.{name}" for name in created]
    return names


async def check_indexes(database: mongodb.Database, *, base: bool = False) -> list[Finding]:
    """Compare the indexes of a database with those declared. Collections that nobody declares are passed over."""
    found: list[Finding] = []
    for collection, models in declared(base=base).items():
        there = {i["name"]: _shape(i) async for i in await database[collection].list_indexes()}
        used = await _used(database, collection)
        wanted = {m.document["name"]: _shape(m.document) for m in models}
        found += (Finding(database.name, collection, *each) for each in _compared(wanted, there, used))
    return found


def _compared(
    wanted: Mapping[str, Any], there: Mapping[str, Any], used: Mapping[str, tuple[int, object]]
) -> Iterator[tuple[str, Literal["missing", "different", "undeclared", "unused"], str]]:
    for name, shape in wanted.items():
        if name not in there:
            yield name, "missing", _told(shape)
        elif there[name] != shape:
            yield name, "different", f"{_told(there[name])}, not {_told(shape)}"
        elif name in used and not used[name][0]:
            yield name, "unused", f"since {used[name][1]}"
    for name in there.keys() - wanted.keys() - {_OF_ITSELF}:
        yield name, "undeclared", _told(there[name])


def _shape(index: Mapping[str, Any]) -> tuple[tuple[tuple[str, Any], ...], dict[str, Any]]:
    """Return the fields and the options that make an index what it is."""
    return tuple(dict(index["key"]).items()), {
        name: index[name] for name in _OPTIONS if index.get(name) not in (None, False)
    }


def _told(shape: tuple[tuple[tuple[str, Any], ...], dict[str, Any]]) -> str:
    fields, options = shape
    return ", ".join([*(f"{name} {order}" for name, order in fields), *(f"{n}={v}" for n, v in options.items())])


async def _used(database: mongodb.Database, collection: str) -> dict[str, tuple[int, object]]:
    """Return how often each index was used and since when, where the server counts that and we may ask."""
    try:
        stats = await database[collection].aggregate([{"$indexStats": {}}])
        told = {d["name"]: d["accesses"] async for d in stats}
    except OperationFailure:
        return {}
    return {name: (int(a["ops"]), a["since"]) for name, a in told.items() if a.get("since")}
