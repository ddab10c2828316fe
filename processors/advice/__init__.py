"""Advice on a resume: what the experience shows, what the text lacks, which skills and jobs come next."""

from processors.advice.advise import advise
from processors.advice.demand import Target, recommend, target_job, target_role
from processors.advice.experience import analyse
from processors.advice.fitting import fitting_jobs
from processors.advice.jobs import Corpus, StoredJob, ad_job, stored_job
from processors.advice.quality import assess

__all__ = [
    "Corpus",
    "StoredJob",
    "Target",
    "ad_job",
    "advise",
    "analyse",
    "assess",
    "fitting_jobs",
    "recommend",
    "stored_job",
    "target_job",
    "target_role",
]
