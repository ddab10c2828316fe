"""`looma sync run`, `status` and `report`: bulk syncs that can be killed at any moment, and their accounts."""

import asyncio
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from connectors.formats.registry import NAMES
from ops.cli.columns import mapping_of, mapping_options, say_taken, warn_ignored
from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from ops.cli.interrupts import stopping
from ops.cli.tables import Table
from schemas.entities import ENTITIES
from schemas.errors import LoomaError
from schemas.exits import Exit

if TYPE_CHECKING:
    from connectors.checkpoint import Checkpoint, RunFile
    from connectors.rows import RowError
    from connectors.sources.base import Source
    from ops.sync.status import Live
    from schemas.entities import Entity
    from schemas.settings import Settings
    from schemas.sync_reports import SyncReport

SHOWN_REJECTIONS = 20
STALLED_SECONDS = 60.0
TOKEN = "LOOMA_SYNC_TOKEN"  # noqa: S105 - the name of a variable


class Rate(click.ParamType):
    """Records a second, as `500/s`."""

    name = "N/s"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number; fails for anything else than a positive one."""
        match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)(?:/s)?", str(value))
        if not match or float(match[1]) <= 0:
            self.fail("say records a second, e.g. 500/s", param, ctx)
        return float(match[1])


@click.command("run")
@click.argument("address", metavar="SOURCE")
@click.option("--entity", type=click.Choice(ENTITIES), help="What the records are, if they do not say so.")
@click.option(
    "--source", "provenance", default="import", show_default=True, help="The system that says so: provenance."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["auto", "events", *NAMES]),
    default="auto",
    show_default=True,
    help="What files and pages are; auto: the content decides.",
)
@click.option("--rate", type=Rate(), help="At most so many records a second, e.g. 500/s.")
@click.option("--dry-run", is_flag=True, help="Read and check everything, publish nothing.")
@click.option("--run", "name", help="The run to begin or take up; by default named after the source.")
@click.option("--follow", is_flag=True, help="MongoDB: go on with what changes, until Ctrl-C.")
@click.option("--wait", is_flag=True, help="Then wait until the worker has handled everything.")
@mapping_options
@json_option
@run
async def run_command(
    address: str,
    entity: "Entity | None",
    provenance: str,
    form: str,
    rate: float | None,
    dry_run: bool,
    name: str | None,
    follow: bool,
    wait: bool,
    maps: tuple[str, ...],
    map_file: Path | None,
    ignore_unknown: bool,
    as_json: bool,
) -> None:
    """Publish everything a source holds, and account for every record.

    \b
    looma sync run talents.parquet --entity talent --source crm
    looma sync run mongodb://host:27017/crm.talents --source crm --follow
    looma sync run https://api.example.com/talents --entity talent --rate 500/s
    looma sync run 候选人.csv --entity talent --map 意向岗位=title --ignore-unknown
    looma sync run "https://boards-api.greenhouse.io/v1/boards/acme/jobs?content=true" --source greenhouse

    SOURCE is a .jsonl, .csv or .parquet file, a MongoDB collection (a snapshot, then what changed meanwhile), a REST
    API with cursor paging (a bearer token comes from the environment, LOOMA_SYNC_TOKEN), or a file or API of another
    system (docs/guides/import.md). The same command again takes up an interrupted run where it was, even after kill -9;
    publishing again changes nothing.

    COLUMN is a name or a path, such as offices.0.name or emails.*.value; see docs/guides/backfill.md.

    Exit code 1 if any record was refused or rejected; the others are published.
    """
    from connectors.checkpoint import RunFile
    from connectors.sources.factory import open_source
    from ops.sync import report as sync_report
    from ops.sync.backfill import run_id, runs_dir
    from streams.generations.database import base_database

    settings = load_settings()
    mapping = mapping_of(maps, map_file, ignore_unknown)
    with _said_plainly():
        source = open_source(
            address,
            entity=entity,
            source=provenance,
            follow=follow,
            token=os.environ.get(TOKEN),
            mapping=mapping,
            choice=form,
        )
        file = RunFile(runs_dir(settings), name or run_id(source, entity, provenance))
        if dry_run:
            await _dry_run(source, file, entity, provenance, as_json)
            return
        interrupted = await _publish(settings, source, file, entity, provenance, rate)
        warn_ignored(source.ignored)
        say_taken({source.name: sorted(source.taken)} if source.taken else {})
        async with base_database(settings) as db:
            report = await (_handled if wait and not interrupted else _report)(settings, file)
            await sync_report.publish_report(settings, db, report)
    _print_all(report, as_json)
    if interrupted:
        raise click.exceptions.Exit(Exit.INTERRUPTED)
    _refuse(report)


@click.command()
@json_option
@run
async def status(as_json: bool) -> None:
    """Show every run: what was read, published, handled and rejected, how far behind the worker is, time left.

    `late` events were older than what their topic keeps. `conflicts` wait for a person (`looma conflicts list`) and are
    of all runs, as is `fresh p99`: how long 99 % of the last hour's changes took at most, from the
    event's publication to the record's.
    """
    from connectors.checkpoint import runs
    from ops.sync.backfill import runs_dir
    from ops.sync.report import account
    from ops.sync.status import Live, live

    settings = load_settings()
    with _said_plainly():
        reports = await account(settings, runs(runs_dir(settings)))
        now = await live(settings) if reports else Live({}, {})
    if as_json:
        print_json([_status(r, now) for r in reports])
    elif not reports:
        console.print("no runs yet; begin one with `looma sync run SOURCE`")
    else:
        for each in reports:
            _print(each, now)


def _status(report: "SyncReport", now: "Live") -> dict[str, Any]:
    from ops.sync import report as sync_report

    found = sync_report.as_json(report)
    for counts in found["counts"]:
        counts["conflicts"] = now.conflicts.get((counts["entity"], counts["source"]), 0)
        counts["freshness_p99_seconds"] = now.freshness_p99.get(counts["entity"])
    return {**found, "rejections": len(report.rejections) + report.rejections_omitted}


@click.command()
@click.argument("name", metavar="RUN")
@click.option("--markdown", is_flag=True, help="Print Markdown.")
@json_option
@run
async def report(name: str, markdown: bool, as_json: bool) -> None:
    """Show a run's account with each rejection and its reason, and publish it to `sync-reports` and MongoDB.

    Exit code 1 if any record was refused or rejected.
    """
    from connectors.checkpoint import RunFile
    from ops.sync import report as sync_report
    from ops.sync.backfill import runs_dir
    from streams.generations.database import base_database

    settings = load_settings()
    with _said_plainly():
        found = await _report(settings, RunFile(runs_dir(settings), name))
    async with base_database(settings) as db:
        await sync_report.publish_report(settings, db, found)
    if markdown:
        for line in sync_report.markdown(found):
            click.echo(line)
    else:
        _print_all(found, as_json)
    _refuse(found)


async def _publish(
    settings: "Settings",
    source: "Source",
    file: "RunFile",
    entity: "Entity | None",
    provenance: str,
    rate: float | None,
) -> bool:
    """Publish what is left; return whether Ctrl-C ended it before the source did."""
    from connectors.publisher import EventPublisher
    from ops.runtime.telemetry import telemetry
    from ops.sync.backfill import Backfill, begin

    with telemetry(settings, "sync"), file.working(), _progress_bar() as show:
        checkpoint = begin(file, source, entity, provenance)
        async with EventPublisher(
            settings.kafka,
            provenance,
            client_id="looma-sync",
        ) as publisher:
            kept = settings.retention.events
            work = Backfill(source, checkpoint, file, publisher, rate=rate, on_progress=show, kept=kept)
            with stopping(work.stop) as interrupted:
                await work.run()
    return bool(interrupted) and not checkpoint.finished


async def _dry_run(source: "Source", file: "RunFile", entity: "Entity | None", provenance: str, as_json: bool) -> None:
    from connectors.sources.base import SourceError
    from ops.sync.backfill import Backfill, first_checkpoint

    checkpoint = first_checkpoint(file, source, entity, provenance)
    failure = None
    with _progress_bar() as show:
        work = Backfill(source, checkpoint, file, None, on_progress=show)
        with stopping(work.stop) as interrupted:
            try:
                await work.run()
            except SourceError as error:
                failure = error
    warn_ignored(source.ignored)
    say_taken({source.name: sorted(source.taken)} if source.taken else {})
    if not checkpoint.read_count and failure is None:
        errors.print("there are no records in this source", markup=False)
    figures = {
        "read": checkpoint.read_count,
        "refused": checkpoint.refused,
        "would_publish": checkpoint.published_count,
    }
    if as_json:
        listed = [{"at": f"record {e.line}", "id": e.id, "reason": e.text} for e in work.dry_run_refused]
        ignored = sorted(source.ignored)
        print_json({"run": file.run, "dry_run": True, **figures, "ignored": ignored, "rejections": listed})
    else:
        console.print(f"{figures['would_publish']} would be published, {figures['refused']} refused")
        _show_refused(work.dry_run_refused, checkpoint.refused)
    if failure:
        raise failure
    if interrupted and not checkpoint.finished:
        raise click.exceptions.Exit(Exit.INTERRUPTED)
    if checkpoint.refused:
        raise click.exceptions.Exit(Exit.REFUSED)


def _show_refused(refused: "list[RowError]", total: int) -> None:
    for error in refused[:SHOWN_REJECTIONS]:
        of = f" ({error.id})" if error.id else ""
        console.print(f"  record {error.line}{of}: {error.text}", markup=False)
    if total > SHOWN_REJECTIONS:
        console.print(f"  and {total - SHOWN_REJECTIONS} more")


async def _report(settings: "Settings", file: "RunFile") -> "SyncReport":
    from connectors.checkpoint import CheckpointError
    from ops.sync.report import account

    found = await account(settings, [file])
    if not found:
        raise CheckpointError(f"there is no run {file.run}; `looma sync status` lists them")
    return found[0]


async def _handled(settings: "Settings", file: "RunFile") -> "SyncReport":
    """Wait while the worker gets on with the run's messages. Raises CheckpointError if it does not."""
    from connectors.checkpoint import CheckpointError

    loop = asyncio.get_running_loop()
    report, since = await _report(settings, file), loop.time()
    with errors.status("the worker has messages to handle") as line:
        while report.waiting:
            line.update(f"the worker has {report.waiting} messages to handle")
            await asyncio.sleep(0.5)
            before, report = report.waiting, await _report(settings, file)
            if report.waiting < before:
                since = loop.time()
            elif loop.time() - since > STALLED_SECONDS:
                raise CheckpointError(f"no worker handles the {report.waiting} messages; start `looma worker`")
    return report


