"""Evaluates PromQL at one moment: what alert rules need of it, and no more.

`promql-parser` makes the tree. What is not supported is refused before anything is evaluated, so that a rule file
either means here what it means in Prometheus, or is not taken.
"""

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import promql_parser as ast

from ops.alerts import functions
from ops.alerts.functions import AGGREGATIONS, OF_VALUES, OVER_RANGE
from ops.alerts.history import NAME, History, Labels, Selection
from schemas.errors import LoomaError
from schemas.exits import Exit

Vector = dict[Labels, float]


class QueryError(LoomaError):
    """An expression cannot be evaluated; the text says why."""

    code = "query"
    exit_status = Exit.USAGE


def _modulo(a: float, b: float) -> float:
    return math.fmod(a, b) if b and math.isfinite(a) else math.nan


def _divided(a: float, b: float) -> float:
    if b:
        return a / b
    return math.nan if not a or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1, b)


def _power(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan if a else math.inf


ARITHMETIC: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
    "%": _modulo,
    "^": _power,
}
COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
SETS = ("and", "or", "unless")
OTHERS = ("absent", "clamp_max", "clamp_min", "histogram_quantile", "scalar", "time", "vector")
FUNCTIONS = {*OVER_RANGE, *OF_VALUES, *OTHERS}


def parsed(expression: str) -> Any:
    """Return the tree of an expression. Raises QueryError if it is no PromQL, or asks for what is not here."""
    try:
        tree = ast.parse(expression)
    except ValueError as error:
        raise QueryError(f"{expression!r} is no PromQL: {error}") from None

    def visit(node: Any) -> bool:
        if reason := _unsupported(node):
            raise QueryError(f"{reason} is not supported: {node.prettify()}")
        return True

    ast.walk(tree, visit)
    return tree


def _unsupported(node: Any) -> str | None:
    if isinstance(node, ast.SubqueryExpr):
        return "a subquery"
    if isinstance(node, ast.AggregateExpr) and str(node.op) not in AGGREGATIONS:
        return str(node.op)
    if isinstance(node, ast.Call) and (
        node.func.name not in FUNCTIONS or (node.func.name == "time") == bool(node.args)
    ):
        return f"{node.func.name}()"
    if isinstance(node, ast.BinaryExpr):
        filling = node.modifier and node.modifier.fill_values
        if filling and (filling.lhs is not None or filling.rhs is not None):
            return "fill"
        if str(node.op) not in {*ARITHMETIC, *COMPARISONS, *SETS}:
            return str(node.op)
    if isinstance(node, ast.VectorSelector):
        if node.at or node.matchers.or_matchers:
            return "@" if node.at else "or between matchers"
        try:
            _selection(node)
        except re.error:
            return "this regular expression"
    return None


def selections_in(tree: Any) -> list[tuple[Selection, float]]:
    """Return what an expression asks for: which series, and how many seconds back without what a sample may be old."""
    found: list[tuple[Selection, float]] = []

    def visit(node: Any) -> bool:
        if isinstance(node, ast.MatrixSelector):
            selector = node.vector_selector
            found.append((_selection(selector), node.range.total_seconds() + _back(selector)))
        elif isinstance(node, ast.VectorSelector):
            found.append((_selection(node), _back(node)))
        return True

    ast.walk(tree, visit)
    return found


def evaluate(node: Any, history: History, at: float) -> Vector | float:
    """Return an instant vector or a scalar at a time, in seconds since 1970. Raises QueryError."""
    ask = partial(evaluate, history=history, at=at)
    if isinstance(node, ast.NumberLiteral):
        return float(node.val)
    if isinstance(node, ast.ParenExpr):
        return ask(node.expr)
    if isinstance(node, ast.UnaryExpr):  # the parser leaves a plus out
        inner = ask(node.expr)
        return -inner if isinstance(inner, float) else _each(inner, operator.neg)
    if isinstance(node, ast.VectorSelector):
        return {labels: value for labels, _, value in history.latest(_selection(node), at - _back(node))}
    if isinstance(node, ast.AggregateExpr):
        return _aggregated(node, _vector(ask(node.expr)))
    if isinstance(node, ast.BinaryExpr):
        return _combined(node, ask(node.lhs), ask(node.rhs))
    if isinstance(node, ast.Call):
        return _called(node, history, at)
    raise QueryError(f"what is neither a vector nor a number is not supported: {node.prettify()}")


