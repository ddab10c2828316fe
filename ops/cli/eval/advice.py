"""`looma eval advice`: how good the advice on resumes is, on cases graded by hand."""

from typing import Any

import click
from rich import box

from ops.cli.context import console, errors, json_option, print_json
from ops.cli.tables import Table

_SHOWN = {
    "precision_at_5": "P@5", "ndcg_at_5": "nDCG@5", "first_is_best": "top is 2",
    "recall": "R", "precision": "P", "accuracy": "A", "perfect": "perfect",
}  # fmt: skip


def advice_table(figures: dict[str, Any]) -> Table:
    """Return the scores, one row a part and task."""
    table = Table(title="advice on hand-graded cases", title_justify="left", box=box.SIMPLE, padding=0, pad_edge=False)
    for heading in ("part", "task", "cases", *_SHOWN.values()):
        table.add_column(heading, no_wrap=True)
    for part, tasks in figures.items():
        for task, row in tasks.items():
            table.add_row(part, task, str(row["cases"]), *(f"{row[s]:.3f}" if s in row else "" for s in _SHOWN))
        table.add_section()
    return table


@click.command()
@json_option
def advice(as_json: bool) -> None:
    """Score skills to add, faults found in resumes and fitting jobs on hand-graded cases.

    Odd cases (dev) are what rules and weights were tuned on, even ones (test) are for the report. For comparison,
    `counted` recommends what most jobs with a title like the target's ask for, `popular` what most jobs of all do.
    """
    from ops.evaluation.advice import evaluate

    with errors.status("advising"):
        figures = evaluate()
    if as_json:
        print_json(figures)
    else:
        console.print(advice_table(figures))
