"""The features of a pair, each a score from 0 to 1 with the facts that explain it.

None of them sees names, sex, age, origin or anything else about the person that is not about the work. Unknown data
scores NEUTRAL: it must neither help nor hurt. One exception: a talent without any skill scores 0 on a job that demands
some, or else adding a first skill could lower the score.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from processors.lexicon.seniority import RANKS
from processors.matching.meaning import closest, nearest_parts
from processors.matching.profile import Profile, SkillFacts
from processors.matching.reading.lexicon import DISCIPLINES, INDUSTRIES, Lexicon
from processors.matching.skills import is_language, stand_ins, weight_of

NEUTRAL = 0.5
NOT_ASKED = 0.9
"""What a job does not ask for is no obstacle: nearly as good as a demand that is met, and no missing information."""

REQUIRED_WEIGHT = 3.0
NICE_WEIGHT = 1.0
LEVEL_STEP = 0.2
"""What each level below the demanded one costs of a skill's credit."""
UNKNOWN_LEVEL = 0.85
UNKNOWN_YEARS = 0.9
LEAST_YEARS_FACTOR = 0.5
FRESH = 2.0
"""A skill used in so many years past is as good as one in use; after that it loses a step a year."""
STALE_STEP = 0.15
STALE_LEAST = 0.5

UNRELATED = 0.20
SAME_ROLE = 0.75
"""Measured cosines of talents and jobs, USE multilingual v3: median 0.25 for different professions (95 % below 0.43),
0.70 for the same role (95 % above 0.52). Up to UNRELATED scores 0, from SAME_ROLE on 1, linear between."""
TITLES = (0.20, 0.75)
SECTIONS = (0.2, 0.8)
"""The same of titles, and of each part of a job with the nearest one of a talent."""

OVERQUALIFIED_STEP = 0.05
OVERQUALIFIED_LEAST = 0.6
EDUCATION_BELOW = (1.0, 0.5, 0.2)
SENIORITY_BELOW = (1.0, 0.6, 0.2)
SENIORITY_ABOVE = (1.0, 0.8, 0.4)
PREFERS_ON_SITE = 0.7
RELOCATES = 0.9
PASSIVE = 0.3
LANGUAGE_STEP = 0.5
"""What each level below the one asked for costs of a language's credit."""
GRACE_WEEKS = 1
LATE_STEP = 0.15
"""What each week beyond the last possible start costs."""
AKIN = 0.6
"""Credit for a related industry or field of study."""
STABLE_YEARS = 2.0
SALARY_TOLERANCE = 0.2
"""An offer this much below the expectation scores 0."""


class Finding(NamedTuple):
    """A score and its facts: `code` names the sentence in `reasons`, `facts` are what it says."""

    score: float
    code: str
    facts: tuple[Any, ...] = ()


Feature = Callable[[Profile, Profile, float], Finding]


def skills(talent: Profile, job: Profile, similarity: float) -> Finding:
    """Score how many of the job's skills the talent has, required ones counting three times as much as others."""
    demanded = job.skills
    if not demanded:
        return Finding(NEUTRAL, "skills.not_demanded")
    held = talent.skills
    if not held:
        return Finding(0.0, "skills.unknown")
    earned = possible = 0.0
    for name, want in demanded.items():
        weight = (REQUIRED_WEIGHT if want[3] else NICE_WEIGHT) * weight_of(name)
        possible += weight
        have = held.get(name)
        part = 0.0 if have is None else _credit(have, want)
        if part < 1:
            part = max(part, stand_in(name, held)[0])
        earned += weight * part
    return Finding(min(earned / possible, 1.0), "skills.compared")


def stand_in(name: str, held: Mapping[str, SkillFacts]) -> tuple[float, str | None]:
    """Return the best partial credit for a skill that is not held, and the held skill that earns it."""
    others = stand_ins(name)
    return max(((others[other], other) for other in others.keys() & held.keys()), default=(0.0, None))


def _credit(have: SkillFacts, want: SkillFacts) -> float:
    credit = 1.0
    _, level, years, *_ = want
    if level is not None:
        if have[1] is None:
            credit = UNKNOWN_LEVEL
        elif have[1] < level:
            credit -= LEVEL_STEP * (level - have[1])
    if years:
        if have[2] is None:
            credit *= UNKNOWN_YEARS
        elif have[2] < years:
            credit *= LEAST_YEARS_FACTOR + (1 - LEAST_YEARS_FACTOR) * have[2] / years
    if have.idle is not None and have.idle > FRESH:
        credit *= max(STALE_LEAST, 1 - STALE_STEP * (have.idle - FRESH))
    return credit


