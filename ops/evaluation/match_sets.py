"""The graded sets that come with the package, as texts and grades."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ops.evaluation.graded.suite import large_set
from ops.evaluation.graded.wording import TODAY
from ops.evaluation.match_grades import grade, relevance_set

SetName = Literal["small", "large"]


@dataclass(frozen=True, slots=True)
class GradedSet:
    """CVs, ads (title, text) and the grade 0 to 3 of every pair; CVs at even positions are for tuning.

    `today` is the day on which the CVs were written.
    """

    name: SetName
    cvs: Sequence[str]
    ads: Sequence[tuple[str, str]]
    grades: NDArray[np.int64]
    today: date = TODAY


def graded_set(name: SetName) -> GradedSet:
    """Return a set: `small` was written by hand, `large` is made from attributes and phrases."""
    if name == "large":
        made = large_set()
        return GradedSet(name, made.cvs, made.ads, np.array(made.grades))
    talents, jobs = relevance_set()
    grades = np.array([[grade(talent, job) for job in jobs] for talent in talents])
    return GradedSet(name, [t.text for t in talents], [(j.title or "", j.text) for j in jobs], grades)
