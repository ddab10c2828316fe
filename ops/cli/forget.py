"""`looma forget`: a person is deleted from the log and from every store."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops.cli.context import console, errors, json_option, load_own_settings, print_json, run
from ops.cli.tables import Table

if TYPE_CHECKING:
    from ops.forget.run import Report
    from sinks.parquet import ParquetFolder


@click.command()
@click.argument("people", metavar="[PERSON]...", nargs=-1)
@click.option("--reapply", is_flag=True, help="After a restored backup: whoever is forgotten and there again.")
@click.option("--dry-run", is_flag=True, help="Only count what would be removed.")
@click.option(
    "--export",
    "exports",
    multiple=True,
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Also in this folder of `looma export parquet` or `looma archive`; may be repeated.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@run
async def forget(
    people: tuple[str, ...], reapply: bool, dry_run: bool, exports: tuple[Path, ...], yes: bool, as_json: bool
) -> None:
    """Delete people, by talent id, from the log, MongoDB and Qdrant, and pass over what still comes of them.

    What other people said stays and can be replayed. Interrupted, the same command goes on; done twice, it removes
    what came since. It cannot be undone, and backups are another matter: see docs/guides/forget.md.

    \b
    Exit codes: 0 done, 1 not done (run it again), 2 nobody named.
    """
    from sinks.parquet import ParquetFolder

    if bool(people) == reapply:
        raise click.UsageError("name the people by their talent ids, or say --reapply")
    with ExitStack() as held:
        folders = {folder: held.enter_context(ParquetFolder(folder)) for folder in exports}
        await _forget(people, folders, dry_run=dry_run, yes=yes, as_json=as_json)


async def _forget(
    people: tuple[str, ...], folders: "Mapping[Path, ParquetFolder]", *, dry_run: bool, yes: bool, as_json: bool
) -> None:
    from ops.forget.run import Forgetting
    from ops.runtime.audit import record_now
    from sinks.base import ARCHIVE, TABLES

    settings, tables = load_own_settings(), (*TABLES.values(), *ARCHIVE.values())
    async with Forgetting.open(settings) as work:
        wanted = list(dict.fromkeys(people)) or await work.returned()
        plans = [await work.plan(person) for person in wanted] if dry_run or not yes else []
        for plan in plans:
            _add_files(plan, {f: sum(held.about(t, plan.person) for t in tables) for f, held in folders.items()})
        if dry_run:
            _show(plans, as_json)
            return
        if not yes and wanted:
            _show(plans, as_json=False)
            click.confirm("Delete this for good?", abort=True)
        if wanted:
            await record_now(settings, "person.forgotten", records=[("talent", person) for person in wanted])
        reports = []
        for person in wanted:
            with errors.status(f"forgetting {person}") as status:
                reports.append(await work.forget(person, status.update))
            erased = {f: sum(held.erase(t, person) for t in tables) for f, held in folders.items()}
            _add_files(reports[-1], erased)
    _show(reports, as_json)


def _add_files(report: "Report", rows: Mapping[Path, int]) -> None:
    report.stores |= {f"rows in {folder}": count for folder, count in rows.items()}


def _show(reports: "list[Report]", as_json: bool) -> None:
    if as_json:
        print_json([r.as_json() for r in reports])
        return
    if not reports:
        console.print("nobody to forget")
    for r in reports:
        table = Table("where", "removed", "of others, copied", title=r.person, title_justify="left")
        for name, count in r.stores.items():
            table.add_row(_place(name), str(count), "")
        for topic in r.topics:
            table.add_row(f"Kafka {topic.topic}", str(topic.removed), str(topic.copied or ""))
        if r.stores or r.topics:
            console.print(table)
        if r.already:
            console.print(f"{r.person} is forgotten already" + ("; removed what came since" if r.removed else ""))
        elif not r.removed:
            console.print(f"nothing is known of {r.person}; late events will be passed over")
        if r.linked:
            console.print(f"held to be the same person, and still there: {', '.join(r.linked)}")


def _place(store: str) -> str:
    if store.startswith("rows in "):
        return store
    return f"vectors {store}" if store.startswith("vectors") else f"MongoDB {store}"
