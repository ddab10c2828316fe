"""`looma bench verify`: what verification finds, reads again and repairs."""

import click

from ops.cli.context import console, errors, json_option, print_json, run


@click.command("verify")
@click.option("--records", default=20_000, show_default=True, type=click.IntRange(100, 10_000_000))
@json_option
@run
async def bench_verify(records: int, as_json: bool) -> None:
    """Damage 0.1 % of RECORDS in every way; count what verification finds, reads again and repairs.

    Uses a stack of its own in a temporary folder and removes it. The memory is the whole process's.
    """
    from ops.benchmarks.verify import verify
    from ops.runtime.machine import machine

    figures = await verify(records, lambda text: errors.print(text, style="dim"))
    figures["machine"] = machine()
    if as_json:
        print_json(figures)
        return
    for name, value in figures.items():
        console.print(f"{name:28} {value}", highlight=False)
