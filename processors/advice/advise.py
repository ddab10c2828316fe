"""All advice on one resume."""

from datetime import date

from processors.advice.demand import Target, recommend
from processors.advice.experience import analyse
from processors.advice.fitting import fitting_jobs
from processors.advice.jobs import Corpus
from processors.advice.quality import assess
from schemas.advice import Advice
from schemas.resume import ResumeProfile


def latest_title(profile: ResumeProfile) -> str | None:
    """Return the title held last."""
    work = sorted(profile.work, key=lambda w: (w.current, w.start.value if w.start else ""), reverse=True)
    return next((w.title.value for w in work if w.title), None)


def role_sought(profile: ResumeProfile) -> str | None:
    """Return the role that a resume says it seeks, else the title held last."""
    return next((r.value for r in profile.target_roles), None) or latest_title(profile)


def advise(
    profile: ResumeProfile, text: str, *, target: Target | None = None, corpus: Corpus | None = None, today: date
) -> Advice:
    """Return analysis, quality, and with a target and jobs, skills to add and jobs that fit, in the resume's language.

    `text` is the one that the profile was parsed from. What is personal in the profile is not looked at, but for
    whether there is a way to reach the person, and to point out details that do not belong into a resume.
    """
    held = [skill.id or skill.name for skill in profile.skills if not skill.implied]
    title = latest_title(profile) or role_sought(profile)
    years = profile.years_total.value if profile.years_total else None
    return Advice(
        language=profile.language,
        target=target.name if target else None,
        experience=analyse(profile, today),
        quality=assess(profile, text, today),
        skills=tuple(recommend(held, target, corpus, profile.language)) if target and corpus else (),
        jobs=tuple(fitting_jobs(title, years, held, corpus, profile.language)) if title and corpus else (),
    )
