"""`looma eval resolution`: how well records of one entity are found, on generated records with known truth."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ops.cli.context import console, errors, json_option, print_json
from ops.cli.tables import Table
from ops.evaluation.seeds import RESOLUTION_TEST, RESOLUTION_TUNE

if TYPE_CHECKING:
    from ops.evaluation.resolution import Quality, Report


@click.command()
@click.option(
    "--seed", default=RESOLUTION_TEST, show_default=True, type=click.IntRange(0), help="Of the generated records."
)
@json_option
def resolution(seed: int, as_json: bool) -> None:
    """Measure entity resolution: precision, recall and F1 of pairs and of clusters (B-cubed), at every threshold.

    The records are generated with realistic mistakes; docs/benchmarks/resolution.md says which. Nothing was tuned on
    the default seed; the weights were fitted on others, and a warning says so if you name one of those.
    """
    from ops.evaluation.resolution import evaluate
    from schemas.entities import RESOLVABLE

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
