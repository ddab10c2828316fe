"""`looma eval fairness`: whether who somebody is changes how they are matched."""

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json
from ops.cli.tables import Table


@click.command("fairness")
@json_option
def fairness_command(as_json: bool) -> None:
    """Give the same CVs another sex, age, origin, family or name, and compare how often they are selected.

    The ratio is the least selection rate by the greatest; below 0.8 it shows adverse impact (the four-fifths rule).
    Without any effect it is 1 and no score changes.
    """
    from ops.evaluation.fairness import GROUPS, fairness
    from streams.models.encoders import default_encoder

    settings = load_settings()
    with errors.status("ranking"):
        model = default_encoder(settings.models)
        figures = fairness(model, settings.matching.threshold)
    if as_json:
        print_json(figures)
        return
    title = f"{figures['talents']} CVs in each group, {figures['jobs']} jobs, selected from {figures['threshold']}"
    table = Table(title=title, title_justify="left")
    for heading in ("attribute", "selection rates", "ratio", "largest change of a score", "other best job"):
        table.add_column(heading)
    for name in GROUPS:
        row = figures[name]
        rates = ", ".join(f"{group} {rate:.3f}" for group, rate in row["selection_rates"].items())
        table.add_row(name, rates, f"{row['ratio']:.3f}", f"{row['largest_change']:.4f}", f"{row['top1_changed']:.1%}")
    console.print(table)
