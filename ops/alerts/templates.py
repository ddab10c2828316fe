"""The texts of alerts: as much of Prometheus' templates as `{{ $labels.x }}` and `{{ $value | humanize }}`.

https://prometheus.io/docs/prometheus/latest/configuration/template_reference/
"""

import math
import re
from collections.abc import Callable, Mapping

from ops.alerts.promql import QueryError

_PLACE = re.compile(r"\{\{\s*\$(labels\.(?P<label>[A-Za-z_]\w*)|value(\s*\|\s*(?P<form>\w+))?)\s*\}\}")
_DAY = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def _significant(value: float) -> str:
    """Return four significant digits, without zeros at the end."""
    text = f"{value:.4g}"
    return re.sub(r"e([+-])(\d)$", r"e\g<1>0\2", text).replace("nan", "NaN").replace("inf", "+Inf").replace("-+", "-")


def humanize(value: float) -> str:
    """Return a number with a metric prefix: 12000 is 12k."""
    if not value or not math.isfinite(value):
        return _significant(value)
    prefix = ""
    if abs(value) >= 1:
        for larger in "kMGTPEZY":
            if abs(value) < 1000:
                break
            prefix, value = larger, value / 1000
    else:
        for smaller in "munpfazy":
            if abs(value) >= 1:
                break
            prefix, value = smaller, value * 1000
    return _significant(value) + prefix


def humanize_duration(value: float) -> str:
    """Return seconds as people say them: 119 is 1m 59s."""
    if not math.isfinite(value):
        return _significant(value)
    if abs(value) < 1:
        return humanize(value) + "s"
    if abs(value) < 60:
        return _significant(value) + "s"
    rest = int(abs(value))
    words: list[str] = []
    for name, length in _DAY:
        count, rest = divmod(rest, length)
        if count or words or name == "s":
            words.append(f"{count}{name}")
    return ("-" if value < 0 else "") + " ".join(words)


FORMS: Mapping[str, Callable[[float], str]] = {
    "humanize": humanize,
    "humanizeDuration": humanize_duration,
    "humanizePercentage": lambda value: _significant(value * 100) + "%",
}


def check(text: str) -> None:
    """Raise QueryError if a text has a place that cannot be filled."""
    rest = _PLACE.sub("", text)
    forms = {found["form"] for found in _PLACE.finditer(text)} - {None, *FORMS}
    if forms or "{{" in rest:
        raise QueryError(f"only $labels and $value, and of forms {', '.join(FORMS)}, can stand in {text!r}")


def filled(text: str, labels: Mapping[str, str], value: float) -> str:
    """Return a text with the labels and the value of an alert."""

    def put(found: re.Match[str]) -> str:
        if found["label"]:
            return labels.get(found["label"], "")
        return FORMS[found["form"]](value) if found["form"] else _plain(value)

    return _PLACE.sub(put, text)


def _plain(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
