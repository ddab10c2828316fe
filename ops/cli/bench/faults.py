"""`looma bench faults`: no loss, no double effect, order kept, while workers and servers fail."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops.cli.context import console, errors, json_option, print_json, run
from ops.cli.tables import Table, in_one_line
from ops.faults.schedule import PAUSES
from schemas.exits import Exit

if TYPE_CHECKING:
    from ops.faults.schedule import Kind

_PROMISES = (
    ("lost", "events whose effect is missing"),
    ("duplicated", "effects done twice"),
    ("out_of_order", "effects of one key out of order"),
    ("unaccounted", "offsets with neither an effect nor a dead letter"),
)
_OF_ONE_POLICY = ("duplicated", "out_of_order")
"""What two versions that decide records otherwise cannot keep: each tells a record again as it decides it."""
_SEEN = (
    ("rewound", "effects of one key told again under another id, after a fault"),
    ("stale_notices", "conflicts opened in sync-conflicts and never settled there"),
    ("repeats", "messages that consumers drop by their id"),
)


def _kinds(context: click.Context, parameter: click.Parameter, text: str | None) -> "Sequence[Kind]":
    """Return the kinds that a comma-separated list names, each once."""
    from ops.faults.schedule import KINDS

    if text is None:
        return KINDS
    named = {each.strip() for each in text.split(",")}
    if unknown := sorted(named.difference(KINDS)):
        raise click.BadParameter(f"{', '.join(map(repr, unknown))}: choose from {', '.join(KINDS)}.")
    return [kind for kind in KINDS if kind in named]


@click.command("faults")
@click.option(
    "--seconds", default=180, show_default=True, type=click.IntRange(20, 3600), help="How long the load lasts."
)
@click.option("--workers", default=4, show_default=True, type=click.IntRange(1, 4))
@click.option("--seed", type=int, help="Of load and faults; drawn and printed if not given.")
@click.option("--rate", default=200, show_default=True, type=click.IntRange(1, 500), help="Messages a second.")
@click.option(
    "--pauses",
    nargs=2,
    type=click.FloatRange(0.1, 60),
    default=PAUSES,
    show_default=True,
    help="Seconds between two faults, at least and at most.",
)
@click.option("--faults", "kinds", callback=_kinds, help="Draw only these, as in kill,rebalance; all if not given.")
@click.option(
    "--upgrade-from",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    help="The source of another version: workers begin as that, and are upgraded, rolled back and upgraded again.",
)
@json_option
@run
async def bench_faults(
    seconds: int,
    workers: int,
    seed: int | None,
    rate: int,
    pauses: tuple[float, float],
    kinds: "Sequence[Kind]",
    upgrade_from: Path | None,
    as_json: bool,
) -> None:
    """Kill workers, restart the broker, stop and slow MongoDB under load; compare every effect with a model run.

    The load has hostile messages, every codec, and transactions, from several client libraries (the extra `dev`).

    Uses a stack of its own in a temporary folder and removes it. Exit code 1 if an event was lost, an effect done
    twice, or the order of a key broken (docs/guides/faults.md defines each), or if the workers did not get their work
    done afterwards.
    """
    from ops.faults.run import Plan, under_fire
    from ops.faults.schedule import schedule
    from ops.faults.upgrade import Upgrade, release_in
    from ops.runtime.machine import machine

    if upgrade_from and workers < 2:
        raise click.UsageError("--upgrade-from needs two workers at least: old and new ones work side by side.")
    seed = random.SystemRandom().randrange(1_000_000) if seed is None else seed
    upgrade = Upgrade(await release_in(upgrade_from)) if upgrade_from else None
    if upgrade:
        kinds = [kind for kind in kinds if kind != "clock_jump"]  # which is done to this version's own processes
    plan = Plan(seconds, workers, seed, rate, schedule(seed, seconds, pauses, kinds), upgrade)
    figures = await ended_in_order(under_fire(plan, lambda text: errors.print(text, style="dim")))
    figures["machine"] = machine()
    if as_json:
        print_json(figures)
    else:
        _show(figures)
    if not figures["drained"]:
        errors.print(f"The workers did not get their work done: they were given up after {figures['drain_seconds']} s.")
    upgraded = figures.get("upgrade", {})
    left_out = _OF_ONE_POLICY if upgraded.get("decides_otherwise") else ()
    is_broken = any(figures[name] for name, _ in _PROMISES if name not in left_out)
    if is_broken or upgraded.get("differences") or not figures["drained"]:
        sys.exit(1)


async def ended_in_order(run: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """Return what a run gives. Interrupted, it stops its servers, and then the process ends."""
    try:
        with terminated_as_interrupted():
            return await run
    except asyncio.CancelledError:
        _end()
        raise


@contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM, as Ctrl-C does, end the run in order: workers and servers are stopped.

    Not by an interrupt of our own: what a shell runs in its background ignores those.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task
    before = signal.signal(signal.SIGTERM, lambda *_: loop.call_soon_threadsafe(task.cancel))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end() -> None:
    """End at once, after the servers have been stopped: a thread that compares has no end that can be waited for."""
    import psutil

    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            each.kill()
    os._exit(Exit.INTERRUPTED)


def _show(figures: dict[str, Any]) -> None:
    timeline = Table("at, s", "fault", "lasted, s", "first event again, ms", title="faults", title_justify="left")
    for each in figures["timeline"]:
        kind = f"{each['kind']}, SIGKILL" if each["hard"] else each["kind"]
        again = "" if each["recovery_ms"] is None else f"{each['recovery_ms']:.0f}"
        timeline.add_row(f"{each['at']:.1f}", kind, f"{each['lasted']:.1f}", again)
    console.print(timeline)
    table = Table("", "", f"seed {figures['seed']}")
    for name, meaning in (*_PROMISES, *_SEEN):
        table.add_row(name, meaning, str(figures[name]))
    recovery = figures["recovery_ms"]
    times = f"{recovery['p50']:.0f} / {recovery['p99']:.0f}"
    table.add_row("recovery", "kill to first event again, p50 / p99, ms", times)
    for name, count in figures["events"].items():
        table.add_row(name, "", str(count))
    upgrade = figures.get("upgrade", {})
    for roll in upgrade.get("rolls", ()):
        table.add_row("rolled", f"to the {roll['to']} version, s", f"{roll['seconds']:.1f}")
    for phase in upgrade.get("phases", ()):
        crossed = phase["messages_of_the_other"]
        counts = [f"{phase['events'][v]} ({crossed.get(v, 0)})" for v in phase["at_work"]]
        meaning = "events that each did (and messages of the other version's stages)"
        table.add_row(" and ".join(phase["at_work"]), meaning, ", ".join(counts))
    if upgrade:
        meaning = "records that this version makes otherwise than the older one"
        table.add_row("repaired", meaning, str(upgrade["repaired"]))
    console.print(table)
    for text in upgrade.get("differences", ()):
        console.print(f"differs: {text}", highlight=False)
    for name, found in figures["findings"].items():
        for text in found:
            console.print(f"{name}: {text}", highlight=False)
    for text in figures["unexpected_exits"]:
        console.print(f"unexpected: {text}", highlight=False)
    console.print(in_one_line(figures["machine"]))
