"""`looma bench chat`: how fast messages are answered, and whether once and in order."""

import click

from ops.cli.context import console, errors, json_option, print_json, run
from ops.cli.tables import Table, in_one_line

_LEFT_OUT = ("machine", "latency_ms", "first_token_ms", "state_bytes", "worded")


@click.command("chat")
@click.option("--conversations", default=40, show_default=True, type=click.IntRange(1, 1000), help="At the same time.")
@click.option("--turns", default=10, show_default=True, type=click.IntRange(1, 100), help="Messages of each.")
@click.option("--workers", "count", default=2, show_default=True, type=click.IntRange(1, 4), help="Chat workers.")
@click.option("--kills", default=1, show_default=True, type=click.IntRange(0, 3), help="Workers killed in the burst.")
@click.option("--model", "with_model", is_flag=True, help="Have a scripted model word the answers, 50 tokens a second.")
@json_option
@run
async def bench_chat(conversations: int, turns: int, count: int, kills: int, with_model: bool, as_json: bool) -> None:
    """Publish conversations in a burst and paced; account for every reply.

    Uses a stack of its own in a temporary folder and removes it. Exit code 1 if a message was not answered, was
    answered in two ways, or the replies of a conversation came out of order.
    """
    from ops.benchmarks.chat import bench_chat
    from ops.runtime.machine import machine

    if kills >= count:
        raise click.UsageError("one worker must live: --kills is less than --workers")
    figures = await bench_chat(
        conversations, turns, count, kills, lambda text: errors.print(text, style="dim"), with_model=with_model
    )
    figures["machine"] = machine()
    if as_json:
        print_json(figures)
    else:
        table = Table("", "")
        for name, value in figures.items():
            if name not in _LEFT_OUT:
                table.add_row(name, str(value))
        for name, words in (("latency_ms", "latency"), ("first_token_ms", "until the first word")):
            table.add_row(f"{words}, p50 / p99, ms", f"{figures[name]['p50']} / {figures[name]['p99']}")
        if worded := figures.get("worded"):
            found = ", ".join(f"{name} {worded[name]['p50']} / {worded[name]['p99']}" for name in list(worded)[1:])
            table.add_row("worded by the model", f"{worded['answers']}: {found}")
        sizes = ", ".join(f"{size} after {turns}" for turns, size in figures["state_bytes"].items())
        table.add_row("bytes of the state", sizes)
        console.print(table)
        console.print(in_one_line(figures["machine"]))
    if any(figures[name] for name in ("lost", "duplicated", "reordered")):
        raise click.exceptions.Exit(1)
