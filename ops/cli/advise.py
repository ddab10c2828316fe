"""`looma advise`: what a resume shows, what it lacks, which skills to add, which jobs fit."""

import asyncio
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from ops.cli.tables import Table

if TYPE_CHECKING:
    from processors.advice import Corpus, StoredJob, Target
    from schemas.advice import Advice

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("advise")
@click.argument("file", type=_FILE)
@click.option("--role", help="The role aimed at; by default the one that the resume seeks, else the title held last.")
@click.option("--job", "job_id", metavar="ID", help="The stored job aimed at.")
@click.option("--job-file", type=_FILE, help="A document with the ad aimed at.")
@click.option("--jobs", "jobs_file", type=_FILE, help="Count demand in this file's jobs, not in the stored ones.")
@json_option
@run
async def advise_command(
    file: Path, role: str | None, job_id: str | None, job_file: Path | None, jobs_file: Path | None, as_json: bool
) -> None:
    """Advise on a resume: experience, quality with reasons, skills to add, jobs that fit; in the resume's language.

    \b
    looma advise resume.pdf                       for the role that the resume seeks
    looma advise resume.pdf --role 数据工程师        for another one
    looma advise resume.pdf --job J0001           for one stored job
    looma advise resume.pdf --job-file ad.pdf     for one ad

    Demand is counted in the stored jobs of the active database, or with `--jobs` in a file's: events as `looma publish`
    takes them, or `title` and `text`. Without jobs, experience and quality are shown alone.
    """
    from connectors.documents import read_document
    from connectors.resumes.profile import profile_of
    from processors.advice import Corpus, ad_job, advise, target_job, target_role
    from processors.advice.advise import role_sought

    if sum(bool(given) for given in (role, job_id, job_file)) > 1:
        raise click.UsageError("give one of --role, --job and --job-file")
    corpus, stored = await _jobs(jobs_file, job_id)
    document = await read_document(file.read_bytes())
    ad = await read_document(job_file.read_bytes()) if job_file else None
    profile = await asyncio.to_thread(profile_of, document)
    aim = role or role_sought(profile)
    target: Target | None = None
    if job_file and ad:
        title = next((line.strip() for line in ad.text.splitlines() if line.strip()), job_file.stem)[:100]
        target = target_job(ad_job(job_file.name, title, ad.text))
        corpus = corpus or Corpus.of(())
    elif stored:
        target = target_job(stored)
    elif corpus and aim:
        target = target_role(aim, corpus)
        if not target.jobs:
            errors.print(f"none of {len(corpus.jobs):,} jobs is like “{aim}”: no skills to add; try another --role")
    advice = advise(profile, document.text, target=target, corpus=corpus, today=date.today())
    if as_json:
        print_json({"file": str(file), "advice": advice.model_dump(mode="json")})
    else:
        _show(file, advice, document.text)


async def _jobs(path: Path | None, job_id: str | None) -> "tuple[Corpus | None, StoredJob | None]":
    """Return the jobs to count demand in, and the job aimed at; without a database a missing target is an error."""
    from pymongo.errors import PyMongoError

    from ops.advice import jobs_of, stored_jobs, stored_target
    from streams.generations.database import active_database

    if path:
        corpus = await asyncio.to_thread(jobs_of, path)
        found = next((job for job in corpus.jobs if job.id == job_id), None)
        if job_id and found is None:
            raise click.ClickException(f"{path.name} has no job {job_id}")
        return corpus, found
    try:
        async with active_database(load_settings()) as db:
            target = await stored_target(db, job_id) if job_id else None
            if job_id and target is None:
                raise click.ClickException(f"there is no stored job {job_id}")
            corpus = await stored_jobs(db)
    except PyMongoError:
        if job_id:
            raise
        errors.print(
            "The stored jobs cannot be reached: no demand to count. Start the embedded "
            "stack with `looma up`, set LOOMA_MONGODB__URL, or give --jobs FILE.jsonl."
        )
        return None, None
    if not corpus.jobs:
        errors.print("No job is stored: no demand to count. Publish some, or give --jobs FILE.jsonl.")
    return corpus if corpus.jobs else None, target


def _show(file: Path, advice: "Advice", text: str) -> None:
    seen = advice.experience
    console.print(f"{file}: score {advice.quality.score}, complete {advice.quality.completeness} of 100")
    facts = Table(show_header=False, title="experience", title_justify="left")
    for step in seen.path:
        when = f"{step.start or '?'} – {step.end or ('now' if step.start else '?')}"
        mark = {"up": "↑", "down": "↓"}.get(step.change or "", "")
        facts.add_row(when, " · ".join(filter(None, (step.title, step.employer))), f"{step.seniority or ''} {mark}")
    facts.add_section()
    stay = seen.stability
    if stay.mean_months:
        facts.add_row("stability", f"{stay.mean_months:g} months at each of {stay.employers} employers", "")
    if seen.domains:
        facts.add_row("years", ", ".join(f"{name} {years:g}" for name, years in seen.domains.items()), "")
    if seen.education:
        facts.add_row("education", seen.education, "")
    console.print(facts)
    if advice.quality.advice:
        table = Table("points", "advice", "for example", title="the text", title_justify="left")
        for one in advice.quality.advice:
            table.add_row(f"-{one.points}" if one.points else "", one.text, *_quoted(one.evidence, text))
        console.print(table)
    if advice.skills:
        table = Table("score", "skill", title=f"skills to add for {advice.target}", title_justify="left")
        for skill in advice.skills:
            table.add_row(f"{skill.score:.2f}", skill.text)
        console.print(table)
    if advice.jobs:
        table = Table("score", "job", "reasons", title="jobs that fit", title_justify="left")
        for job in advice.jobs:
            table.add_row(f"{job.score:.2f}", f"{job.title} ({job.job_id})", "\n".join(job.reasons))
        console.print(table)


def _quoted(spans: tuple[tuple[int, int], ...], text: str) -> list[str]:
    return ["\n".join(text[start:end][:60] for start, end in spans[:2])]
