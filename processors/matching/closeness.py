"""How close talents and jobs are in meaning, measured for many pairs at once."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise, product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from processors.matching.meaning import fold, pack, unpack, width
from processors.matching.profile import Profile

Numbers = NDArray[Any]
NEAREST = 3
"""Rows of a talent that a job's title is compared with: their mean counts, of the nearest."""
_EXACT = 1040
"""Dimensions up to which a product of rows fits the 24 bits of a single float: 127 * 127 each."""

TAG = 4
"""Bytes that say which version of the encoder of titles a row is of; rows of two versions are not compared."""
_ALONE = 1 << 18
"""Multiplications that OpenBLAS does in one thread: to wake others takes longer than they save."""


class Closeness(NamedTuple):
    """How close a talent and a job are in meaning, as cosines.

    `whole` compares the records, `title` the job's title with the nearest that the talent's record says, `parts` each
    part of the job with the nearest of the talent's. `role` compares the two titles by the encoder of titles. None, and
    empty, where these are not embedded.
    """

    whole: float
    title: float | None = None
    parts: tuple[float, ...] = ()
    role: float | None = None


def measure(talents: Sequence[Profile], jobs: Sequence[Profile], wholes: Iterable[float]) -> list[Closeness]:
    """Return how close each talent is to each job, a talent's jobs together; `wholes` in the same order.

    Many pairs cost little more than one. Neither what is measured beside a pair nor the machine changes a digit: packed
    numbers are small integers, whose products are exact. If one side of a pair is folded, both are.
    """
    found, roles = _measured(talents, jobs, wholes), _roles(talents, jobs)
    return [each._replace(role=role) for each, role in zip(found, roles, strict=True)] if roles else found


def _roles(talents: Sequence[Profile], jobs: Sequence[Profile]) -> list[float | None]:
    """Return the cosine of each pair's titles, None where there are none of one version; nothing if there are none."""
    kinds = {p.role_vectors[: TAG + 2] for p in (*talents, *jobs) if p.role_vectors}
    if not kinds:
        return []
    if len(kinds) > 1:
        if len(talents) == len(jobs) == 1:
            return [None]
        return [role for pair in product(talents, jobs) for role in _roles(pair[:1], pair[1:]) or [None]]
    held, wanted = (_Titles(side, width(next(iter(kinds))[TAG:])) for side in (talents, jobs))
    cosines = _products(wanted.numbers, held.numbers) * held.scales * wanted.scales[:, None]
    return [
        float(cosine) if talent.role_vectors and job.role_vectors else None
        for talent, row in zip(talents, cosines.T, strict=True)
        for job, cosine in zip(jobs, row, strict=True)
    ]


class _Titles:
    """A row for each profile; zeros where it has none."""

    def __init__(self, profiles: Sequence[Profile], width: int) -> None:
        rows = b"".join(p.role_vectors[TAG + 2 :] or bytes(width) for p in profiles)
        self.numbers = np.frombuffer(rows, dtype=np.int8).reshape(-1, width).astype(np.float32)
        norms = np.sqrt(np.einsum("ij,ij->i", self.numbers, self.numbers).astype(np.float64))
        self.scales = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)


def _measured(talents: Sequence[Profile], jobs: Sequence[Profile], wholes: Iterable[float]) -> list[Closeness]:
    widths = [
        {width(rows) for p in side for rows in (p.title_vector, p.section_vectors) if rows} for side in (talents, jobs)
    ]
    if not all(widths):
        return [Closeness(whole) for whole in wholes]
    one, *more = set.union(*widths)
    if more:
        if len(talents) == len(jobs) == 1:
            return _measured([_folded(talents[0])], [_folded(jobs[0])], wholes)
        pairs = zip(product(talents, jobs), wholes, strict=True)
        return [_measured([talent], [job], [whole])[0] for (talent, job), whole in pairs]
    held, wanted = (_Rows(side, one) for side in (talents, jobs))
    cosines = _products(wanted.numbers, held.numbers) * held.scales * wanted.scales[:, None]
    to_titles = cosines[wanted.in_parts :].tolist()
    starts = [start for start, end in held.parts if start < end]
    best = np.maximum.reduceat(cosines[: wanted.in_parts, : held.in_parts], starts, axis=1).T.tolist() if starts else []
    found, nearest, each = [], iter(best), iter(wholes)
    for (start, end), (title, title_end) in zip(held.parts, held.titles, strict=True):
        parts = next(nearest) if start < end else ()
        for (first, last), (of, of_end) in zip(wanted.parts, wanted.titles, strict=True):
            near = []
            if of < of_end:
                row = to_titles[of - wanted.in_parts]
                near = sorted(row[start:end] + row[title:title_end])[-NEAREST:]
            found.append(Closeness(next(each), sum(near) / len(near) if near else None, tuple(parts[first:last])))
    return found


class _Rows:
    """The rows of one side: the parts of all profiles, then their titles; of each profile from where to where."""

    def __init__(self, profiles: Sequence[Profile], width: int) -> None:
        packed = [p.section_vectors[2:] for p in profiles] + [p.title_vector[2:] for p in profiles]
        spans = list(pairwise(accumulate((len(rows) // width for rows in packed), initial=0)))
        self.parts, self.titles = spans[: len(profiles)], spans[len(profiles) :]
        self.in_parts = self.titles[0][0]
        numbers = np.frombuffer(b"".join(packed), dtype=np.int8).reshape(-1, width)
        self.numbers: Numbers = numbers.astype(np.float32 if width <= _EXACT else np.float64)
        self.scales = 1 / np.sqrt(np.einsum("ij,ij->i", self.numbers, self.numbers).astype(np.float64))


def _products(rows: Numbers, others: Numbers) -> Numbers:
    """Return the product of each row with each other one, so many at a time that BLAS starts no threads for them."""
    step = max(_ALONE // others.size, 1)
    return np.concatenate([rows[at : at + step] @ others.T for at in range(0, len(rows), step)])


def _folded(profile: Profile) -> Profile:
    title, parts = (
        pack(fold(unpack(rows))) if rows else rows for rows in (profile.title_vector, profile.section_vectors)
    )
    return replace(profile, title_vector=title, section_vectors=parts)
