"""Survivorship: from the candidates for one field to the value that survives, and how it was decided."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

from processors.sync import contact_points
from processors.sync.contribution import DECISION, Candidate
from processors.sync.normal_form import Normal, contains, form, tidiness
from processors.sync.policy import ContactPoints, FieldPolicy, OneValue, Policy, Rule, Union

AGREEMENT = "agreement"
UNDECIDED = "undecided"
_FEW = 20


class Resolution(NamedTuple):
    """What survives of a field. `candidates` are those that competed, newest first.

    `decided_by` names the step that left one meaning: `agreement` if there was no other value, `decision`, `copies`,
    `null`, `stale_after`, a rule, `union`, `contact_points`, `event_id` if even the times are equal, or `undecided`:
    then the value is deterministic, but a person should look.
    """

    value: Any
    chosen: Candidate
    decided_by: str
    candidates: tuple[Candidate, ...]


def canonical(value: Any, rule: FieldPolicy, policy: Policy) -> Any:
    """Return a value as the record shows it: contact points in normal form, an empty list as no value."""
    if isinstance(rule, OneValue) or value is None:
        return value
    return _unite([value], rule, policy)


def resolve(rule: FieldPolicy, candidates: Sequence[Candidate], policy: Policy) -> Resolution:
    """Decide one field among its candidates, in any order."""
    ordered = tuple(sorted(candidates, key=lambda c: c.stamp, reverse=True))
    decision = next((c for c in ordered if c.source == DECISION), None)
    if decision is not None:
        newer = ordered[: ordered.index(decision)]
        older = ordered[len(newer) + 1 :]
        if not newer:
            return Resolution(canonical(decision.value, rule, policy), decision, "decision", older or ordered)
        ordered = newer if isinstance(rule, OneValue) else (*newer, decision)
    if isinstance(rule, OneValue):
        return _one_value(ordered, rule, policy)
    value = _unite([c.value for c in ordered], rule, policy)
    if isinstance(rule, Union):
        return Resolution(value, ordered[0], "union", ordered)
    doubtful = rule.ambiguity_edits and len(value or ()) > 1 and _slips(ordered, rule, policy)
    return Resolution(value, ordered[0], UNDECIDED if doubtful else "contact_points", ordered)


def _slips(ordered: Sequence[Candidate], rule: ContactPoints, policy: Policy) -> bool:
    """Whether two contact points are so near that one may be a slip of the pen (a letter wrong, missing, added, or two
    swapped); not if one source has both.
    """
    lists = [_form(c.value, rule, policy) for c in ordered]
    return any(
        OSA.distance(a, b, score_cutoff=rule.ambiguity_edits) <= rule.ambiguity_edits
        and not any(a in points and b in points for points in lists)
        for a, b in _comparable(sorted(frozenset().union(*lists)), rule.ambiguity_edits)
    )


def _comparable(points: Sequence[str], edits: int) -> Iterator[tuple[str, str]]:
    """Yield the pairs that may be `edits` apart: of a single one, those that share what a letter less leaves of them.

    Sources that many strangers name may have thousands of contact points, too many to compare each with each.
    """
    if edits > 1 or len(points) < _FEW:
        yield from combinations(points, 2)
        return
    kept: dict[str, list[str]] = {}
    for point in points:
        for rest in {point, *(point[:i] + point[i + 1 :] for i in range(len(point)))}:
            others = kept.setdefault(rest, [])
            for other in others:
                yield other, point
            others.append(point)


def agree(candidates: Sequence[Candidate], rule: FieldPolicy, policy: Policy) -> bool:
    """Return whether all candidates say the same after normalisation."""
    first = candidates[0].value
    if all(c.value == first for c in candidates):
        return True
    return len({_form(c.value, rule, policy) for c in candidates}) == 1


def _form(value: Any, rule: FieldPolicy, policy: Policy) -> Normal:
    if isinstance(rule, OneValue):
        return form(value, name=rule.compare == "name")
    if isinstance(rule, Union):
        return form(value or [])
    return frozenset(
        contact_points.identity(contact_points.parse(rule.contact_points, v, policy.phone_region)) for v in value or ()
    )


def _unite(lists: Sequence[list[Any] | None], rule: Union | ContactPoints, policy: Policy) -> list[Any] | None:
    """Newest list first; an element already there by identity is not added again."""
    found: dict[Normal, Any] = {}
    for values in lists:
        for value in values or ():
            if isinstance(rule, ContactPoints):
                point = contact_points.parse(rule.contact_points, value, policy.phone_region)
                found.setdefault(contact_points.identity(point), point.text)
            else:
                found.setdefault(_identity(value, rule), value)
    return list(found.values()) or None


def _identity(value: Any, rule: Union) -> Normal:
    key = value.get(rule.union) if isinstance(value, dict) else value
    return form(key)


class _Entry(NamedTuple):
    """A candidate with what the rules look at."""

    candidate: Candidate
    form: Normal
    rank: int


def _one_value(ordered: tuple[Candidate, ...], rule: OneValue, policy: Policy) -> Resolution:
    entries = [_Entry(c, _form(c.value, rule, policy), policy.rank(c.source)) for c in ordered]  # newest first
    if _agree(entries):
        return _resolution(entries[0], entries, AGREEMENT, ordered)
    told = [e for e in entries if e.candidate.source not in policy.copies] or entries
    left, decided_by = told, "copies"
    if not _agree(left):
        left, decided_by = _without_nulls(told), "null"
        if not left:
            return _resolution(next(e for e in told if e.form is None), told, "null", ordered)
    current = left
    for step in rule.rules:
        if _agree(left):
            break
        if step == "newest":
            return _resolution(left[0], current, _by_time(left, rule), ordered)
        if step == "source_priority" and rule.stale_after is not None:
            left, decided_by = _without_stale(left, rule.stale_after), "stale_after"
            if _agree(left):
                break
        left, decided_by = _KEEP[step](left), step
    return _resolution(left[0], current, decided_by, ordered)


def _agree(entries: Sequence[_Entry]) -> bool:
    first = entries[0].form
    return all(e.form == first for e in entries)


def _resolution(
    winner: _Entry, current: Sequence[_Entry], decided_by: str, ordered: tuple[Candidate, ...]
) -> Resolution:
    """Of all that mean what the winner means, the best spelling survives."""
    spellings = [e for e in current if e.form == winner.form]
    best = max(spellings, key=lambda e: (tidiness(e.candidate.value), -e.rank, e.candidate.stamp)).candidate
    return Resolution(best.value, best, decided_by, ordered)


def _without_nulls(entries: Sequence[_Entry]) -> list[_Entry]:
    """A null erases what sources of no higher trust said before it; newer statements begin anew."""
    nulls = [e for e in entries if e.form is None]
    return [
        e
        for e in entries
        if e.form is not None and not any(n.rank <= e.rank and n.candidate.stamp > e.candidate.stamp for n in nulls)
    ]


def _without_stale(entries: Sequence[_Entry], age: timedelta) -> list[_Entry]:
    newest = _time(entries[0])
    return [e for e in entries if newest - _time(e) <= age]


def _most_trusted(entries: Sequence[_Entry]) -> list[_Entry]:
    best = min(e.rank for e in entries)
    return [e for e in entries if e.rank == best]


def _most_complete(entries: Sequence[_Entry]) -> list[_Entry]:
    return [e for e in entries if not any(contains(other.form, e.form) for other in entries)]


def _longest(entries: Sequence[_Entry]) -> list[_Entry]:
    lengths = [len(e.form) if isinstance(e.form, str | frozenset) else 0 for e in entries]
    return [e for e, length in zip(entries, lengths, strict=True) if length == max(lengths)]


_KEEP: dict[Rule, Callable[[Sequence[_Entry]], list[_Entry]]] = {
    "source_priority": _most_trusted,
    "most_complete": _most_complete,
    "longest": _longest,
}


def _by_time(entries: Sequence[_Entry], rule: OneValue) -> str:
    """Return whether the time may decide between the newest and the newest that contradicts it."""
    rival = next(e for e in entries if e.form != entries[0].form)
    gap = _time(entries[0]) - _time(rival)
    if rule.ambiguity_window is not None and gap <= rule.ambiguity_window:
        return UNDECIDED
    return "newest" if gap else "event_id"


def _time(entry: _Entry) -> datetime:
    return datetime.fromisoformat(entry.candidate.time)