def _print_all(report: "SyncReport", as_json: bool) -> None:
    from ops.sync import report as sync_report

    if as_json:
        print_json(sync_report.as_json(report))
    else:
        _print(report)
        for rejection in report.rejections[:SHOWN_REJECTIONS]:
            console.print(f"  {rejection.at} {rejection.id or ''}: {rejection.reason}", markup=False, highlight=False)
        if (more := len(report.rejections) + report.rejections_omitted - SHOWN_REJECTIONS) > 0:
            console.print(f"  and {more} more; looma sync report {report.run} --markdown lists them")


def _refuse(report: "SyncReport") -> None:
    if report.refused or report.dead_lettered:
        raise click.exceptions.Exit(Exit.REFUSED)


def _print(report: "SyncReport", now: "Live | None" = None) -> None:
    left = "" if report.seconds_left in (None, 0.0) else f", {report.seconds_left:.0f} s left"
    console.print(f"{report.run} {report.state}, {report.records_per_second:.0f} records/s{left}")
    console.print(f"  {report.read} read = {report.refused} refused + {report.published} published", highlight=False)
    table = Table("source", "entity", "published", "late", "handled", "dead-lettered", "waiting", "for")
    if now:
        table.add_column("conflicts")
        table.add_column("fresh p99")
    for c in report.counts:
        row = [c.source, c.entity, c.published, c.late, c.handled, c.dead_lettered, c.waiting, f"{c.lag_seconds:.0f} s"]
        if now:
            fresh = now.freshness_p99.get(c.entity)
            row += [now.conflicts.get((c.entity, c.source), 0), "-" if fresh is None else f"{fresh:.2f} s"]
        table.add_row(*map(str, row))
    if report.counts:
        console.print(table)


@contextmanager
def _said_plainly() -> Iterator[None]:
    """End the command with one line and what to do when Kafka fails."""
    from aiokafka.errors import KafkaConnectionError, KafkaError

    try:
        yield
    except (LoomaError, KafkaConnectionError):
        raise
    except (KafkaError, TimeoutError) as error:
        raise click.ClickException(f"Kafka: {type(error).__name__}; the same command goes on where it was") from error


@contextmanager
def _progress_bar() -> "Iterator[Callable[[Checkpoint], None]]":
    """Show how much has been read, how fast, and the time left, on stderr."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[text]}"), TimeRemainingColumn())
    with Progress(*columns, console=errors) as progress:
        task = progress.add_task("reading", total=None, text="")

        def show(checkpoint: "Checkpoint") -> None:
            rate = checkpoint.read_count / checkpoint.working_seconds if checkpoint.working_seconds else 0
            text = f"{checkpoint.read_count} read, {checkpoint.refused} refused, {rate:.0f}/s"
            known = checkpoint.share is not None
            progress.update(task, total=1.0 if known else None, completed=checkpoint.share or 0.0, text=text)

        yield show
