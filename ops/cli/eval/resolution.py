"""`looma eval resolution`: how well records of one entity are found, on generated records or on others' labels."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops.cli.context import console, errors, json_option, print_json
from ops.cli.tables import Table
from ops.evaluation.seeds import RESOLUTION_TEST, RESOLUTION_TUNE

if TYPE_CHECKING:
    from ops.evaluation.resolution import Quality, Report
    from schemas.entities import Resolvable

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option(
    "--seed", default=RESOLUTION_TEST, show_default=True, type=click.IntRange(0), help="Of the generated records."
)
@click.option("--data", type=_FILE, help="JSON Lines of other people's labels, instead of generated records.")
@click.option(
    "--kind", type=click.Choice(["talent", "company"]), default="talent", show_default=True, help="Of --data."
)
@click.option("--corpus", type=_FILE, help="JSON Lines: id, name; where --data has short names.")
@click.option("--contact", metavar="COLUMN", help="A column of --data that counts as a phone number.")
@json_option
def resolution(
    seed: int, data: Path | None, kind: "Resolvable", corpus: Path | None, contact: str | None, as_json: bool
) -> None:
    """Measure entity resolution: precision, recall and F1 of pairs and of clusters (B-cubed), at every threshold.

    The records are generated with realistic mistakes; docs/benchmarks/resolution.md says which. Nothing was tuned on
    the default seed; the weights were fitted on others, and a warning says so if you name one of those.

    \b
    Rows of --data, told by their fields:
    id, person|company|entity, and what is known: first_name, surname, birth_date, email, phone, city, postal_code, …
    name1, name2, same
    id, short, relevant [ids of the corpus]

    Values are read as a record's fields, as far as records have such fields. A pair of names counts as the same from
    even odds; what it would be at the probability at which records are merged stands beside it.
    """
    from ops.evaluation.resolution import evaluate
    from schemas.entities import RESOLVABLE

    if data:
        from ops.evaluation.resolution_files import measure

        with errors.status("resolving"):
            figures = measure(data, kind, corpus, contact)
        if as_json:
            print_json(figures)
        else:
            console.print(figures_table(data.resolve().parent.name, figures))
        return
    with errors.status("resolving"):
        reports = [evaluate(entity, seed) for entity in RESOLVABLE]
    if as_json:
        print_json({report.entity: asdict(report) for report in reports})
        return
    if seed in RESOLUTION_TUNE:
        console.print(f"seed {seed} was used for tuning: these figures flatter", style="yellow")
    for report in reports:
        console.print(curve_table(report))
        console.print(
            f"blocking recall {report.blocking_recall:.4f}, {report.comparisons_per_record:.1f} comparisons and "
            f"{report.keys_per_record:.1f} keys a record, largest block {report.largest_block}; calibration error "
            f"{report.calibration_error:.4f}; {report.records_per_second:,.0f} records/s\n"
        )


def figures_table(name: str, figures: dict[str, Any]) -> Table:
    """Return the figures of a file, the curve left out."""
    table = Table("", "", title=f"{name}: {figures['format']}", title_justify="left")
    for key, value in figures.items():
        if isinstance(value, int | float):
            table.add_row(key.replace("_", " "), f"{value:.4g}")
    return table


def curve_table(report: "Report") -> Table:
    """Return the precision-recall curve; the threshold in use is marked."""
    from processors.resolution.compare import THRESHOLD

    table = Table(
        "threshold", "precision", "recall", "F1", "B³ precision", "B³ recall", "B³ F1", "false merges", "misses",
        title=f"{report.entity}: {report.records} records of {report.entities}, seed {report.seed}",
        title_justify="left",
    )  # fmt: skip
    for q in report.curve:
        used = q.threshold == THRESHOLD
        table.add_row(*_cells(q), style="bold" if used else None)
    return table


def _cells(q: "Quality") -> list[str]:
    from processors.resolution.compare import THRESHOLD

    rates = (q.precision, q.recall, q.f1, q.b3_precision, q.b3_recall, q.b3_f1)
    mark = " *" if q.threshold == THRESHOLD else ""
    return [f"{q.threshold:g}{mark}", *(f"{rate:.4f}" for rate in rates), str(q.false_merges), str(q.misses)]
