"""`looma eval skills`: how well skill spans are found in labelled sentences of job ads."""

from pathlib import Path
from typing import Any

import click

from ops.cli.context import console, errors, json_option, print_json
from ops.cli.tables import Table


def skills_table(figures: dict[str, Any]) -> Table:
    """Return the scores, one row a method and label."""
    title = f"{figures['sentences']:,} sentences; precision, recall, F1 of exact, then of overlapping (~) spans"
    table = Table(title=title, title_justify="left")
    for heading in ("method", "label"):
        table.add_column(heading, no_wrap=True)
    for heading in ("P", "R", "F1", "~P", "~R", "~F1", "spans"):
        table.add_column(heading, justify="right", no_wrap=True)
    for method, scores in (("tagger", figures), ("taxonomy", figures["taxonomy"])):
        for label, row in [*scores["labels"].items(), ("micro", scores["micro"])]:
            shares = ("precision", "recall", "f1", "overlap_precision", "overlap_recall", "overlap_f1")
            table.add_row(method, label, *(f"{row[s]:.3f}" for s in shares), f"{row['gold']:,}")
        table.add_section()
    return table


@click.command()
@click.option(
    "--data", "path", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON Lines of SkillSpan's schema: tokens, tags_skill, tags_knowledge (BIO).",
)  # fmt: skip
@json_option
def skills(path: Path, as_json: bool) -> None:
    """Find skill spans in labelled sentences; print precision, recall and F1 of exact and of overlapping spans.

    Two methods side by side: the learned tagger, and the taxonomy alone (its spans are names, so it cannot find a
    clause such as "build new features"). The tagger was trained on SkillSpan's training part: figures on that flatter.
    """
    from ops.evaluation.skills import evaluate

    with errors.status("finding skills"):
        figures = evaluate(path)
    if as_json:
        print_json(figures)
    else:
        console.print(skills_table(figures))
