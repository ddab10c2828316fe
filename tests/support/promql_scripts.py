"""Reads the scripts of Prometheus' own tests of PromQL: what they load, what they ask, and what is right."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import promql_parser

from ops.alerts.history import NAME, History, Labels

_DURATION = re.compile(r"(\d+)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_REPEATED = re.compile(r"(?P<begin>[^x]+?)(?P<step>[+-][^x]+)?x(?P<count>\d+)")


def seconds(text: str) -> float:
    """Return a duration in seconds; a bare number is seconds."""
    found = _DURATION.findall(text)
    return sum(int(n) * _SECONDS[unit] for n, unit in found) if found else float(text)


def values(text: str) -> list[float | str | None]:
    """Return the samples of a series as promtool writes them: `_` for none, `stale` for an end."""
    found: list[float | str | None] = []
    for word in text.split():
        if word in ("_", "stale"):
            found.append(word)
        elif again := re.fullmatch(r"_x(\d+)", word):
            found += ["_"] * int(again[1])
        elif many := _REPEATED.fullmatch(word):
            begin, step = float(many["begin"]), float(many["step"] or 0)
            found += [begin + step * i for i in range(int(many["count"]) + 1)]
        else:
            found.append(float(word))
    return found


def series(text: str) -> tuple[Labels, str]:
    """Return the labels of a series and the text behind them. Raises ValueError."""
    quoted, depth, end = False, 0, len(text)
    for i, char in enumerate(text):
        if char == '"' and text[i - 1] != "\\":
            quoted = not quoted
        elif not quoted and char in "{}":
            depth += 1 if char == "{" else -1
        elif not quoted and not depth and char.isspace():
            end = i
            break
    selector = text[:end]
    if selector == "{}":
        return frozenset(), text[end:].strip()
    parsed: Any = promql_parser.parse(selector)
    pairs = {m.name: m.value for m in parsed.matchers.matchers}
    if parsed.name:
        pairs[NAME] = parsed.name
    return frozenset((n, v) for n, v in pairs.items() if v), text[end:].strip()


def load(history: History, step: float, text: str, begin: float = 0.0) -> str | None:
    """Load one series; return its name if it has samples that are no numbers, and so is left out."""
    labels, samples = series(text)
    if "{{" in samples:
        return dict(labels).get(NAME, "")
    for number, value in enumerate(values(samples)):
        if value != "_":
            history.add(labels, begin + step * number, None if value == "stale" else value)  # type: ignore[arg-type]
    return None


@dataclass
class Asked:
    """One question of a script, at one or more times, and the answer to each series: None where there is none."""

    query: str
    times: list[float]
    history: History
    left_out: set[str]
    line: int
    expected: list[str] = field(default_factory=list)

    @property
    def is_to_fail(self) -> bool:
        return any(re.match(r"expect(ed)?[ _]fail", line) for line in self.expected)

    @property
    def is_of_native_histograms(self) -> bool:
        """Whether it asks for series, or has answers, that are no numbers."""
        named = any(re.search(rf"\b{re.escape(name)}\b", self.query) for name in self.left_out)
        by_pattern = bool(self.left_out) and "__name__" in self.query
        return named or by_pattern or "{{" in "".join(self.expected)

    def answers(self) -> dict[Labels, list[float | None]] | list[float]:
        """Return the right answer: by series, or of a scalar."""
        found: dict[Labels, list[float | None]] = {}
        for line in self.expected:
            if line.startswith("expect"):
                continue
            if re.fullmatch(r"[-+]?(\d[\d.eE+-]*|Inf|NaN)", line):
                return [float(line)]
            labels, numbers = series(line)
            found[labels] = [None if v == "_" else float(v) for v in values(numbers)]  # type: ignore[arg-type]
        return found


def questions(script: str) -> Iterator[Asked]:
    """Yield what a script asks, each with all that was loaded before."""
    history, left_out, step, native = History(), set[str](), 0.0, False
    asked: Asked | None = None
    loading = False
    for number, raw in enumerate(script.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if not raw[0].isspace():
            if asked:
                yield asked
            asked, loading = None, False
            if line == "clear":
                history, left_out = History(), set()
            elif line.startswith("load"):
                loading, step, native = True, seconds(line.split()[1]), line.startswith("load_with_nhcb")
            elif found := re.match(r"eval\S*\s+instant\s+at\s+(\S+)\s+(.*)", line):
                asked = Asked(found[2], [seconds(found[1])], history, left_out, number)
            elif found := re.match(r"eval\S*\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.*)", line):
                begin, end, pace = map(seconds, found.groups()[:3])
                times = [begin + pace * i for i in range(int((end - begin) / pace + 1e-9) + 1)]
                asked = Asked(found[4], times, history, left_out, number)
            if asked and line.startswith("eval_fail"):
                asked.expected.append("expect fail")
        elif loading:
            if name := load(history, step, line):
                left_out.add(name)
            if native:  # each histogram is a native one as well, by its bare name
                left_out.add(re.sub(r"_(bucket|count|sum)\b.*", "", line.partition("{")[0].strip()))
        elif asked:
            asked.expected.append(line)
    if asked:
        yield asked


def alike(a: float | None, b: float | None) -> bool:
    """Whether two values are the same, but for what floats lose."""
    if a is None or b is None:
        return a is b
    return (math.isnan(a) and math.isnan(b)) or a == b or math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-12)
