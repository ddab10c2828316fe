"""`looma eval resume-search`: how well resumes are found."""

import asyncio

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from ops.cli.tables import Table


@click.command("resume-search")
@click.option("--count", default=384, show_default=True, type=click.IntRange(48, 20_000), help="Resumes.")
@json_option
@run
async def resume_search(count: int, as_json: bool) -> None:
    """Answer 48 queries over generated resumes of which it is known who is relevant; print nDCG@10.

    By parts, as `looma search --in resumes` has them; by one vector a resume; and by the text of the talent alone. The
    interval is the bootstrap's, over queries. Needs the extra `evaluation`, which makes files.
    """
    from ops.evaluation.resume_search import evaluate, read
    from ops.evaluation.resume_suite.suite import cases
    from streams.models.encoders import default_encoder

    with errors.status("reading") as status:
        pool = []
        async for resume in read(cases(count)):
            pool.append(resume)
            status.update(f"read {len(pool)}")
    with errors.status("embedding and searching"):
        model = default_encoder(load_settings().models)
        figures = await asyncio.to_thread(evaluate, model, pool)
    if as_json:
        print_json(figures)
        return
    title = f"{figures['queries']} queries, {figures['resumes']} resumes, {figures['parts']} parts; nDCG@10"
    table = Table("indexed", "method", "nDCG@10", "95 %", title=title, title_justify="left")
    for name, methods in figures.items():
        if isinstance(methods, dict):
            for method, found in methods.items():
                low, high = found["interval"]
                table.add_row(name, method, f"{found['ndcg10']:.3f}", f"{low:.3f}–{high:.3f}")
    console.print(table)
