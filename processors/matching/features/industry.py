"""The industries in which somebody has worked."""

from processors.matching.closeness import Closeness
from processors.matching.features.feature import Feature, Finding, Text
from processors.matching.features.kinship import compared
from processors.matching.profile import Profile
from processors.matching.reading.lexicon import INDUSTRIES


def score(talent: Profile, job: Profile, close: Closeness) -> Finding:
    """Score whether the talent has worked in one of the industries that the job asks for, or in one related."""
    return compared(talent.industries, job.industries, INDUSTRIES)


FEATURE = Feature(
    name="industry",
    label=Text("行业", "industry"),
    weight=0.04,
    score=score,
    reasons={
        "not_demanded": Text("职位未要求行业经验", "The job asks for no particular industry"),
        "unknown": Text("行业经验未知", "Industry experience unknown"),
        "met": Text("有要求的行业经验", "Has worked in the industry asked for"),
        "akin": Text("有相近行业经验", "Has worked in a related industry"),
        "other": Text("没有要求的行业经验", "Has not worked in the industry asked for"),
    },
)