def _vector(value: Vector | float) -> Vector:
    if isinstance(value, float):
        raise QueryError("a number stands where a vector must")
    return value


def _bare(node: Any) -> Any:
    while isinstance(node, ast.ParenExpr):
        node = node.expr
    return node


def _back(selector: Any) -> float:
    offset = selector.offset
    return offset.total_seconds() if isinstance(offset, timedelta) else 0.0


def _selection(selector: Any) -> Selection:
    name, conditions = selector.name, [(m.name, _condition(m)) for m in selector.matchers.matchers]
    for matcher in selector.matchers.matchers:
        if matcher.name == NAME and matcher.op == ast.MatchOp.Equal and name is None:
            name = matcher.value
    return Selection(name, conditions)


def _condition(matcher: Any) -> Callable[[str], bool]:
    value: str = matcher.value
    if matcher.op == ast.MatchOp.Equal:
        return lambda found: found == value
    if matcher.op == ast.MatchOp.NotEqual:
        return lambda found: found != value
    pattern = re.compile(value, re.DOTALL)
    wanted = matcher.op == ast.MatchOp.Re
    return lambda found: (pattern.fullmatch(found) is not None) == wanted


def _only(labels: Labels, names: Iterable[str]) -> Labels:
    kept = set(names)
    return frozenset(pair for pair in labels if pair[0] in kept)


def _without(labels: Labels, *names: str) -> Labels:
    return frozenset(pair for pair in labels if pair[0] not in names)


def _unique(pairs: Iterable[tuple[Labels, float]]) -> Vector:
    found: Vector = {}
    for labels, value in pairs:
        if labels in found:
            raise QueryError("two series of a result have the same labels")
        found[labels] = value
    return found


def _each(vector: Vector, function: Callable[[float], float]) -> Vector:
    return _unique((_without(labels, NAME), function(value)) for labels, value in vector.items())


def _aggregated(node: Any, vector: Vector) -> Vector:
    groups: dict[Labels, list[float]] = {}
    for labels, value in vector.items():
        if node.modifier is None:
            group: Labels = frozenset()
        elif node.modifier.type == ast.AggModifierType.By:
            group = _only(labels, node.modifier.labels)
        else:
            group = _without(labels, NAME, *node.modifier.labels)
        groups.setdefault(group, []).append(value)
    return {group: AGGREGATIONS[str(node.op)](values) for group, values in groups.items()}


def _called(node: Any, history: History, at: float) -> Vector | float:
    name, arguments = node.func.name, node.args
    if name in OVER_RANGE:
        matrix = _bare(arguments[0])
        if len(arguments) > 1 or not isinstance(matrix, ast.MatrixSelector):
            raise QueryError(f"{name} of anything but a range of samples is not supported: {node.prettify()}")
        return _over_range(name, matrix, history, at)
    if name == "time":
        return float(at)
    values = [evaluate(argument, history, at) for argument in arguments]
    if name in OF_VALUES:
        return _each(_vector(values[0]), OF_VALUES[name])
    match name, values:
        case "vector", [float() as value]:
            return {frozenset(): value}
        case "scalar", [dict() as vector]:
            return next(iter(vector.values())) if len(vector) == 1 else math.nan
        case "absent", [dict() as vector]:
            return {} if vector else {_told(arguments[0]): 1.0}
        case "clamp_min", [dict() as vector, float() as bound]:
            return _each(vector, lambda value: value if math.isnan(value) else max(value, bound))
        case "clamp_max", [dict() as vector, float() as bound]:
            return _each(vector, lambda value: value if math.isnan(value) else min(value, bound))
        case "histogram_quantile", [float() as q, dict() as vector]:
            return {of: functions.quantile(q, buckets) for of, buckets in functions.by_histogram(vector).items()}
    raise QueryError(f"the arguments of {name} are none of it: {node.prettify()}")


def _over_range(name: str, matrix: Any, history: History, at: float) -> Vector:
    seconds, end = matrix.range.total_seconds(), at - _back(matrix.vector_selector)
    found = []
    for labels, samples in history.within(_selection(matrix.vector_selector), end, seconds):
        value = OVER_RANGE[name](samples, end, seconds)
        if value is not None:
            found.append((labels if name == "last_over_time" else _without(labels, NAME), value))
    return _unique(found)


