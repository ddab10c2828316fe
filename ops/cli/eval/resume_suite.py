"""`looma eval resume-suite`: field accuracy on generated resumes of many layouts, languages, formats and qualities."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ops.cli.context import console, errors, json_option, print_json, run
from ops.cli.tables import Table
from ops.evaluation.seeds import RESUME_SUITE

if TYPE_CHECKING:
    from ops.evaluation.resume_suite.scoring import Item


@click.command("resume-suite")
@click.option(
    "--layouts", default="all", show_default=True, type=click.Choice(["dev", "test", "all"]),
    help="Even layouts are for development, odd ones for reporting.",
)  # fmt: skip
@click.option("--count", default=336, show_default=True, type=click.IntRange(1, 100_000), help="Digital resumes.")
@click.option("--scans", is_flag=True, help="PDF resumes as scans as well: seconds a page.")
@click.option("--seed", default=RESUME_SUITE, show_default=True, help="Other people in the same layouts.")
@click.option(
    "--write", "folder", type=click.Path(file_okay=False, path_type=Path),
    help="Write the files and truth.jsonl there, and parse nothing.",
)  # fmt: skip
@click.option("--wrong", is_flag=True, help="List what was wrong, for development.")
@json_option
@run
async def resume_suite(
    layouts: Literal["dev", "test", "all"], count: int, scans: bool, seed: int, folder: Path | None, wrong: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Generate resumes whose truth is known, parse their files, and count the fields that were found as they are.

    48 layouts in Chinese, English and both; PDF, DOCX and HTML; scans clean, blurred, noisy, turned and compressed.
    The same for the same seed. Needs the extra `evaluation`, which makes files.
    """
    from ops.evaluation.resume_suite.measure import Measured, measure
    from ops.evaluation.resume_suite.parsing import parsed
    from ops.evaluation.resume_suite.suite import cases
    from ops.evaluation.resume_suite.writing import write

    made = cases(count, layouts, scans=scans, seed=seed)
    if folder is not None:
        written = sum(1 for _ in write(made, folder))
        console.print(f"{written} files and truth.jsonl in {folder}")
        return
    measured = Measured()
    with errors.status("parsing") as status:
        async for measured in measure(made, parsed):
            status.update(f"parsed {measured.documents}: {measured.total.share:.4f} of fields right")
    figures = measured.figures()
    if wrong:
        figures["wrong"] = [{"resume": name, **item._asdict()} for name, item in measured.wrong]
    if as_json:
        print_json(figures)
        return
    console.print(suite_table(figures))
    if wrong:
        for name, item in measured.wrong:
            console.print(_told(name, item), highlight=False)


def _told(name: str, item: "Item") -> str:
    return f"{name} {item.field}: {item.true!r} read as {item.found!r}"


def suite_table(figures: dict[str, Any]) -> Table:
    """Return accuracies: a row a field, a column a format."""
    kinds = list(figures["formats"])
    title = f"{figures['documents']} resumes, {figures['unread']} unread; share of fields found as they are"
    table = Table(title=title, title_justify="left")
    table.add_column("field", no_wrap=True)
    for heading in (*kinds, "items"):
        table.add_column(heading.removeprefix("scan "), justify="right")
    for name, by_kind in figures["fields"].items():
        shares = [f"{by_kind[k]['accuracy']:.3f}" if k in by_kind else "" for k in kinds]
        table.add_row(name, *shares, f"{sum(row['items'] for row in by_kind.values()):,}")
    table.add_section()
    rows = figures["formats"].values()
    table.add_row("all", *(f"{row['accuracy']:.3f}" for row in rows), f"{sum(row['items'] for row in rows):,}")
    for name in ("digital", "scans"):
        if figures[name] is not None:
            table.add_row(name, f"{figures[name]:.4f}")
    return table