def semantic(talent: Profile, job: Profile, similarity: float) -> Finding:
    """Score how close the texts of both are in meaning."""
    if not -1.01 <= similarity <= 1.01:  # also catches NaN
        return Finding(NEUTRAL, "semantic.unknown")
    score = _ramp(similarity, UNRELATED, SAME_ROLE)
    return Finding(score, f"semantic.{_strength(score)}")


def title(talent: Profile, job: Profile, similarity: float) -> Finding:
    """Score how close the job's title is in meaning to the talent's, or to other things the talent's record says."""
    if not (job.title_vector and (talent.title_vector or talent.section_vectors)):
        return Finding(NEUTRAL, "title.unknown")
    score = _ramp(closest(job.title_vector, talent.title_vector, talent.section_vectors), *TITLES)
    return Finding(score, f"title.{_strength(score)}", (talent.title or "", job.title or ""))


def sections(talent: Profile, job: Profile, similarity: float) -> Finding:
    """Score how near the closest part of the talent's record comes to each part of the job.

    Where the parts are not embedded the whole texts stand in.
    """
    if not (job.section_vectors and talent.section_vectors):
        whole = semantic(talent, job, similarity)
        return Finding(whole.score, "sections.unknown")
    nearest = nearest_parts(job.section_vectors, talent.section_vectors)
    score = sum(_ramp(each, *SECTIONS) for each in nearest) / len(nearest)
    return Finding(score, f"sections.{_strength(score)}")


def _ramp(value: float, low: float, high: float) -> float:
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _strength(score: float) -> str:
    return "strong" if score >= 0.75 else "fair" if score >= 0.4 else "weak"


def experience(talent: Profile, job: Profile, similarity: float) -> Finding:
    """Score years of experience against the range that the job demands."""
    years, low, high = talent.years, job.years, job.years_max
    if low is None and high is None:
        return Finding(NOT_ASKED, "experience.not_demanded", (years,))
    if years is None:
        return Finding(NEUTRAL, "experience.unknown", (low, high))
    if low is not None and years < low:
        return Finding(years / low, "experience.below", (years, low, high))
    if high is not None and years > high:
        score = max(OVERQUALIFIED_LEAST, 1 - OVERQUALIFIED_STEP * (years - high))
        return Finding(score, "experience.above", (years, low, high))
    return Finding(1.0, "experience.met", (years, low, high))


def education(talent: Profile, job: Profile, similarity: float) -> Finding:
    """Score the highest degree against the one that the job demands; more than demanded is no better."""
    have, want = talent.education_rank, job.education_rank
    if want is None:
        return Finding(NOT_ASKED, "education.not_demanded")
    if want == 0:
        return Finding(1.0, "education.none_needed")
    if have is None:
        return Finding(NEUTRAL, "education.unknown", (want,))
    if have >= want:
        return Finding(1.0, "education.met", (have, want))
    below = want - have
    return Finding(EDUCATION_BELOW[below] if below < 3 else 0.0, "education.below", (have, want))


def location(talent: Profile, job: Profile, similarity: float) -> Finding:
    """Score whether the talent can work where the job is."""
    for place in talent.locations:
        if place in job.locations:
            return Finding(1.0, "location.same", (place,))
    if job.remote:
        if talent.remote is False and talent.locations and job.locations:
            return Finding(PREFERS_ON_SITE, "location.prefers_on_site")
        return Finding(1.0, "location.remote")
    if not job.locations or not talent.locations:
        return Finding(NEUTRAL, "location.unknown", (talent.locations, job.locations))
    if talent.relocates:
        return Finding(RELOCATES, "location.relocates", (job.locations,))
    return Finding(0.0, "location.different", (talent.locations, job.locations))


def salary(talent: Profile, job: Profile, similarity: float) -> Finding:
    """Score whether the offer reaches the expectation; expecting less than is offered does no harm."""
    wanted = talent.salary_max if talent.salary_min is None else talent.salary_min
    if wanted is None:
        return Finding(NEUTRAL, "salary.not_expected")
    offered = job.salary_max
    if offered is None:
        if job.salary_min is None:
            return Finding(NEUTRAL, "salary.not_offered", (wanted,))
        if job.salary_min < wanted:
            return Finding(NEUTRAL, "salary.open_ended", (wanted, job.salary_min))
        offered = job.salary_min
    if offered >= wanted:
        return Finding(1.0, "salary.met", (wanted, offered))
    shortfall = (wanted - offered) / wanted
    return Finding(max(0.0, 1 - shortfall / SALARY_TOLERANCE), "salary.below", (wanted, offered, shortfall))


