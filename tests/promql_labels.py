"""Which labels the result of a PromQL expression has, from those of its series; refuses what can never have a result."""

from collections.abc import Iterator, Mapping
from typing import Any

import promql_parser
from promql_parser import (
    AggModifierType,
    AggregateExpr,
    BinaryExpr,
    Call,
    LabelModifierType,
    MatchOp,
    NumberLiteral,
    ParenExpr,
    StringLiteral,
    SubqueryExpr,
    UnaryExpr,
    VectorSelector,
)

Labels = frozenset[str]
Series = Mapping[str, Mapping[str, Any]]
SCALARS = {"time", "scalar", "pi"}


class NeverError(AssertionError):
    """The expression names a series or a label that there is not, or asks for what no series can have."""


def parsed(expression: str) -> Any:
    """Return the syntax tree, with what Grafana would put in for its variables."""
    return promql_parser.parse(expression.replace("$__rate_interval", "5m").replace("$$__tags", ""))


def labels_of(node: Any, series: Series) -> Labels | None:
    """Return the labels of a vector; None for a scalar. Raises NeverError."""
    if isinstance(node, NumberLiteral | StringLiteral):
        return None
    if isinstance(node, ParenExpr | UnaryExpr | SubqueryExpr):
        return labels_of(node.expr, series)
    if isinstance(node, AggregateExpr):
        return _aggregated(node, series)
    if isinstance(node, BinaryExpr):
        return _combined(node, series)
    if isinstance(node, Call):
        return _called(node, series)
    selector = node if isinstance(node, VectorSelector) else node.vector_selector
    if selector.name not in series:
        raise NeverError(f"no metric is called {selector.name}")
    known = frozenset(series[selector.name]["labels"])
    _check({m.name for m in selector.matchers.matchers}, known, selector)
    return known


def _check(wanted: set[str], known: Labels, node: Any) -> None:
    if missing := wanted - known:
        raise NeverError(f"{sorted(missing)} is no label of {node.prettify()}, which has {sorted(known)}")


def _aggregated(node: AggregateExpr, series: Series) -> Labels:
    inner = labels_of(node.expr, series) or frozenset()
    if node.modifier is None:
        return frozenset()
    _check(set(node.modifier.labels), inner, node.expr)
    named = frozenset(node.modifier.labels)
    return named if node.modifier.type == AggModifierType.By else inner - named


def _combined(node: BinaryExpr, series: Series) -> Labels | None:
    left, right = labels_of(node.lhs, series), labels_of(node.rhs, series)
    if left is None or right is None:
        return left if right is None else right
    if str(node.op) == "or":
        return left & right  # of either side
    matching = node.modifier.matching if node.modifier else None
    if matching is None:
        if left != right:
            raise NeverError(f"{sorted(left)} never matches {sorted(right)}: {node.prettify()}")
    elif matching.type == LabelModifierType.Include:
        for side, labels in ((node.lhs, left), (node.rhs, right)):
            _check(set(matching.labels), labels, side)
    return left


def _called(node: Call, series: Series) -> Labels | None:
    if node.func.name in SCALARS:
        return None
    arguments = [labels_of(argument, series) for argument in node.args]
    vector = next((labels for labels in arguments if labels is not None), frozenset())
    if node.func.name == "absent":
        (selector,) = node.args
        return frozenset(m.name for m in selector.matchers.matchers if m.op == MatchOp.Equal)
    if node.func.name == "histogram_quantile":
        _check({"le"}, vector, node)
        return vector - {"le"}
    return vector


def selectors(node: Any) -> Iterator[VectorSelector]:
    """Yield every selector of series in an expression."""
    found: list[VectorSelector] = []

    def visit(each: Any) -> bool:
        if isinstance(each, VectorSelector):
            found.append(each)
        return True

    promql_parser.walk(node, visit)
    yield from found


def thresholds(node: Any) -> Iterator[tuple[str, float]]:
    """Yield each histogram of which a quantile is compared with a number, and that number."""
    found: list[tuple[str, float]] = []

    def visit(each: Any) -> bool:
        if (
            isinstance(each, BinaryExpr)
            and isinstance(each.rhs, NumberLiteral)
            and "histogram_quantile" in str(each.lhs)
        ):
            found.extend((selector.name or "", each.rhs.val) for selector in selectors(each.lhs))
        return True

    promql_parser.walk(node, visit)
    yield from found
