"""`looma eval match`: how well jobs are ranked for CVs, beside baselines."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json
from ops.cli.tables import Table

if TYPE_CHECKING:
    from ops.evaluation.judged import Direction
    from ops.evaluation.match_sets import SetName

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SETS: "tuple[SetName, ...]" = ("small", "large")
_PATH = click.Path(exists=True, path_type=Path)
_SYSTEMS = ("model", "stream", "embedding", "bm25", "random")


def annotated_table(figures: dict[str, Any]) -> Table:
    """Return the agreement of each system with the annotators, and of these with each other."""
    table = Table(
        title=f"{figures['cvs']} CVs, {figures['vacancies']} vacancies; means over annotators", title_justify="left"
    )
    table.add_column("")
    keys = ("ndcg5", "mrr", "spearman", "top1")
    for heading in ("nDCG@5", "MRR", "Spearman", "top-1"):
        table.add_column(heading, justify="right")
    for name in (*_SYSTEMS, "annotators"):
        if figures[name]:
            table.add_row(name, *(f"{figures[name][key]:.3f}" for key in keys))
    return table


def in_house_table(figures: dict[str, Any]) -> Table:
    """Return nDCG@10 of each system with its interval, and the model's lead."""
    title = f"{figures['set']} set, test half: {figures['talents']} talents, {figures['jobs']} jobs; 95 % intervals"
    table = Table(title=title, title_justify="left")
    for heading in ("", "nDCG@10", "interval", "model leads by", "interval"):
        table.add_column(heading, justify="right" if heading else "left")
    for name in _SYSTEMS:
        row = figures[name]
        low, high = row["interval"]
        lead = (
            (f"{row['margin']:+.3f}", "{:+.3f} to {:+.3f}".format(*row["margin_interval"]))
            if "margin" in row
            else ("", "")
        )
        table.add_row(name, f"{row['ndcg10']:.3f}", f"{low:.3f} to {high:.3f}", *lead)
    return table


def calibration_table(figures: dict[str, Any]) -> Table:
    """Return what scores are worth as probabilities, beside what came true."""
    title = f"calibration, {figures['pairs']} pairs of the test half; error {figures['calibration_error']:.3f}"
    table = Table(title=title, caption=f"probability: {figures['means']}", title_justify="left")
    for heading in ("pairs", "predicted", "observed"):
        table.add_column(heading, justify="right")
    for row in figures["reliability"]:
        table.add_row(str(row["pairs"]), f"{row['predicted']:.3f}", f"{row['observed']:.3f}")
    return table


def judged_table(name: str, figures: dict[str, Any]) -> Table:
    """Return the measures of each system, and how far the stream's order is ahead of it."""
    asked = f"{figures['queries']} {figures['direction']} asked about"
    table = Table(title=f"{name}: {figures['resumes']} CVs, {figures['jobs']} jobs; {asked}", title_justify="left")
    for heading in ("", "MAP", "interval", "nDCG@10", "P@5", "MRR", "stream leads by", "interval"):
        table.add_column(heading, justify="right" if heading else "left")
    for system in ("stream", "model", "fused", "embedding", "bm25", "random"):
        row = figures[system]
        measures = (f"{row[key]:.3f}" for key in ("ndcg10", "p5", "mrr"))
        lead = (
            (f"{row['lead']:+.3f}", "{:+.3f} to {:+.3f}".format(*row["lead_interval"])) if "lead" in row else ("", "")
        )
        table.add_row(system, f"{row['map']:.3f}", "{:.3f} to {:.3f}".format(*row["interval"]), *measures, *lead)
    return table


