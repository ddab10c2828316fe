"""The fields of study."""

from processors.matching.closeness import Closeness
from processors.matching.features.feature import Feature, Finding, Text
from processors.matching.features.kinship import compared
from processors.matching.profile import Profile
from processors.matching.reading.lexicon import DISCIPLINES


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score whether the talent studied one of the fields that the job asks for, or one related."""
    return compared(talent.disciplines, job.disciplines, DISCIPLINES)


FEATURE = Feature(
    name="field",
    label=Text("专业", "field of study"),
    weight=0.035,
    score=score,
    reasons={
        "not_demanded": Text("职位未要求专业", "The job asks for no field of study"),
        "unknown": Text("所学专业未知", "Field of study unknown"),
        "met": Text("专业符合要求", "Studied the field asked for"),
        "akin": Text("专业相近", "Studied a related field"),
        "other": Text("专业不符", "Studied another field than asked for"),
    },
)
