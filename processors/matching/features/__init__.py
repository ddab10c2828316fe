"""The features of a pair, each a score from 0 to 1 with the facts that explain it.

None of them sees names, sex, age, origin or anything else about the person that is not about the work. Adding one is
a module beside these and two lines here: docs/guides/add-a-match-feature.md.
"""

from collections.abc import Mapping

from processors.matching.features import (
    availability,
    education,
    employment,
    experience,
    field,
    industry,
    languages,
    location,
    management,
    salary,
    sections,
    semantic,
    seniority,
    skills,
    stability,
    title,
    words,
)
from processors.matching.features.feature import Feature, by_name

FEATURES: Mapping[str, Feature] = by_name(
    skills.FEATURE,
    semantic.FEATURE,
    sections.FEATURE,
    words.FEATURE,
    title.FEATURE,
    experience.FEATURE,
    location.FEATURE,
    seniority.FEATURE,
    salary.FEATURE,
    education.FEATURE,
    languages.FEATURE,
    availability.FEATURE,
    employment.FEATURE,
    stability.FEATURE,
    industry.FEATURE,
    field.FEATURE,
    management.FEATURE,
)
"""By name, in the order in which they are reported: weights, scoring, reasons, advice and learning follow this list."""
