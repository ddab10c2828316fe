"""`looma bench resume`: how long a resume takes from bytes to a profile, how many a second, in how much memory."""

import click

from ops.cli.context import console, errors, json_option, print_json, run


@click.command("resume")
@click.option("--count", default=240, show_default=True, type=click.IntRange(48, 10_000), help="Digital resumes.")
@click.option("--scans", default=20, show_default=True, type=click.IntRange(0, 1000), help="Scanned resumes.")
@click.option("--long", "threes", default=40, show_default=True, type=click.IntRange(1, 1000), help="Of three pages.")
@click.option(
    "--rival", "python", type=click.Path(exists=True, dir_okay=False),
    help="The Python of a virtual environment with openresume-parser or leverparser, to compare with.",
)  # fmt: skip
@json_option
@run
async def bench_resume(count: int, scans: int, threes: int, python: str | None, as_json: bool) -> None:
    """Time generated resumes by format, p50 and p99, one at a time; then throughput with two readers, and peak memory.

    Scans are timed by the page. Another open parser runs in its own environment, on the same PDFs:

    \b
      python3 -m venv rival && rival/bin/pip install openresume-parser==0.1.6
      looma bench resume --rival rival/bin/python
    """
    from ops.benchmarks.resume import bench
    from ops.runtime.machine import machine

    figures = await bench(count, scans, threes, python, lambda text: errors.print(text, style="dim"))
    figures["machine"] = machine()
    if as_json:
        print_json(figures)
        return
    for name, value in figures.items():
        console.print(f"{name:18} {value}", highlight=False)
