"""`looma eval fairness`: whether who somebody is changes how they are matched."""

from pathlib import Path

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json
from ops.cli.eval.match import Languages
from ops.cli.tables import Table

_PATH = click.Path(exists=True, path_type=Path)


@click.command("fairness")
@click.option("--jobs", type=_PATH, help="JSON Lines: id, title, text, or title_LANG, text_LANG; or a folder.")
@click.option("--resumes", type=_PATH, help="JSON Lines: id, text, or text_LANG; or a folder of documents.")
@click.option("--languages", type=Languages(), default=("", ""), help="Of texts in several: zh, or zh:en.")
@json_option
def fairness_command(jobs: Path | None, resumes: Path | None, languages: tuple[str, str], as_json: bool) -> None:
    """Give the same CVs another sex, age, origin, family, name, home or employer; compare how often they are selected.

    The CVs are those of the small graded set, or your own with --jobs and --resumes. Where somebody lives may count as
    the requirement that it is; that part of the score is left out there.

    The ratio is the least selection rate by the greatest; below 0.8 it shows adverse impact (the four-fifths rule).
    Without any effect it is 1 and no score changes.
    """
    from ops.evaluation.fairness import EMPLOYER, GROUPS, PLACE, fairness
    from ops.evaluation.judged import read_texts
    from streams.models.encoders import default_encoder

    if bool(jobs) != bool(resumes):
        raise click.UsageError("--jobs and --resumes go together")
    settings = load_settings()
    with errors.status("ranking"):
        model = default_encoder(settings.models)
        texts = read_texts(jobs, resumes, languages) if jobs and resumes else None
        figures = fairness(model, settings.matching.threshold, texts=texts)
    if as_json:
        print_json(figures)
        return
    title = f"{figures['talents']} CVs in each group, {figures['jobs']} jobs, selected from {figures['threshold']}"
    table = Table(title=title, title_justify="left")
    for heading in ("attribute", "selection rates", "ratio", "largest change of a score", "other best job"):
        table.add_column(heading)
    for name in (*GROUPS, PLACE, EMPLOYER):
        row = figures[name]
        rates = ", ".join(f"{group} {rate:.3f}" for group, rate in row["selection_rates"].items())
        table.add_row(name, rates, f"{row['ratio']:.3f}", f"{row['largest_change']:.4f}", f"{row['top1_changed']:.1%}")
    console.print(table)
