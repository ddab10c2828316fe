"""REST filters as the engine's filters; what is not served is refused, never ignored."""

from typing import Any

import numpy as np
import qdrant_edge as edge

from ops.local.embedded.qdrant.errors import malformed

Json = dict[str, Any]
_CLAUSES = ("must", "must_not", "should")
_BOUNDS = frozenset({"gt", "gte", "lt", "lte"})


def parse_filter(body: Json | None) -> edge.Filter | None:
    """Return the engine's filter, None for none. Raises ApiError for what is not served."""
    if body is None:
        return None
    given = _given(body, {*_CLAUSES, "min_should"}, "filter")
    clauses: Json = {name: _conditions(given[name]) for name in _CLAUSES if name in given}
    if "min_should" in given:
        minimum = _given(given["min_should"], {"conditions", "min_count"}, "min_should")
        clauses["min_should"] = edge.MinShould(_conditions(minimum["conditions"]), minimum["min_count"])
    return edge.Filter(**clauses)


def _conditions(value: Any) -> list[Any]:
    return [_condition(c) for c in (value if isinstance(value, list) else [value])]


def _condition(body: Json) -> Any:
    if "has_id" in body:
        return edge.HasIdCondition(set(_given(body, {"has_id"}, "condition")["has_id"]))
    if "key" in body:
        return _field(body)
    for name, kind in (("is_empty", edge.IsEmptyCondition), ("is_null", edge.IsNullCondition)):
        if name in body:
            return kind(_given(body, {name}, "condition")[name]["key"])
    return parse_filter(body)


def _field(body: Json) -> Any:
    given = _given(body, {"key", "match", "range", "is_empty", "is_null"}, "condition")
    key = given.pop("key")
    if not given:
        raise malformed(f"condition on {key} is empty")
    if "match" in given:
        given["match"] = _match(given["match"])
    if "range" in given:
        given["range"] = edge.RangeFloat(**_given(given["range"], _BOUNDS, "range"))
    return edge.FieldCondition(key, **given)


def _match(body: Json) -> Any:
    ((kind, value),) = _given(body, {"value", "any", "except"}, "match").items()
    if kind == "value":
        # qdrant-edge 0.9 takes a Python bool for the integer that it is, and then matches nothing.
        exact: Any = np.bool_(value) if isinstance(value, bool) else value
        return edge.MatchValue(exact)
    if any(isinstance(v, bool) for v in value):
        raise malformed(f"match {kind}: texts or integers are expected")
    return edge.MatchAny(value) if kind == "any" else edge.MatchExcept(value)


def _given(body: Json, served: set[str] | frozenset[str], what: str) -> Json:
    """Return the keys with a value, refusing those that we do not serve."""
    given = {key: value for key, value in body.items() if value is not None}
    if unknown := sorted(given.keys() - served):
        raise malformed(f"{what}: {', '.join(unknown)} not supported")
    return given
