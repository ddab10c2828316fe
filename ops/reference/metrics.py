"""The metrics as a page."""

import re

from ops.reference.markdown import code, sentence, table
from streams.metrics import METRICS, Metric

_UNITS = {"s": "_seconds", "By": "_bytes"}


def page() -> str:
    """Return the page."""
    rows = [
        (code(prometheus_name(each)), each.kind, _unit(each), ", ".join(map(code, each.labels)), sentence(each.meaning))
        for each in METRICS
    ]
    return "\n".join(
        [
            "# Metrics",
            "",
            "What a worker reports over OTLP and at `/metrics`, by the names that Prometheus gives them.",
            "",
            "Every series also has `job`, the kind of worker, and `instance`, the worker. In OpenTelemetry",
            f"{code(prometheus_name(METRICS[0]))} is {code(METRICS[0].name)}, and so on.",
            "A histogram has the series `_bucket`, `_sum` and `_count`.",
            "",
            *table(("metric", "kind", "unit", "labels", "meaning"), rows),
            "",
        ]
    )


def prometheus_name(metric: Metric) -> str:
    """Return what Prometheus calls it: the unit follows the name, `_total` follows a counter's."""
    total = "_total" if metric.kind == "counter" else ""
    return re.sub(r"\W", "_", metric.name) + _UNITS.get(metric.unit, "") + total


def _unit(metric: Metric) -> str:
    return metric.unit.strip("{}")
