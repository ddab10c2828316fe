"""Resolution on records and pairs that other people have labelled."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from ops.evaluation.match import interval
from ops.evaluation.ranked import mean, ranked
from ops.evaluation.resolution import Row, blocked, f1, report
from ops.runtime.json_rows import DataError, json_rows, text_of
from processors.resolution.compare import compare
from processors.resolution.facts import facts
from processors.resolution.short_names import abbreviation_cost
from schemas.entities import Resolvable

_TRUTH = ("person", "company", "entity", "cluster")
_FIELDS: Mapping[Resolvable, Mapping[str, Sequence[Sequence[str]]]] = {
    "talent": {
        "name": (("name",), ("first_name", "surname"), ("given_name", "surname"), ("first_name", "last_name")),
        "emails": (("emails",), ("email",)),
        "phones": (("phones",), ("phone",)),
        "locations": (("locations",), ("location",), ("city",), ("suburb", "state")),
        "birth_date": (("birth_date",), ("date_of_birth",), ("dob",)),
        "street_address": (("street_address",), ("street_number", "address_1", "address_2"), ("address",)),
        "postal_code": (("postal_code",), ("postcode",)),
    },
    "company": {
        "name": (("name",),),
        "aliases": (("aliases",),),
        "website": (("website",), ("domain",)),
        "industry": (("industry",),),
        "locations": (("locations",), ("location",), ("city",)),
        "size": (("size",),),
    },
}
"""Where a field of a record is in other people's rows: the first of these of which most is said."""
_COMPACT = re.compile(r"^(\d{4})(\d\d)(\d\d)$")
_LISTS = frozenset(("emails", "phones", "locations", "aliases"))


def measure(path: Path, entity: Resolvable, corpus: Path | None = None, contact: str | None = None) -> dict[str, Any]:
    """Measure resolution on a file; its first row says which kind of file it is. Raises DataError.

    `contact` names a further column whose value counts as a phone number.
    """
    rows = list(json_rows(path))
    if not rows:
        raise DataError(f"{path.name}: empty")
    first = rows[0][1]
    if "name1" in first:
        return pairs(rows, entity)
    if "short" in first:
        if corpus is None:
            raise DataError(f"{path.name}: short names are looked for in a corpus; give --corpus FILE")
        return short_names(rows, {str(row.get("id")): text_of(row, "name", where) for where, row in json_rows(corpus)})
    return records(rows, entity, contact)


def records(rows: Iterable[tuple[str, Mapping[str, Any]]], entity: Resolvable, contact: str | None) -> dict[str, Any]:
    """Resolve records of which it is said who they are; see `Report` for the figures."""
    found: dict[str, Row] = {}
    for where, row in rows:
        truth = next((str(row[key]) for key in _TRUTH if row.get(key) is not None), None)
        if truth is None or row.get("id") is None:
            raise DataError(f"{where}: a record has an id and one of {', '.join(_TRUTH)}")
        fields: dict[str, Any] = {
            name: value for name, ways in _FIELDS[entity].items() if (value := _field(row, name, ways))
        }
        if birth := fields.get("birth_date"):
            fields["birth_date"] = _COMPACT.sub(r"\1-\2-\3", birth)
        if contact and row.get(contact):
            fields["phones"] = [*fields.get("phones", ()), str(row[contact])]
        found[str(row["id"])] = (str(row["id"]), truth, fields)
    measured = asdict(report(entity, blocked(entity, list(found.values()))))
    chosen = measured["at_threshold"]
    return {"format": "records", **{key: chosen[key] for key in ("precision", "recall", "f1")}, **measured}


def pairs(rows: Iterable[tuple[str, Mapping[str, Any]]], entity: Resolvable) -> dict[str, Any]:
    """Compare pairs of names that are said to be the same or not.

    Such labels ask what is likelier, so a pair counts as the same from even odds. Of records more is asked, and a slip
    in a name alone merges none: `merged` says what would be one at the threshold of merging.
    """
    judged = []
    for where, row in rows:
        if not isinstance(row.get("same"), bool):
            raise DataError(f"{where}: same must be true or false")
        sides = [facts(entity, {"name": text_of(row, name, where)}) for name in ("name1", "name2")]
        judged.append((compare(*sides).decision, row["same"]))
    return {
        "format": "pairs",
        "rows": len(judged),
        **_agreement((decision != "different", same) for decision, same in judged),
        "unsure": sum(decision == "unsure" for decision, _ in judged),
        "merged": _agreement((decision == "same", same) for decision, same in judged),
    }


def short_names(rows: Iterable[tuple[str, Mapping[str, Any]]], corpus: Mapping[str, str]) -> dict[str, Any]:
    """Rank full names for short ones by what it costs to read them so; of equals the shorter name comes first."""
    place = {name: n for n, name in enumerate(corpus)}
    full = list(corpus.values())
    found, left_out = [], 0
    for where, row in rows:
        relevant = {place[each] for each in map(str, row.get("relevant") or ()) if each in place}
        if not relevant:
            left_out += 1
            continue
        found.append(ranked(_likeness(text_of(row, "short", where), full), relevant))
    first = [float(each.reciprocal_rank == 1) for each in found]
    return {
        "format": "short names",
        "rows": len(found),
        "left_out": left_out,
        "accuracy_at_1": mean(first),
        "interval": interval(first),
        "mrr": mean([each.reciprocal_rank for each in found]),
    }


def _likeness(short: str, full: Sequence[str]) -> list[float]:
    """Return how likely each full name is meant; where a short name is no part of any, by the comparison of the two."""
    costs = [abbreviation_cost(short, each) for each in full]
    if any(cost is not None for cost in costs):
        unlikely = -1e6
        return [unlikely if c is None else -c - len(each) / 1000 for c, each in zip(costs, full, strict=True)]
    one = facts("company", {"name": short})
    return [compare(one, facts("company", {"name": each})).bits for each in full]


def _agreement(judged: Iterable[tuple[bool, bool]]) -> dict[str, float]:
    said, true = map(np.array, zip(*judged, strict=True))
    precision, recall = (float((said & true).sum() / max(of.sum(), 1)) for of in (said, true))
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1(precision, recall), 4)}


def _field(row: Mapping[str, Any], name: str, ways: Sequence[Sequence[str]]) -> Any:
    """Return what the columns of a way say, of the way of which most columns are known."""
    known = [[row[column] for column in columns if row.get(column)] for columns in ways]
    values = max(known, key=len)
    if not values:
        return None
    if name in _LISTS:
        return [str(v) for v in chain.from_iterable(v if isinstance(v, list) else [v] for v in values)]
    return " ".join(map(str, values))
