"""Labelled conflicts from a simulated world, and how well the survivorship policy decides them.

Wherever two systems' current values of a field differ, that is a case. Its truth comes from the world: what was true
when one of these systems last looked. The policy is not consulted.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from ops.evaluation.conflict_world import BEGIN, Statement, World
from ops.evaluation.seeds import CONFLICTS_TEST
from processors.sync.conflicts import conflicts_of
from processors.sync.merge import State, apply, survivors
from processors.sync.policy import DEFAULT, Policy
from processors.sync.survivorship import UNDECIDED
from schemas.envelope import Envelope
from schemas.events import EntityEvent

Kind = Literal[
    "contradiction",
    "typo",
    "misread",
    "skewed clock",
    "stale copy",
    "cleared field",
    "unknown as null",
    "trusted source outdated",
    "truth changed",
    "partial",
    "list union",
    "format",
]

_LISTS = ("emails", "phones", "skills")


@dataclass(frozen=True, slots=True)
class Case:
    """One conflict with its kind, whether the policy decided it and whether the surviving value is right.

    `outdated`: the surviving list is right in that all of it was once true, but some of it was given up since.
    """

    kind: Kind
    field: str
    decided: bool
    correct: bool
    outdated: bool
    decided_by: str


def cases(seed: int, count: int, policy: Policy = DEFAULT) -> Iterator[Case]:
    """Yield `count` conflicts of the world of `seed`, judged under `policy`."""
    world, found, number = World(seed), 0, 0
    while found < count:
        number += 1
        written: dict[str, Statement] = {}
        events = []
        for at, (source, day, statements) in enumerate(world.history(person := world.person())):
            action: Literal["upserted", "deleted"] = "deleted" if statements is None else "upserted"
            for name, statement in (statements or {}).items():
                written[f"{number}-{at}/{name}"] = statement
            time = BEGIN + timedelta(days=day)
            envelope = Envelope(f"{number}-{at}", source, f"looma.talent.{action}", f"t{number}", time, 2)
            fields = {n: s.value for n, s in (statements or {}).items()}
            events.append(EntityEvent(envelope, "talent", action, fields))
        world.shuffle(events)
        state = apply(State(), events)
        merged = survivors(state, policy)
        decided_by = {c.field: c.decided_by for c in conflicts_of(merged, policy)}
        current: dict[str, dict[str, Statement]] = {}
        for (name, source), contribution in state.contributions.items():
            current.setdefault(name, {})[source] = written[f"{contribution.event_id}/{name}"]
        for name, by_source in sorted(current.items()):
            if len({json.dumps(s.value, sort_keys=True) for s in by_source.values()}) > 1:
                how = decided_by.get(name, "normalisation")
                last = max(by_source.values(), key=lambda s: s.seen).seen
                truth = person.at(name, last)
                correct = _correct(name, merged.fields.get(name), truth, by_source)
                outdated = name in _LISTS and _outdated(name, merged.fields.get(name), truth)
                yield Case(_kind(name, by_source, truth), name, how != UNDECIDED, correct, outdated, how)
                found += 1
                if found == count:
                    return


def _correct(name: str, survived: Any, truth: Any, by_source: Mapping[str, Statement]) -> bool:
    """Whether what survived is the best that any system wrote of the truth; of lists: all that was ever true, only."""
    if name in _LISTS:
        plain = {_plain(name, v) for v in survived or ()}
        facts = {v.lower() for s in by_source.values() for v in _faithful(name, s)}
        return plain == facts
    if truth is None:
        return survived is None
    right = [s for s in by_source.values() if s.means == truth]
    best = min((s.badness for s in right), default=0)
    return any(s.value == survived for s in right if s.badness == best)


def _outdated(name: str, survived: Any, truth: Any) -> bool:
    return not {_plain(name, v) for v in survived or ()} <= {v.lower() for v in truth}


def _faithful(name: str, statement: Statement) -> list[str]:
    """Return the facts that a list states, without what a typo made up."""
    known = {v.lower() for v in statement.means or ()}
    return [v for v in (_plain(name, value) for value in statement.value or ()) if v in known]


def _plain(name: str, value: Any) -> str:
    """Return the world's own notation of an element."""
    if name == "phones":
        digits = "".join(c for c in value if c.isdigit())
        return "+86" + digits[-11:]
    return str(value["name"] if name == "skills" else value).lower()


def _kind(name: str, by_source: Mapping[str, Statement], truth: Any) -> Kind:
    """Name the case by the hardest thing in it."""
    tags = {tag for s in by_source.values() for tag in s.tags}
    old = {source for source, s in by_source.items() if s.means != truth}
    if "contradiction" in tags:
        return "contradiction"
    if "typo" in tags:
        return "typo"
    if "misread" in tags:
        return "misread"
    if name in _LISTS:
        return "list union" if old or name == "skills" else "format"
    if "skew" in tags:
        return "skewed clock"
    if truth is None:
        return "cleared field"
    if "unknown" in tags:
        return "unknown as null"
    if any("copy" in s.tags and s.means != truth for s in by_source.values()):
        return "stale copy"
    if old & {"crm", "zervigo"} and not by_source.keys() - old & {"crm", "zervigo"}:
        return "trusted source outdated"
    if old:
        return "truth changed"
    return "partial" if "partial" in tags else "format"


def measure(seed: int = CONFLICTS_TEST, count: int = 20_000, policy: Policy = DEFAULT) -> dict[str, Any]:
    """Return the shares of cases decided without a person and of those that are right, also by kind.

    Other spellings and lists to unite are the easy half, so the figures without them are given too.
    """
    total: Counter[str] = Counter()
    values: Counter[str] = Counter()
    kinds: dict[str, Counter[str]] = {}
    for case in cases(seed, count, policy):
        hard = case.kind not in ("format", "list union")
        for counter in (total, kinds.setdefault(case.kind, Counter()), *([values] if hard else [])):
            counter["cases"] += 1
            counter["decided"] += case.decided
            counter["correct"] += case.decided and case.correct
            counter["outdated"] += case.decided and case.correct and case.outdated
    return {
        "seed": seed,
        "policy": policy.version,
        **_shares(total),
        "without_formats_and_unions": _shares(values),
        "by_kind": {kind: _shares(c) for kind, c in sorted(kinds.items(), key=lambda item: -item[1]["cases"])},
    }


def _shares(counter: Mapping[str, int]) -> dict[str, Any]:
    cases, decided = counter["cases"], counter["decided"]
    return {
        "cases": cases,
        "decided": round(decided / cases, 4),
        "correct": round(counter["correct"] / decided, 4) if decided else None,
        "outdated": round(counter["outdated"] / decided, 4) if decided else None,
    }
