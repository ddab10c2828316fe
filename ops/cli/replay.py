"""`looma replay`: events again, in place or into a new generation beside the live one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from ops.cli.context import console, errors, json_option, load_own_settings, load_settings, print_json
from ops.cli.context import run as coroutine
from ops.cli.interrupts import stopping
from ops.cli.sync.run import Rate
from ops.cli.tables import Table
from schemas.exits import Exit
from schemas.topics import EVENTS

if TYPE_CHECKING:
    from ops.replay.checkpoint import Checkpoint
    from ops.replay.log import SourceLog
    from ops.replay.selection import Selection
    from schemas.settings import Settings
    from streams.generations.switching import Comparison

ALL_TOPICS = tuple(EVENTS.values())


@click.group(invoke_without_command=True)
@click.option("--topic", "topics", multiple=True, type=click.Choice(ALL_TOPICS), help="Default: all source topics.")
@click.option("--from-beginning", is_flag=True, help="Start with the oldest event kept.")
@click.option("--from-offset", "offsets", multiple=True, metavar="[TOPIC:]P:O", help="Start partition P at offset O.")
@click.option("--from", "since", metavar="TIME", help="Start with what was published then, e.g. 2026-01-05T16:00:00Z.")
@click.option("--to", "until", metavar="TIME|now", default="now", show_default=True, help="Stop before this time.")
@click.option("--key", "keys", multiple=True, metavar="ID", help="Only this entity's events.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only this type, e.g. looma.talent.upserted.")
@click.option("--source", "sources", multiple=True, metavar="SOURCE", help="Only this system's events, e.g. crm.")
@click.option("--rate", type=Rate(), help="At most so many events a second, e.g. 500/s.")
@click.option("--dry-run", is_flag=True, help="Count what would be replayed, change nothing.")
@click.option("--run", "run_id", metavar="ID", help="The run to begin or to take up; by default a new one.")
@json_option
@click.pass_context
def replay(ctx: click.Context, /, **options: Any) -> None:
    """Replay events in place, or build a new generation beside the live one and switch to it.

    \b
    In place:    looma replay --from-beginning --topic talent-events --key t-1
                 looma replay --from 2026-01-05T16:00:00Z --source crm --rate 500/s
                 looma replay --run ID                          takes up an interrupted run
    Blue-green:  looma replay start g2; LOOMA_WORKER__GENERATION=g2 looma worker &
                 looma replay status; looma replay switch g2    and back: looma replay rollback

    In place is for a changed policy and for what was missed: an event that is in its record already changes nothing.
    A bug fix needs a new generation, which sees nothing but the events. Live traffic goes on in both.

    Options can be repeated. Exit code 1 if events were rejected; those are in `dead-letters`.
    """
    if ctx.invoked_subcommand is None:
        _in_place(**options)


@coroutine
async def _in_place(
    topics: Sequence[str],
    from_beginning: bool,
    offsets: Sequence[str],
    since: str | None,
    until: str,
    keys: Sequence[str],
    types: Sequence[str],
    sources: Sequence[str],
    rate: float | None,
    dry_run: bool,
    run_id: str | None,
    as_json: bool,
) -> None:
    from ops.replay import run as replays
    from ops.replay.checkpoint import replays_dir
    from ops.replay.log import SourceLog
    from ops.replay.selection import parse_offsets, parse_time, select
    from ops.runtime.audit import record_now
    from ops.runtime.telemetry import telemetry

    settings = load_settings()
    narrowed = bool(topics or keys or types or sources or until != "now")
    selection: Selection | None = None
    if from_beginning or offsets or since or narrowed or run_id is None:
        chosen = tuple(t for t in ALL_TOPICS if t in topics) or ALL_TOPICS
        selection = select(
            topics=chosen,
            beginning=from_beginning,
            offsets=parse_offsets(offsets, chosen),
            since=parse_time(since),
            until=parse_time(until),
            keys=frozenset(keys),
            types=frozenset(types),
            sources=frozenset(sources),
        )
    run_id = run_id or f"replay-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    lock = replays.hold(settings, run_id)
    async with SourceLog.open(settings, ALL_TOPICS) as log:
        if dry_run:
            await _preview(settings, log, run_id, selection, as_json)
            return
        with telemetry(settings, "replay"), lock.working():
            checkpoint = await replays.begin(settings, log, run_id, selection)
            await record_now(settings, "replay.started", f"run:{run_id}")
            if not as_json:
                errors.print(f"run {run_id}; interrupted, `looma replay --run {run_id}` goes on", style="dim")
            with _progress_bar() as show:
                work = replays.Replay(settings, replays_dir(settings), rate=rate, on_progress=show)
                with stopping(work.stop) as interrupted:
                    await work.run(log, checkpoint)
    _report(checkpoint, as_json)
    if interrupted and not checkpoint.finished:
        raise click.exceptions.Exit(Exit.INTERRUPTED)
    if checkpoint.rejected:
        raise click.exceptions.Exit(Exit.REFUSED)


async def _preview(
    settings: "Settings", log: "SourceLog", run_id: str, selection: "Selection | None", as_json: bool
) -> None:
    from ops.replay import run as replays

    checkpoint = await replays.begin(settings, log, run_id, selection)
    with _progress_bar() as show:
        counts = await replays.preview(log, checkpoint, show)
    if as_json:
        figures = {"selected": counts.total(), "passed_over": checkpoint.passed_over, "expired": checkpoint.expired}
        print_json({"run": run_id, "dry_run": True, **figures, "counts": dict(sorted(counts.items()))})
        return
    table = Table("topic", "type", "events")
    for name, number in sorted(counts.items()):
        table.add_row(*name.split(" ", 1), f"{number:,}")
    console.print(table)
    console.print(f"{counts.total():,} events would be replayed, {checkpoint.passed_over:,} passed over")


def _report(checkpoint: "Checkpoint", as_json: bool) -> None:
    if as_json:
        figures = checkpoint.model_dump(mode="json", exclude={"positions", "selection"})
        print_json({**figures, "selected": checkpoint.selected})
    else:
        outcomes = ", ".join(f"{n:,} {outcome}" for outcome, n in sorted(checkpoint.outcomes.items())) or "none"
        console.print(f"{checkpoint.selected:,} events replayed: {outcomes}")
        console.print(f"{checkpoint.passed_over:,} passed over, {checkpoint.rejected:,} rejected")
        if checkpoint.expired:
            console.print(f"{checkpoint.expired:,} offsets are no longer kept")
        if not checkpoint.finished:
            console.print(f"not finished; `looma replay --run {checkpoint.run}` goes on")


@replay.command()
@click.argument("name", metavar="GENERATION")
@json_option
@coroutine
async def start(name: str, as_json: bool) -> None:
    """Prepare a new generation: its topics, database and consumer group, at the oldest event kept.

    It has records, vectors and matches of its own. Then start a worker that builds it, with the new code or settings:

    \b
    LOOMA_WORKER__GENERATION=g2 LOOMA_WORKER__PORT=16067 looma worker
    """
    from ops.runtime.audit import record_now
    from streams.generations import switching as generations

    settings = load_settings()
    generation = await generations.start(settings, name)
    await record_now(settings, "generation.started", f"generation:{name}")
    if as_json:
        print_json({"generation": generation.name})
    else:
        console.print(f"{name} is ready; now: LOOMA_WORKER__GENERATION={name} LOOMA_WORKER__PORT=16067 looma worker")


@replay.command()
@json_option
@coroutine
async def status(as_json: bool) -> None:
    """Show the generations: which is active, what each has stored, and how far each is behind.

    Many matches are counted by a sample.
    """
    from sinks.mongodb import COLLECTIONS
    from streams.generations import switching as generations
    from streams.generations.database import active_now

    settings = load_settings()
    found = await generations.statuses(settings)
    active = await active_now(settings)
    if as_json:
        rows = [generations.as_json(s) for s in found]
        pointer = {"active": active.generation, "previous": active.previous, "epoch": active.epoch}
        print_json({**pointer, "announced": active.announced, "generations": rows})
        return
    table = Table("generation", "state", "behind", *COLLECTIONS.values(), "matches", "dead letters")
    for s in found:
        state = Text("active", style="green") if s.active else "previous" if s.name == active.previous else s.state
        table.add_row(s.name, state, f"{s.total_lag:,}", *(f"{n:,}" for n in s.stored.values()), f"{s.dead_letters:,}")
    console.print(table)
    if not active.announced:
        console.print(f"the switch to {active.generation} is not finished: `looma replay switch {active.generation}`")


_force = click.option("--force", is_flag=True, help="Switch even to a generation that is behind.")
_wait = click.option(
    "--wait", default=30.0, show_default=True, type=click.FloatRange(0, 3600), help="Seconds it has to catch up."
)


@replay.command()
@click.argument("name", metavar="GENERATION")
@click.option("--dry-run", is_flag=True, help="Only compare: what would consumers be told?")
@_force
@_wait
@json_option
@coroutine
async def switch(name: str, dry_run: bool, force: bool, wait: float, as_json: bool) -> None:
    """Make a generation the active one, in one step.

    Readers see it from then on, its workers publish to `match-results`, and consumers are told, once, which matches
    are different; these results carry the header `looma_replay`. Refused while the generation is behind.
    Interrupted, the same command goes on. Both generations keep taking live traffic, so rollback is instant.
    """
    from ops.runtime.audit import record_now
    from streams.generations import switching as generations

    settings = load_own_settings()
    if dry_run:
        _compared(await generations.compare(settings, name), as_json)
        return
    await record_now(settings, "generation.switched", f"generation:{name}")
    told = await generations.switch(settings, name, force=force, wait_seconds=wait)
    _switched(name, told, as_json)


@replay.command()
@_force
@_wait
@json_option
@coroutine
async def rollback(force: bool, wait: float, as_json: bool) -> None:
    """Switch back to the generation that was active before."""
    from ops.runtime.audit import record_now
    from streams.generations import switching as generations
    from streams.generations.database import active_now

    settings = load_own_settings()
    leaving = (await active_now(settings)).generation
    await record_now(settings, "generation.rolled_back", f"generation:{leaving}")
    name, told = await generations.rollback(settings, force=force, wait_seconds=wait, leaving=leaving)
    _switched(name, told, as_json)


def _compared(found: "Comparison", as_json: bool) -> None:
    if as_json:
        print_json({**asdict(found), "results": found.results})
        return
    table = Table("", found.active, found.generation)
    for kind, (now, then) in sorted(found.stored.items()):
        table.add_row(kind, f"{now:,}", f"{then:,}")
    console.print(table)
    console.print(
        f"matches: {found.same:,} the same, {found.new:,} new, {found.gone:,} gone, {found.changed:,} changed "
        f"(a score by {found.greatest_change:g} at most)"
    )
    console.print(f"{found.generation} is {found.behind:,} messages behind and has {found.dead_letters:,} dead letters")


def _switched(name: str, told: int, as_json: bool) -> None:
    if as_json:
        print_json({"active": name, "results_published": told})
    else:
        console.print(f"{name} is active; {told:,} matches that differ were published")


@replay.command()
@click.argument("name", metavar="GENERATION")
@click.option("--yes", is_flag=True, help="Delete it; without this, only show what would be deleted.")
@json_option
@coroutine
async def drop(name: str, yes: bool, as_json: bool) -> None:
    """Delete a generation that is not active: records, vectors, matches, topics. Stop its workers first."""
    from ops.runtime.audit import record_now
    from streams.generations import switching as generations
    from streams.generations.generation import Generation

    settings = load_own_settings()
    if yes:
        await record_now(settings, "generation.dropped", f"generation:{name}")
    parts = await generations.drop(settings, name, apply=yes)
    if as_json:
        print_json({"generation": Generation(name).name, "dropped": yes, "parts": parts})
        return
    for part in parts:
        console.print(part, highlight=False)
    console.print(f"{name} is dropped" if yes else "nothing is deleted yet; --yes does it")


@contextmanager
def _progress_bar() -> "Iterator[Callable[[Checkpoint], None]]":
    """Show how far it is, how fast, and the time left, on stderr."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[text]}", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors) as progress:
        task = progress.add_task("replaying", total=1.0, text="")

        def show(checkpoint: "Checkpoint") -> None:
            rate = checkpoint.selected / checkpoint.working_seconds if checkpoint.working_seconds else 0.0
            progress.update(task, completed=checkpoint.share, text=f"{checkpoint.selected:,} events, {rate:,.0f}/s")

        yield show
