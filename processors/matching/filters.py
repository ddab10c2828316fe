"""Hard constraints: pairs that are never a match, whatever their score."""

from processors.matching.profile import Profile

OPEN_TALENT = ("active", "passive")
OPEN_JOB = ("open",)


def admissible(talent: Profile, job: Profile) -> bool:
    """Whether the talent is looking and the job is open."""
    return talent.status in OPEN_TALENT and job.status in OPEN_JOB
