"""`looma eval conflicts`: how well the survivorship policy decides labelled, generated conflicts."""

from pathlib import Path
from typing import Any

import click

from ops.cli.context import console, json_option, print_json
from ops.cli.tables import Table
from ops.evaluation.seeds import CONFLICTS_TEST, CONFLICTS_TUNE


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.2%}"


def _row(name: str, figures: dict[str, Any]) -> tuple[str, ...]:
    shares = (_percent(figures[key]) for key in ("decided", "correct", "outdated"))
    return (name, f"{figures['cases']:,}", *shares)


def conflicts_table(figures: dict[str, Any]) -> Table:
    """Return the figures, one row a kind of conflict, the most frequent first."""
    table = Table("kind", title=f"policy {figures['policy']}, world {figures['seed']}", title_justify="left")
    for heading in ("cases", "decided", "of these right", "with outdated elements"):
        table.add_column(heading, justify="right")
    for kind, row in figures["by_kind"].items():
        table.add_row(*_row(kind, row))
    table.add_section()
    table.add_row(*_row("without format, list union", figures["without_formats_and_unions"]))
    table.add_row(*_row("all", figures))
    return table


@click.command()
@click.option(
    "--seed", default=CONFLICTS_TEST, show_default=True, help=f"The simulated world; {CONFLICTS_TUNE} is for tuning."
)
@click.option("--cases", "count", default=20_000, show_default=True, type=click.IntRange(100, 1_000_000))
@click.option(
    "--policy", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Measure this policy file."
)
@json_option
def conflicts(seed: int, count: int, path: Path | None, as_json: bool) -> None:
    """Decide labelled conflicts of a simulated world; show what was decided and what of that is right.

    People change, four systems watch them with delays and errors, and the truth is what the world says. Tune a policy
    on world 1 and report the default world's figures. Needs no stack.
    """
    from ops.evaluation.conflicts import measure
    from processors.sync.policy import load_policy

    policy = load_policy(path)
    figures = measure(seed, count, policy)
    if as_json:
        print_json(figures)
    else:
        console.print(conflicts_table(figures))
