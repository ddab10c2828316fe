"""`looma eval resume-layouts`: field accuracy on layouts as people really use them, some of them kept for reporting."""

from collections.abc import Mapping
from typing import Any, Literal

import click

from ops.cli.context import console, errors, json_option, print_json, run
from ops.cli.tables import Table
from ops.evaluation.seeds import LAYOUT_SUITE


@click.command("resume-layouts")
@click.option(
    "--half",
    default="tuning",
    show_default=True,
    type=click.Choice(["tuning", "reporting", "documents", "unread"]),
    help="Rules are made on the tuning half and on documents, each of which is written by hand; the reporting half is "
    "by somebody else, the unread documents by somebody who knows neither rules nor results. Each look at those spends "
    "them, so they are asked for by name, and shares of what was read and of what was not are never one figure.",
)
@click.option(
    "--each",
    default=3,
    show_default=True,
    type=click.IntRange(1, 1_000),
    help="People a template; a document is drawn once.",
)
@click.option("--scans", is_flag=True, help="Some templates as scans as well: seconds a page.")
@click.option("--seed", default=LAYOUT_SUITE, show_default=True, help="Other people in the same templates.")
@click.option("--wrong", is_flag=True, help="List what was wrong in those that rules are made on.")
@json_option
@run
async def resume_layouts(
    half: Literal["tuning", "reporting", "documents", "unread"],
    each: int,
    scans: bool,
    seed: int,
    wrong: bool,
    as_json: bool,
) -> None:
    """Draw invented people in layouts of templates, sites and forms; count what is read as it was written.

    LaTeX classes, LinkedIn's exports, Europass, Word, job sites and forms, letters, trades. A position is right if
    employer, title, start and end are. The same for the same seed. Needs the extra `evaluation`, which makes files.
    """
    from ops.evaluation.layout_suite.measure import Measured, measure
    from ops.evaluation.layout_suite.suite import cases

    measured = Measured()
    with errors.status("parsing") as status:
        async for measured in measure(cases(half, each, scans=scans, seed=seed)):
            status.update(f"parsed {measured.documents}: {measured.positions.share:.4f} of positions right")
    figures = measured.figures()
    if wrong:
        figures["wrong"] = [{"resume": name, **item._asdict()} for name, item in measured.wrong]
    if as_json:
        print_json(figures)
        return
    console.print(layouts_table(figures))
    for name, item in measured.wrong if wrong else ():
        console.print(f"{name} {item.field}: {item.true!r} read as {item.found!r}", highlight=False)


def layouts_table(figures: dict[str, Any]) -> Table:
    """Return shares: a row a field, then a kind of file or a language, then a template of the tuning half."""
    title = f"{figures['documents']} resumes, {figures['unread']} unread; share read as it was written"
    return shares_table(
        title, {"position": figures["positions"], **figures["fields"]}, figures["groups"], figures["templates"]
    )


def shares_table(title: str, *parts: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return a row for each share with what it is of; a line between the parts."""
    table = Table(title=title, title_justify="left")
    table.add_column("", no_wrap=True)
    for heading in ("share", "of"):
        table.add_column(heading, justify="right")
    for part in parts:
        for name, row in part.items():
            table.add_row(name, f"{row['accuracy']:.3f}", f"{row['items']:,}")
        table.add_section()
    return table
