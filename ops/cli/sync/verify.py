"""`looma sync verify`: is everything as its events say, and if not, make it so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import click
from rich.progress import TaskID

from ops.cli.context import console, json_option, load_settings, print_json, run
from ops.cli.publish import progress_bar
from ops.cli.tables import Table
from schemas.entities import ENTITIES

if TYPE_CHECKING:
    from ops.verify import Report
    from ops.verify.repair import Outcome
    from ops.verify.report import Progress
    from schemas.entities import Entity
    from schemas.settings import Settings

SHOWN = 50
SHOWN_JSON = 1000


@click.command()
@click.option(
    "--entity", "entities", type=click.Choice(ENTITIES), multiple=True, help="Only this one; may be repeated."
)
@click.option("--repair", is_flag=True, help="Make what differs again from its events.")
@click.option("--dry-run", is_flag=True, help="With --repair: only say what it would do.")
@json_option
@run
async def verify(entities: "tuple[Entity, ...]", repair: bool, dry_run: bool, as_json: bool) -> None:
    """Compare the event log with MongoDB and Qdrant; say which records are missing, stale, extra or corrupt.

    Golden records are computed again from the links of their members and from the log.

    Of the active generation, or the one that LOOMA_WORKER__GENERATION names. The log counts as far as the consumer
    group has committed it, so what is still under way is no difference. Names of fields are shown, never their values.

    \b
    missing   its events make a record, and there is none
    stale     an older version of what its events make
    extra     no event speaks of it
    corrupt   what its events never made
    lost      an event that was acknowledged, has no effect and is no dead letter

    The exit code is 1 if differences remain. After --repair let the workers finish, then verify again. That all
    entities were verified, and how much differs, is noted for the alert LoomaVerifyDiffers.
    """
    from sinks.last_done import note_done
    from streams.generations.database import base_database, own_generation
    from streams.models.built_with import own_model
    from streams.models.default_model import ensure_model
    from streams.models.downloads import cache_dir
    from streams.models.encoders import encoder_at

    if dry_run and not repair:
        raise click.UsageError("--dry-run goes with --repair")
    settings = load_settings()
    own = await own_model(settings, (await own_generation(settings)).name)

    @cache
    def model() -> str:
        return encoder_at(own or ensure_model(cache_dir())).version

    remaining, wrong = False, 0
    results = []
    for entity in entities or ENTITIES:
        with _progress() as progress:
            report, outcome = await _verify(settings, entity, model, repair and not dry_run, progress)
        results.append(_result(report, outcome, dry_run))
        remaining |= bool(outcome.left if outcome else not report.is_consistent) or report.truncated
        wrong += len(outcome.left) if outcome else len(report.differences) + len(report.lost)
        if not as_json:
            _print(report, outcome, dry_run)
    if not entities:
        async with base_database(settings) as base:
            await note_done(base, "verify", wrong)
    if as_json:
        print_json({"consistent": all(r["consistent"] for r in results), "entities": results})
    if remaining:
        raise click.exceptions.Exit(1)


async def _verify(
    settings: "Settings", entity: "Entity", model: Callable[[], str], repair: bool, progress: "Progress"
) -> "tuple[Report, Outcome | None]":
    from ops.verify import Verification
    from streams.generations.database import own_generation

    generation = await own_generation(settings)
    async with Verification(settings, entity, model, progress, generation) as verification:
        report = await verification.check()
        if not repair or report.is_consistent:
            return report, None
        return report, await verification.repair(report)


@contextmanager
def _progress() -> "Iterator[Progress]":
    """Show one bar a step."""
    with progress_bar() as bar:
        tasks: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what)
            bar.update(tasks[what], completed=done, total=total)

        yield report


def _result(report: "Report", outcome: "Outcome | None", dry_run: bool) -> dict[str, Any]:
    result = report.to_json()
    for found in ("differences", "lost"):
        result[found] = result[found][:SHOWN_JSON]
    if outcome:
        result["repaired"], result["not_repaired"] = outcome.repaired, [d.to_json() for d in outcome.left]
        result["dead_letters"] = outcome.dead_letters
    elif dry_run:
        result["would_repair"] = len({d.address.range_key for d in report.differences})
    return result


def _print(report: "Report", outcome: "Outcome | None", dry_run: bool) -> None:
    from ops.verify.report import KINDS

    counts = report.counts()
    table = Table("", "records", *KINDS, title=f"{report.entity}: {report.records['log']} events", title_justify="left")
    for replica in report.replicas:
        table.add_row(replica, str(report.records[replica]), *(str(counts[replica, kind]) for kind in KINDS))
    console.print(table)
    for difference in report.differences[:SHOWN]:
        console.print(f"{difference.replica} {difference.kind:7} {difference.id}", style="yellow", markup=False)
        for detail in difference.details:
            console.print(f"    {detail}", markup=False, highlight=False)
    for each in report.lost[:SHOWN]:
        console.print(f"lost    {each.topic} [{each.partition}] offset {each.offset}", style="yellow", markup=False)
        console.print(f"    {each.reason}: {each.detail}", markup=False, highlight=False)
    hidden = max(len(report.differences) - SHOWN, 0) + max(len(report.lost) - SHOWN, 0)
    notes = {
        f"and {hidden} more; --json lists up to {SHOWN_JSON}": hidden > 0,
        "there are more differences than are counted: repair, then verify again": report.truncated,
        f"{report.in_flight} records are about to change: nothing is said of them": report.in_flight > 0,
        "retention has removed events: of what they said, the stored records are the only witness": (
            not report.log_complete
        ),
        f"{report.unwitnessed} messages that cannot be read are older than the dead letters kept": report.unwitnessed
        > 0,
        f"would be made again or removed: {len({d.address.range_key for d in report.differences})}": dry_run,
    }
    if outcome:
        notes[f"repaired {outcome.repaired}, still changing: {len(outcome.left)}"] = True
        notes[f"published {outcome.dead_letters} dead letters that were missing"] = outcome.dead_letters > 0
    for note, applies in notes.items():
        if applies:
            console.print(note, style="dim", markup=False, soft_wrap=True)
