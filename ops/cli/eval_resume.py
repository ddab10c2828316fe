"""`looma eval resume`: how well entities are found in labelled resumes."""

from pathlib import Path
from typing import Any

import click
from rich.progress import Progress
from rich.table import Table

from ops.cli.context import console, errors, json_option, print_json
from ops.evaluation.ner import DataError, load, rules_of, score
from processors.resume.ner import Recogniser, Tagger, TaggerError


def ner_table(figures: dict[str, Any]) -> Table:
    """Return the scores, one row a label."""
    title = f"{figures['texts']:,} texts; precision, recall, F1 of exact, then of overlapping (~) entities"
    table = Table("label", title=title, title_justify="left")
    for heading in ("P", "R", "F1", "~P", "~R", "~F1", "entities"):
        table.add_column(heading, justify="right", no_wrap=True)
    shares = ("precision", "recall", "f1", "overlap_precision", "overlap_recall", "overlap_f1")
    for label, row in [*figures["labels"].items(), ("micro", figures["micro"])]:
        table.add_row(label, *(f"{row[s]:.3f}" for s in shares), f"{row['support']:,}")
    return table


def evaluate_ner(path: Path, model: Path | None) -> dict[str, Any]:
    """Return the scores of a trained tagger, or of the rules that know the file's labels."""
    try:
        examples, left_out = load(path)
        recogniser: Recogniser = Tagger(model) if model else rules_of(examples)
    except (DataError, TaggerError) as error:
        raise click.ClickException(str(error)) from error
    with Progress(console=errors, transient=True) as bar:
        task = bar.add_task("finding entities", total=len(examples))
        figures = score(examples, recogniser, lambda: bar.advance(task))
    return {"left_out": left_out, **figures}


@click.command()
@click.option(
    "--data", "path", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON Lines: text, entities[{start, end, label}], end exclusive.",
)  # fmt: skip
@click.option(
    "--format", "kind", default="ner", show_default=True, type=click.Choice(["ner"]),
    help="What the file is labelled with."
)  # fmt: skip
@click.option(
    "--model", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A tagger of `looma train ner`, instead of the rules.",
)  # fmt: skip
@json_option
def resume(path: Path, kind: str, model: Path | None, as_json: bool) -> None:
    """Find entities in labelled resumes; print precision, recall and F1 of exact and of overlapping entities.

    The labels choose the rules: Chinese (NAME, ORG, TITLE, …) or English (Name, Designation, …). Two entities overlap
    when they share a character and have the same label; each counts once, paired in reading order.
    """
    figures = evaluate_ner(path, model)
    if as_json:
        print_json(figures)
    else:
        console.print(ner_table(figures))
        if figures["left_out"]:
            console.print(f"left out: {figures['left_out']} texts with an entity whose place is null")
