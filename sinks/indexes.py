"""MongoDB's indexes: declared beside what they serve, applied here, and compared with what a server has."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from pymongo import IndexModel
from pymongo.errors import OperationFailure

from schemas.settings import DEFAULT_RETENTION, RetentionSettings
from sinks import conversations, feedback, identities, matches, mongodb, requests, settled, starts, tasks

INDEXES = {**mongodb.INDEXES, **matches.INDEXES, **identities.INDEXES}
"""Of every generation's database."""

SHARED = {
    **feedback.INDEXES,
    **conversations.INDEXES,
    **requests.INDEXES,
    **settled.INDEXES,
    **starts.INDEXES,
    **tasks.INDEXES,
}
"""Of the base database alone: what all generations share."""

SEGMENT_DAYS = 8
"""By how much longer a message may be in its topic: Kafka closes a segment after a week, and deletes whole ones."""

_EXPIRY = "expireAfterSeconds"
_OPTIONS = ("unique", "sparse", _EXPIRY, "partialFilterExpression")
_OF_ITSELF = "_id_"


class _Shape(NamedTuple):
    """What makes an index what it is."""

    fields: tuple[tuple[str, Any], ...]
    options: dict[str, Any]


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


def expiry(retention: RetentionSettings) -> Mapping[tuple[str, str], float]:
    """Return by which index of a shared collection documents go, and after how many days; 0: never.

    Conversations go whole: streams/chat_app.py sees to that.
    """
    letters = retention.dead_letters_days
    return {
        (settled.SETTLED, "at"): letters and letters + SEGMENT_DAYS,
        (starts.STARTS, "at"): retention.starts_days,
        (tasks.TASKS, "begun_at"): retention.tasks_days,
    }


def declared(retention: RetentionSettings = DEFAULT_RETENTION, *, base: bool) -> Mapping[str, Sequence[IndexModel]]:
    """Return the indexes of a generation's database, and with `base` of what all generations share."""
    if not base:
        return INDEXES
    days = expiry(retention)
    shared = {
        collection: [_expiring(model, days.get((collection, model.document["name"]), 0.0)) for model in models]
        for collection, models in SHARED.items()
    }
    return {**INDEXES, **shared}


def _expiring(model: IndexModel, days: float) -> IndexModel:
    if not days:
        return model
    document = dict(model.document)
    return IndexModel(list(document.pop("key").items()), **document, expireAfterSeconds=round(days * 86_400))


async def apply_indexes(
    database: mongodb.Database, retention: RetentionSettings = DEFAULT_RETENTION, *, base: bool = False
) -> list[str]:
    """Create the declared indexes that are missing; return the names of all, as `collection.index`.

    One that keeps documents for another time than the settings say is made anew.
    """
    names = []
    for collection, models in declared(retention, base=base).items():
        if base and collection in SHARED:
            await _drop_if_it_keeps_otherwise(database, collection, models)
        created = await database[collection].create_indexes(list(models))
        names += [f"{collection}.{name}" for name in created]
    return names


async def _drop_if_it_keeps_otherwise(
    database: mongodb.Database, collection: str, models: Sequence[IndexModel]
) -> None:
    there = await _there(database, collection)
    for name, wanted in _wanted(models).items():
        if name in there and there[name] != wanted and _timeless(there[name]) == _timeless(wanted):
            await database[collection].drop_index(name)


async def check_indexes(
    database: mongodb.Database, retention: RetentionSettings = DEFAULT_RETENTION, *, base: bool = False
) -> list[Finding]:
    """Compare the indexes of a database with those declared. Collections that nobody declares are passed over."""
    found: list[Finding] = []
    for collection, models in declared(retention, base=base).items():
        there, used = await _there(database, collection), await _used(database, collection)
        found += (Finding(database.name, collection, *each) for each in _compared(_wanted(models), there, used))
    return found


def _compared(
    wanted: Mapping[str, _Shape], there: Mapping[str, _Shape], used: Mapping[str, tuple[int, object]]
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


def _wanted(models: Sequence[IndexModel]) -> dict[str, _Shape]:
    return {model.document["name"]: _shape(model.document) for model in models}


async def _there(database: mongodb.Database, collection: str) -> dict[str, _Shape]:
    return {index["name"]: _shape(index) async for index in await database[collection].list_indexes()}


def _shape(index: Mapping[str, Any]) -> _Shape:
    options = {name: index[name] for name in _OPTIONS if index.get(name) not in (None, False)}
    return _Shape(tuple(dict(index["key"]).items()), options)


def _timeless(shape: _Shape) -> _Shape:
    return shape._replace(options={name: value for name, value in shape.options.items() if name != _EXPIRY})


def _told(shape: _Shape) -> str:
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