def seniority(talent: Profile, job: Profile, similarity: float) -> Finding:
    """Score the distance of the levels; a level too low weighs more than one too high."""
    have, want = talent.seniority, job.seniority
    if want is None:
        return Finding(NOT_ASKED, "seniority.not_demanded", (have,))
    if have is None:
        return Finding(NEUTRAL, "seniority.unknown", (want,))
    distance = RANKS[have] - RANKS[want]
    if distance == 0:
        return Finding(1.0, "seniority.met", (have, want))
    scale, code = (SENIORITY_ABOVE, "seniority.above") if distance > 0 else (SENIORITY_BELOW, "seniority.below")
    distance = abs(distance)
    return Finding(scale[distance] if distance < 3 else 0.0, code, (have, want))


def languages(talent: Profile, job: Profile, similarity: float) -> Finding:
    """Score the human languages that the job demands: known to be spoken, and at the level asked for."""
    wanted = [name for name in job.skills if is_language(name)]
    if not wanted:
        return Finding(NOT_ASKED, "languages.not_demanded")
    spoken = [name for name in wanted if name in talent.skills]
    if not spoken and not any(map(is_language, talent.skills)):
        return Finding(NEUTRAL, "languages.unknown")
    earned = sum(_fluency(talent.skills[name].level, job.skills[name].level) for name in spoken)
    code = "languages.compared" if earned == len(spoken) else "languages.below"
    return Finding(earned / len(wanted), code, (len(spoken), len(wanted)))


def _fluency(have: int | None, want: int | None) -> float:
    """Return what a level is worth beside the one asked for; one that is not said is believed, nearly."""
    if want is None or (have is not None and have >= want):
        return 1.0
    return UNKNOWN_LEVEL if have is None else max(1 - LANGUAGE_STEP * (want - have), 0.0)


def availability(talent: Profile, job: Profile, similarity: float) -> Finding:
    """Score whether the talent looks for a job and can start when the job must be filled."""
    if job.start is not None and talent.start is not None:
        late = max(talent.start - job.start - GRACE_WEEKS, 0)
        score = max(1 - late * LATE_STEP, 0.0)
        return Finding(score, "availability.late" if late else "availability.in_time", (talent.start, job.start))
    if talent.available is None:
        return Finding(NEUTRAL, "availability.unknown")
    return Finding(1.0, "availability.active") if talent.available else Finding(PASSIVE, "availability.passive")


def industry(talent: Profile, job: Profile, similarity: float) -> Finding:
    """Score whether the talent has worked in one of the industries of which the job demands experience."""
    if not job.industries:
        return Finding(NOT_ASKED, "industry.not_demanded")
    return _named(talent.industries, job.industries, INDUSTRIES, "industry")


def field(talent: Profile, job: Profile, similarity: float) -> Finding:
    """Score whether the talent studied one of the fields that the job asks for, or one related."""
    if not job.disciplines:
        return Finding(NOT_ASKED, "field.not_demanded")
    return _named(talent.disciplines, job.disciplines, DISCIPLINES, "field")


def _named(held: tuple[str, ...], wanted: tuple[str, ...], lexicon: Lexicon, feature: str) -> Finding:
    if not held:
        return Finding(NEUTRAL, f"{feature}.unknown")
    if set(held) & set(wanted):
        return Finding(1.0, f"{feature}.met")
    if any(lexicon.akin(one, other) for one in held for other in wanted):
        return Finding(AKIN, f"{feature}.akin")
    return Finding(0.0, f"{feature}.other")


def management(talent: Profile, job: Profile, similarity: float) -> Finding:
    """Score whether the talent has led people where the job leads some; a team half as large is enough."""
    if not job.team:
        return Finding(NOT_ASKED, "management.not_demanded")
    if talent.team is None:
        return Finding(NEUTRAL, "management.unknown", (job.team,))
    score = min(2 * talent.team / job.team, 1.0)
    return Finding(score, "management.known", (talent.team, job.team))


def stability(talent: Profile, job: Profile, similarity: float) -> Finding:
    """Score how long positions lasted: two years on average are enough."""
    if talent.tenure is None:
        return Finding(NEUTRAL, "stability.unknown")
    return Finding(min(talent.tenure / STABLE_YEARS, 1.0), "stability.known", (talent.tenure,))


FEATURES: dict[str, Feature] = {
    "skills": skills,
    "semantic": semantic,
    "sections": sections,
    "title": title,
    "experience": experience,
    "location": location,
    "seniority": seniority,
    "salary": salary,
    "education": education,
    "languages": languages,
    "availability": availability,
    "stability": stability,
    "industry": industry,
    "field": field,
    "management": management,
}
"""In the order in which they are reported."""
