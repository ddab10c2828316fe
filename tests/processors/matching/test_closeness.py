"""Closeness measured for many pairs at once is what each pair has alone, to the last digit, and what it means."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from processors.matching.closeness import NEAREST, Closeness, measure
from processors.matching.meaning import fold, pack, unpack, width
from processors.matching.profile import Profile
from processors.matching.reading.record import job_profile, talent_profile

WIDE = 256


def embedded(profile: Profile, titles: int, parts: int, seed: int, folded: bool = True, wide: int = WIDE) -> Profile:
    """A profile with vectors, of which those of one side and of another are alike by turns."""
    chance = np.random.default_rng(seed)
    rows = chance.normal(size=(titles + parts, wide)) + 2 * np.random.default_rng(seed % 3).normal(size=wide)
    rows = rows.astype(np.float32)
    rows = fold(rows) if folded else rows
    return replace(profile, title_vector=pack(rows[:titles]), section_vectors=pack(rows[titles:]))


def told(rows: bytes, folded: bool) -> np.ndarray:
    if not rows:
        return np.zeros((0, 1))
    found = unpack(pack(fold(unpack(rows))) if folded else rows).astype(np.float64)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))


def as_defined(talent: Profile, job: Profile, whole: float) -> Closeness:
    """What the words say, for one pair, without any haste."""
    widths = {width(rows) for p in (talent, job) for rows in (p.title_vector, p.section_vectors) if rows}
    title, parts, held_title, held = (
        told(rows, len(widths) > 1) for p in (job, talent) for rows in (p.title_vector, p.section_vectors)
    )
    near = [float(title[0] @ row) for row in (*held_title, *held)] if len(title) else []
    best = sorted(near)[-NEAREST:]
    return Closeness(
        whole,
        sum(best) / len(best) if best else None,
        tuple(max(float(row @ other) for other in held) for row in parts) if len(held) else (),
    )


sides = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(0, 99), st.booleans()), max_size=5)


@example([(0, 1, 0, False)], [(0, 0, 0, False), (0, 1, 0, False)])
@given(sides, sides)
def test_many_at_once_are_as_each_alone_and_as_defined(
    talents: list[tuple[int, int, int, bool]], jobs: list[tuple[int, int, int, bool]]
) -> None:
    held = [embedded(talent_profile("t", 1, {}), *drawn) for drawn in talents]
    wanted = [embedded(job_profile("j", 1, {}), *drawn) for drawn in jobs]
    pairs = list(product(held, wanted))
    wholes = [number / 100 for number in range(len(pairs))]
    found = measure(held, wanted, wholes)
    assert found == [measure([t], [j], [whole])[0] for (t, j), whole in zip(pairs, wholes, strict=True)]
    for close, (t, j), whole in zip(found, pairs, wholes, strict=True):
        expected = as_defined(t, j, whole)
        assert close.whole == whole
        assert (close.title is None) == (expected.title is None)
        assert close.title is None or close.title == pytest.approx(expected.title, abs=1e-6)
        assert close.parts == pytest.approx(expected.parts, abs=1e-6)


@pytest.mark.parametrize("wide", [3, 128, 1040, 1041])
def test_products_are_exact_so_that_no_machine_adds_them_up_differently(wide: int) -> None:
    """Rows of the greatest numbers: in the order of any library, with any of its threads."""
    ones = np.ones((1, wide), dtype=np.float32)
    nearly = ones.copy()
    nearly[0, 0] = 126 / 127
    talent = replace(talent_profile("t", 1, {}), section_vectors=pack(ones))
    job = replace(job_profile("j", 1, {}), section_vectors=pack(nearly))
    (close,) = measure([talent], [job], [0.5])
    product = 127 * 126 + 127 * 127 * (wide - 1)
    norms = 127 * 127 * wide, 126 * 126 + 127 * 127 * (wide - 1)
    assert list(close.parts) == [product * (1 / np.sqrt(norms[0])) * (1 / np.sqrt(norms[1]))]