class Languages(click.ParamType):
    """The languages of CVs and of jobs."""

    name = "CV:JOB"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return both; one alone is that of both."""
        if isinstance(value, tuple):
            return value
        cv, _, job = value.partition(":")
        return cv, job or cv


@click.command()
@click.option("--vacancies", type=_FILE, help="JSON Lines: id, job_title, job_description.")
@click.option("--cvs", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of N.docx.")
@click.option("--rankings", type=_FILE, help="JSON Lines: cv, annotator_1 …: vacancies from 1, best first.")
@click.option(
    "--set",
    "name",
    type=click.Choice(["both", *_SETS]),
    default="both",
    show_default=True,
    help="Which of the graded sets that come with the package.",
)
@click.option(
    "--jobs", type=_PATH, help="JSON Lines: id, title, text, or title_LANG, text_LANG; or a folder of documents."
)
@click.option("--resumes", type=_PATH, help="JSON Lines: id, text, or text_LANG; or a folder of documents.")
@click.option("--qrels", type=_FILE, help="JSON Lines: job, relevant [ids of resumes]; or job, resume, grade.")
@click.option(
    "--direction",
    type=click.Choice(["jobs", "resumes"]),
    default="jobs",
    show_default=True,
    help="What is asked about: rank resumes for each of the jobs, or jobs for each of the resumes.",
)
@click.option(
    "--languages",
    type=Languages(),
    default=("", ""),
    help="Of texts in several: zh, or zh:en for Chinese CVs and English jobs.",
)
@json_option
def match(
    vacancies: Path | None,
    cvs: Path | None,
    rankings: Path | None,
    name: str,
    jobs: Path | None,
    resumes: Path | None,
    qrels: Path | None,
    direction: "Direction",
    languages: tuple[str, str],
    as_json: bool,
) -> None:
    """Rank jobs for CVs from their texts; compare with annotators, and with random order, BM25 and plain embeddings.

    Without files it measures nDCG@10 on the test halves of the graded sets that come with the package; their other
    halves were used to choose the weights. `small`: 60 CVs and 60 ads, written by hand. `large`: 144 CVs and 240 ads,
    20 of each profession that differ in skills, level, industry, place and terms. With --json the figures of `large`
    stand below that key, unless only it is measured.

    \b
    looma eval match --jobs jobs.jsonl --resumes resumes.jsonl --qrels qrels.jsonl --languages zh:en

    With judgements of other people it measures MAP, nDCG@10, P@5 and MRR of the stream's order and of the baselines,
    in one run. Of grades, those in the upper half of their range are relevant. Pairs that nobody judged are not.
    """
    from ops.evaluation.match import annotated, in_house
    from ops.evaluation.match_files import load
    from ops.evaluation.match_sets import SetName
    from streams.models.encoders import default_encoder

    if not all((vacancies, cvs, rankings)) and any((vacancies, cvs, rankings)):
        raise click.UsageError("--vacancies, --cvs and --rankings go together")
    if not all((jobs, resumes, qrels)) and any((jobs, resumes, qrels)):
        raise click.UsageError("--jobs, --resumes and --qrels go together")
    if jobs and resumes and qrels:
        from ops.evaluation import judged

        with errors.status("ranking"):
            pairs = judged.load(jobs, resumes, qrels, languages)
            found = judged.measure(pairs, default_encoder(load_settings().models), direction)
        title = qrels.resolve().parent.name + "".join(f" {each}" for each in dict.fromkeys(languages) if each)
        if as_json:
            print_json({"sets": {title: found}})
        else:
            console.print(judged_table(title, found))
        return
    others: list[SetName] = []
    with errors.status("ranking"):
        model = default_encoder(load_settings().models)
        if vacancies and cvs and rankings:
            data = load(vacancies, cvs, rankings)
            figures = annotated(data.cvs, data.ads, data.rankings, model)
        else:
            first, *others = _SETS if name == "both" else [cast(SetName, name)]
            figures = in_house(model, name=first) | {other: in_house(model, name=other) for other in others}
    if as_json:
        print_json(figures)
    elif vacancies:
        console.print(annotated_table(figures))
    else:
        for measured in (figures, *(figures[other] for other in others)):
            console.print(in_house_table(measured))
            console.print(calibration_table(measured["calibration"]))
