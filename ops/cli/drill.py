"""`looma drill`: rehearsals of what nobody wants to do for the first time when it counts."""

from dataclasses import asdict

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from schemas.exits import Exit


@click.group()
def drill() -> None:
    """Rehearse what nobody wants to do for the first time when it counts, in stacks that are removed afterwards.

    \b
    looma drill restore                    a backup of what is stored, restored elsewhere and compared
    looma drill restore --talents 3000     the same of invented people
    looma drill failover                   a worker, the store and the broker die under load, one by one
    """


@drill.command("restore")
@click.option(
    "--talents", type=click.IntRange(1, 10_000_000), help="Of as many invented talents, instead of what is stored."
)
@json_option
@run
async def drill_restore(talents: int | None, as_json: bool) -> None:
    """Back up what is stored, restore it into an empty stack of its own, and compare record by record.

    Nothing is written to what is backed up but keys of people who have none yet. The other stack is embedded, in a
    temporary folder, and removed at the end. Exit code 1 if anything differs.
    """
    from contextlib import AsyncExitStack

    from ops.backup.drill import rehearse
    from ops.benchmarks.filling import fill
    from ops.benchmarks.stack import fresh_stack, prepare

    phase = ""

    def say(text: str) -> None:
        errors.print(text, style="dim")

    def tell(text: str) -> None:
        nonlocal phase
        status.update(text)
        if not errors.is_terminal and phase != (phase := text.partition(":")[0]):
            say(phase)

    async with AsyncExitStack() as stacks:
        source = load_settings()
        if talents:
            source = await stacks.enter_async_context(fresh_stack(say))
            await prepare(source)
            await fill(source, talents, say)
        target = await stacks.enter_async_context(fresh_stack(say))
        await prepare(target)
        with errors.status("backing up") as status:
            found = await rehearse(source, target, tell)
    if as_json:
        print_json(asdict(found))
    else:
        console.print(f"{found.records:,} records restored in {found.seconds:g} s, {found.differences:,} differ")
        console.print(f"backup: {found.backup_seconds:g} s, {found.backup_bytes / 1e6:,.1f} MB")
        if found.unreadable:
            console.print(f"{found.unreadable:,} parts of forgotten people are gone, as they must be")
    if found.differences or not found.records:
        raise click.exceptions.Exit(int(Exit.REFUSED))


@drill.command("failover")
@json_option
@run
async def drill_failover(as_json: bool) -> None:
    """Kill a worker, the store and the broker under load, one by one, and say when work went on and what was lost.

    In an embedded stack of its own, in a temporary folder; it takes two minutes and needs the extra `dev`, as
    `looma bench faults` does, which draws faults that overlap. Exit code 1 if anything was lost or done twice.
    """
    from ops.faults.failover import PROMISES, failover

    found = await failover(lambda text: errors.print(text, style="dim"))
    if as_json:
        print_json(found)
    else:
        for name, each in found["failures"].items():
            again = each["first_event_ms"]
            when = "nothing came to be done" if again is None else f"first event {again / 1000:.1f} s after it was back"
            console.print(f"{name}: away for {each['away_seconds']:.1f} s, {when}")
        lost = ", ".join(f"{found[name]} {name.replace('_', ' ')}" for name in PROMISES)
        console.print(f"{found['events']:,} events: {lost}")
    if not found["drained"]:
        errors.print("the workers had not caught up when the run ended: what is counted is not all")
    if any(found[name] for name in PROMISES) or not found["drained"]:
        raise click.exceptions.Exit(int(Exit.REFUSED))
