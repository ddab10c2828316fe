"""Hard constraints: pairs that are not scored at all."""

from collections.abc import Mapping, Sequence
from typing import Literal

from processors.matching.profile import Profile
from schemas.entities import Side

TALENT_STATUSES = frozenset(("active", "passive"))
JOB_STATUSES = frozenset(("open",))
OPEN_STATUSES: Mapping[Side, Sequence[str]] = {"talent": sorted(TALENT_STATUSES), "job": sorted(JOB_STATUSES)}
"""The statuses of those who can be matched."""

Objection = Literal["wrong_sides", "talent_not_available", "job_not_open", "talent_unknown", "job_unknown"]


def objection(talent: Profile, job: Profile) -> Objection | None:
    """Return why the pair must not be matched, or None.

    A missing status counts as active or open (a profile says so already). Somebody of whom neither title nor skills
    are known is not matched: all that could be scored would be circumstances.
    """
    if talent.entity != "talent" or job.entity != "job":
        return "wrong_sides"
    if talent.status not in TALENT_STATUSES:
        return "talent_not_available"
    if job.status not in JOB_STATUSES:
        return "job_not_open"
    if not talent.title and not talent.skills:
        return "talent_unknown"
    if not job.title and not job.skills:
        return "job_unknown"
    return None


def admissible(talent: Profile, job: Profile) -> bool:
    """Whether the pair may be matched."""
    return objection(talent, job) is None
