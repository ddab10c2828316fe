"""Skills in Chinese and English: a taxonomy as data, extraction from texts, one name for every spelling."""

from processors.skills.extract import (
    Extractor,
    SkillSummary,
    extract_skills,
    normalise,
    summarise,
)
from processors.skills.job_ads import read_job_ad
from processors.skills.models import Category, Kind, Level, Requirement, Skill, SkillMention
from processors.skills.requirements import Education, JobDemands
from processors.skills.taxonomy import Taxonomy, TaxonomyError, load_taxonomy, taxonomy

__all__ = [
    "Category",
    "Education",
    "Extractor",
    "JobDemands",
    "Kind",
    "Level",
    "Requirement",
    "Skill",
    "SkillMention",
    "SkillSummary",
    "Taxonomy",
    "TaxonomyError",
    "extract_skills",
    "load_taxonomy",
    "normalise",
    "read_job_ad",
    "summarise",
    "taxonomy",
]
