"""Golden records as a pure function of decisions, whatever order these came in."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

_PERSON = 10**15
"""Outweighs every sum of computed weights; a person's un-merge outweighs a person's merge a million times over."""


@dataclass(frozen=True, slots=True)
class Link:
    """A computed decision on a pair, in thousandths of a bit: a positive weight links, a negative one separates."""

    left: str
    right: str
    weight: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """A person's decision on a pair, made by the event `id` at `time`; of several on one pair the last holds."""

    left: str
    right: str
    action: Literal["merge", "unmerge"]
    time: datetime
    id: str


def clusters(
    records: Mapping[str, datetime], links: Iterable[Link], verdicts: Iterable[Verdict] = ()
) -> dict[str, frozenset[str]]:
    """Return the members of each golden record by its id, every record in exactly one.

    `records` says when each was first seen. A golden record bears the id of its oldest member, so later records never
    rename it, and a record alone keeps its own id. Decisions on records that are not given do not count.

    Records are joined by greedy additive edge contraction (Keuper et al., 2015): the strongest link first; when two
    clusters join, their links to a third add up, so one link cannot chain clusters whose members speak against it.
    A pair that a person has un-merged is never in one cluster; a merge by a person comes before all computed links.
    Records that no chain of positive links connects do not affect each other, so a caller may pass one such component.
    """
    edges: dict[str, dict[str, int]] = defaultdict(dict)
    for (left, right), weight in _weights(links, verdicts).items():
        if left in records and right in records:
            edges[left][right] = edges[right][left] = weight
    members = {record: [record] for record in records}
    oldest = dict(records)  # of each cluster, by its root, which is its oldest member
    queue = [(-w, a, b) for a, row in edges.items() for b, w in row.items() if a < b and w > 0]
    heapq.heapify(queue)
    while queue:
        weight, left, right = heapq.heappop(queue)
        if edges.get(left, {}).get(right) != -weight:
            continue  # joined or changed meanwhile
        if (oldest[right], right) < (oldest[left], left):
            left, right = right, left
        members[left] += members.pop(right)
        for third, more in edges.pop(right).items():
            del edges[third][right]
            if third == left:
                continue
            total = edges[left].get(third, 0) + more
            edges[left][third] = edges[third][left] = total
            if total > 0:
                heapq.heappush(queue, (-total, min(left, third), max(left, third)))
    return {root: frozenset(found) for root, found in members.items()}


def _weights(links: Iterable[Link], verdicts: Iterable[Verdict]) -> dict[tuple[str, str], int]:
    """Integers, so that sums do not depend on their order; of several links on one pair the least holds."""
    found: dict[tuple[str, str], int] = {}
    for link in links:
        if link.left != link.right:
            pair = (min(link.left, link.right), max(link.left, link.right))
            found[pair] = min(link.weight, found.get(pair, link.weight))
    last: dict[tuple[str, str], Verdict] = {}
    for verdict in verdicts:
        if verdict.left != verdict.right:
            pair = (min(verdict.left, verdict.right), max(verdict.left, verdict.right))
            held = last.get(pair)
            if held is None or (verdict.time, verdict.id) > (held.time, held.id):
                last[pair] = verdict
    for pair, verdict in last.items():
        found[pair] = _PERSON if verdict.action == "merge" else -_PERSON * 10**6
    return found