def _told(selector: Any) -> Labels:
    """Return the labels that a selector asks for by value: those that `absent` speaks of."""
    selector = _bare(selector)
    if not isinstance(selector, ast.VectorSelector):
        return frozenset()
    names = [m.name for m in selector.matchers.matchers]
    equal = (m for m in selector.matchers.matchers if m.op == ast.MatchOp.Equal and names.count(m.name) == 1)
    return frozenset((m.name, m.value) for m in equal if m.name != NAME and m.value)


def _combined(node: Any, left: Vector | float, right: Vector | float) -> Vector | float:
    sign, modifier = str(node.op), node.modifier
    as_bool = bool(modifier and modifier.return_bool)
    if sign in SETS:
        return _set(sign, modifier, _vector(left), _vector(right))

    def compute(a: float, b: float) -> float | None:
        """Return the result of two values, None if the comparison leaves it out."""
        if sign in ARITHMETIC:
            return ARITHMETIC[sign](a, b)
        holds = COMPARISONS[sign](a, b)
        return float(holds) if as_bool else (math.nan if holds else None)

    keeps = sign in COMPARISONS and not as_bool
    if isinstance(left, float) and isinstance(right, float):
        if keeps:
            raise QueryError(f"numbers are compared with bool: {node.prettify()}")
        result = compute(left, right)
        return math.nan if result is None else result
    if isinstance(left, dict) and isinstance(right, dict):
        return _matched(node, left, right, compute, keeps)
    of = left if isinstance(left, dict) else _vector(right)
    found = []
    for labels, value in of.items():
        result = compute(value, right) if isinstance(right, float) else compute(float(left), value)  # type: ignore[arg-type]
        if result is not None:
            found.append((labels, value) if keeps else (_without(labels, NAME), result))
    return _unique(found)


def _signature(modifier: Any) -> Callable[[Labels], Labels]:
    """Return what of a series' labels decides with which it is matched."""
    matching = modifier.matching if modifier else None
    if matching and matching.type == ast.LabelModifierType.Include:
        return lambda labels: _only(labels, matching.labels)
    ignored = matching.labels if matching else []
    return lambda labels: _without(labels, NAME, *ignored)


def _set(sign: str, modifier: Any, left: Vector, right: Vector) -> Vector:
    signature = _signature(modifier)
    if sign == "or":
        known = set(map(signature, left))
        return left | {labels: value for labels, value in right.items() if signature(labels) not in known}
    known = set(map(signature, right))
    return {labels: value for labels, value in left.items() if (signature(labels) in known) == (sign == "and")}


def _matched(
    node: Any, left: Vector, right: Vector, compute: Callable[[float, float], float | None], keeps: bool
) -> Vector:
    """Compute for each pair of series; of a comparison that `keeps`, the left value stays."""
    modifier, cards = node.modifier, ast.VectorMatchCardinality
    card = modifier.card if modifier else cards.OneToOne
    signature = _signature(modifier)
    many, one = (right, left) if card == cards.OneToMany else (left, right)
    known: dict[Labels, Labels] = {}
    for labels in one:
        if known.setdefault(signature(labels), labels) != labels:
            raise QueryError(f"several series match one: {node.prettify()}")
    found, taken = [], set()
    for labels, value in many.items():
        of = signature(labels)
        if of not in known:
            continue
        other = one[known[of]]
        a, b = (other, value) if card == cards.OneToMany else (value, other)
        result = compute(a, b)
        if card == cards.OneToOne and of in taken:
            raise QueryError(f"several series match one: {node.prettify()}")
        taken.add(of)
        if result is None:
            continue
        matching = modifier.matching if modifier else None
        own = labels if keeps else _without(labels, NAME)
        if card == cards.OneToOne and matching:
            include = matching.type == ast.LabelModifierType.Include
            own = _only(own, matching.labels) if include else _without(own, *matching.labels)
        elif card != cards.OneToOne:
            names = modifier.group_labels or []
            own = _without(own, *names) | _only(known[of], names)
        found.append((own, a if keeps else result))
    return _unique(found)
