"""`looma forget`: a person is deleted from the log and from every store."""

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from ops.cli.tables import Table
from ops.forget.run import Forgetting, Report


@click.command()
@click.argument("people", metavar="[PERSON]...", nargs=-1)
@click.option("--reapply", is_flag=True, help="After a restored backup: whoever is forgotten and there again.")
@click.option("--dry-run", is_flag=True, help="Only count what would be removed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@run
async def forget(people: tuple[str, ...], reapply: bool, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Delete people, by talent id, from the log, MongoDB and Qdrant, and pass over what still comes of them.

    What other people said stays and can be replayed. Interrupted, the same command goes on; done twice, it removes
    what came since. It cannot be undone, and backups are another matter: see docs/guides/forget.md.

    \b
    Exit codes: 0 done, 1 not done (run it again), 2 nobody named.
    """
    if bool(people) == reapply:
        raise click.UsageError("name the people by their talent ids, or say --reapply")
    async with Forgetting.open(load_settings()) as work:
        wanted = await work.returned() if reapply else list(dict.fromkeys(people))
        plans = [await work.plan(person) for person in wanted] if dry_run or not yes else []
        if dry_run:
            _show(plans, as_json)
            return
        if not yes and wanted:
            _show(plans, as_json=False)
            click.confirm("Delete this for good?", abort=True)
        reports = []
        for person in wanted:
            with errors.status(f"forgetting {person}") as status:
                reports.append(await work.forget(person, status.update))
    _show(reports, as_json)


def _show(reports: list[Report], as_json: bool) -> None:
    if as_json:
        print_json([r.as_json() for r in reports])
        return
    if not reports:
        console.print("nobody to forget")
    for r in reports:
        table = Table("where", "removed", "of others, copied", title=r.person, title_justify="left")
        for name, count in r.stores.items():
            table.add_row(f"vectors {name}" if name.startswith("vectors") else f"MongoDB {name}", str(count), "")
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
