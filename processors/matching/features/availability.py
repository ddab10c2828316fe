"""When work can begin."""

from processors.matching.closeness import Closeness
from processors.matching.features.feature import NEUTRAL, Feature, Finding, Text
from processors.matching.features.wording import have_want
from processors.matching.profile import Profile

PASSIVE = 0.3
GRACE_WEEKS = 1
LATE_STEP = 0.15
"""What each week beyond the last possible start costs."""


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score whether the talent looks for a job and can start when the job must be filled."""
    if job.start is not None and talent.start is not None:
        late = max(talent.start - job.start - GRACE_WEEKS, 0)
        return Finding(max(1 - late * LATE_STEP, 0.0), "late" if late else "in_time", (talent.start, job.start))
    if talent.available is None:
        return Finding(NEUTRAL, "unknown")
    return Finding(1.0, "active") if talent.available else Finding(PASSIVE, "passive")


FEATURE = Feature(
    name="availability",
    label=Text("到岗", "availability"),
    weight=0.015,
    score=score,
    reasons={
        "unknown": Text("求职状态未知", "Availability unknown"),
        "active": Text("正在求职", "Looks for a job"),
        "passive": Text("未主动求职", "Does not look for a job at present"),
        "in_time": Text("{have} 周内可到岗，职位需 {want} 周内到岗", "Can start in {have} weeks; {want} asked for"),
        "late": Text("{have} 周后才能到岗，职位需 {want} 周内到岗", "Can start only in {have} weeks; {want} asked for"),
    },
    words=have_want,
)
