"""The features of a match: pure functions of two profiles, each in [0, 1]; unknown is 0.5, neither for nor against."""

from collections.abc import Callable, Mapping

from processors.matching.profile import Profile, SkillFact

UNKNOWN = 0.5
NICE_TO_HAVE = 0.4
_COSINE_FLOOR, _COSINE_CEILING = 0.1, 0.8

Feature = Callable[[Profile, Profile, float], float]


def skill_credit(held: SkillFact | None, wanted: SkillFact) -> float:
    """Return how far a held skill meets a wanted one: 1 in full, less for missing levels and years."""
    if held is None:
        return 0.0
    credit = 1.0
    if wanted.level is not None and held.level is not None and held.level < wanted.level:
        credit -= 0.2 * (wanted.level - held.level)
    if wanted.years and held.years is not None and held.years < wanted.years:
        credit *= 0.5 + 0.5 * held.years / wanted.years
    return max(0.2, credit)


def skills(talent: Profile, job: Profile, similarity: float) -> float:
    """Share of the demanded skills that is held; a nice-to-have weighs 0.4 of a required one."""
    if not job.skills or not talent.skills:
        return UNKNOWN if not job.skills else 0.0
    total = met = 0.0
    for name in sorted(job.skills):
        wanted = job.skills[name]
        weight = 1.0 if wanted.required else NICE_TO_HAVE
        total += weight
        met += weight * skill_credit(talent.skills.get(name), wanted)
    return min(1.0, met / total)


def semantic(talent: Profile, job: Profile, similarity: float) -> float:
    """Cosine of the two texts' vectors, stretched so that 0.1 (unrelated) is 0 and 0.8 (same role) is 1."""
    return min(1.0, max(0.0, (similarity - _COSINE_FLOOR) / (_COSINE_CEILING - _COSINE_FLOOR)))


def experience(talent: Profile, job: Profile, similarity: float) -> float:
    """Years against the demanded range: falls short in proportion, and a little for far too many."""
    if talent.years is None or (job.years is None and job.years_max is None):
        return UNKNOWN
    low = job.years or 0.0
    if talent.years < low:
        return talent.years / low
    if job.years_max is not None and talent.years > job.years_max:
        return max(0.5, 1.0 - 0.1 * (talent.years - job.years_max))
    return 1.0


def education(talent: Profile, job: Profile, similarity: float) -> float:
    """Level against the level demanded; one level short is 0.5, more is 0."""
    if talent.education is None or job.education is None:
        return UNKNOWN
    return max(0.0, min(1.0, 1.0 - 0.5 * (job.education - talent.education)))


def location(talent: Profile, job: Profile, similarity: float) -> float:
    """1 in the same city or if the job is remote, 0.2 elsewhere."""
    if job.remote:
        return 1.0
    if not talent.locations or not job.locations:
        return UNKNOWN
    return 1.0 if set(talent.locations) & set(job.locations) else 0.2


def salary(talent: Profile, job: Profile, similarity: float) -> float:
    """1 if the job can pay what is asked at least; else falls with the gap, to 0 at half the asking."""
    asked = talent.salary_min if talent.salary_min is not None else talent.salary_max
    paid = job.salary_max if job.salary_max is not None else job.salary_min
    if asked is None or paid is None:
        return UNKNOWN
    if asked <= paid:
        return 1.0
    return max(0.0, 1.0 - 2.0 * (asked - paid) / asked)


def seniority(talent: Profile, job: Profile, similarity: float) -> float:
    """1 at the same rank; each rank of distance costs 0.4 below and 0.3 above."""
    if talent.seniority is None or job.seniority is None:
        return UNKNOWN
    distance = talent.seniority - job.seniority
    return max(0.0, 1.0 - (0.3 * distance if distance > 0 else -0.4 * distance))


FEATURES: Mapping[str, Feature] = {
    "skills": skills,
    "semantic": semantic,
    "experience": experience,
    "education": education,
    "location": location,
    "salary": salary,
    "seniority": seniority,
}

WEIGHTS: Mapping[str, float] = {
    "skills": 0.35,
    "semantic": 0.25,
    "experience": 0.10,
    "education": 0.05,
    "location": 0.10,
    "salary": 0.05,
    "seniority": 0.10,
}
"""The documented default; they sum to 1."""
