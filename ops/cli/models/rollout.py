"""`looma models rollout`: a model tried on live searches before it is everybody's."""

from typing import TYPE_CHECKING

import click

from ops.cli.context import console, json_option, load_settings, print_json
from ops.cli.context import run as coroutine
from processors.embedding.rollout import Limits

if TYPE_CHECKING:
    from processors.embedding.rollout import Mode
    from schemas.audit import Action
    from schemas.settings import Settings

_DEFAULT = Limits()
_ratio = click.FloatRange(0, 1000)
_requests = click.IntRange(1, 4000)
_share = click.FloatRange(0, 1)


@click.group()
def rollout() -> None:
    """Try a model on live searches; it is promoted or rolled back by what they show.

    \b
    looma models activate NAME@VERSION --generation g2         build its generation first
    LOOMA_WORKER__GENERATION=g2 looma worker &
    looma models rollout start NAME@VERSION --generation g2 --mode shadow
    looma models rollout status

    Processes that answer many searches (`looma search --queries`) take part, the first that has seen enough decides.
    """


@rollout.command()
@click.argument("name", metavar="MODEL")
@click.option("--generation", required=True, help="What is built with the model, beside the active generation.")
@click.option(
    "--mode",
    type=click.Choice(["shadow", "share"]),
    default="shadow",
    show_default=True,
    help="Every search is made by both models and the active one's answer is given; or a share is answered by it.",
)
@click.option("--share", type=click.FloatRange(0, 1, min_open=True), help="Of the searches, with --mode share: 0.1.")
@click.option(
    "--requests", default=_DEFAULT.requests, show_default=True, type=click.IntRange(1, 4000), help="To judge by."
)
@click.option("--max-errors", default=_DEFAULT.error_rate, show_default=True, type=_share, help="Share of requests.")
@click.option("--max-latency", default=_DEFAULT.latency_ratio, show_default=True, type=_ratio, help="Of the medians.")
@click.option("--max-psi", default=_DEFAULT.score_psi, show_default=True, type=_ratio, help="Drift of similarities.")
@click.option(
    "--max-shift", default=_DEFAULT.embedding_shift, show_default=True, type=click.FloatRange(0, 2),
    help="Mean difference of two texts' similarity.",
)  # fmt: skip
@click.option("--min-overlap", default=_DEFAULT.overlap, show_default=True, type=_share, help="Of the first ten hits.")
@click.option(
    "--wait",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0, 3600),
    help="Seconds the generation has to catch up.",
)
@json_option
@coroutine
async def start(
    name: str,
    generation: str,
    mode: "Mode",
    share: float | None,
    requests: int,
    max_errors: float,
    max_latency: float,
    max_psi: float,
    max_shift: float,
    min_overlap: float,
    wait: float,
    as_json: bool,
) -> None:
    """Begin to try MODEL beside the active one, by searches in the GENERATION that is built with it.

    \b
    looma models rollout start all-minilm-l6-v2@1-int8-static --generation g2 --mode share --share 0.1

    A search that the model fails is answered by the active one. The limits find a model that is broken, slow or far
    from the active one; how good it is, `looma models compare` tells. Exit code 1: refused, and why.
    """
    from streams.models import rollouts
    from streams.models.downloads import cache_dir
    from streams.models.registry import Registry

    if share is not None and mode != "share":
        raise click.UsageError("--share goes with --mode share")
    limits = Limits(
        requests, max(1, min(_DEFAULT.pairs, requests // 2)), max_errors, max_latency, max_psi, max_shift, min_overlap
    )
    settings = load_settings()
    entry = Registry(cache_dir()).pulled(name)
    begun = await rollouts.start(
        settings, entry, generation, mode=mode, share=share or 0.1, limits=limits, wait_seconds=wait
    )
    if as_json:
        print_json(rollouts.as_json(begun))
    else:
        console.print(f"{begun.model} is tried in generation {generation}; see `looma models rollout status`")


@rollout.command()
@json_option
@coroutine
async def status(as_json: bool) -> None:
    """Show the rollout that is running, or the last there was: how it stands, what was seen, against which limits.

    Of several processes the figures are those of the last one that reported, or of the one that decided.
    """
    from streams.generations.database import base_database
    from streams.models import rollouts

    async with base_database(load_settings()) as base:
        found = await rollouts.read(base)
    if as_json:
        print_json(rollouts.as_json(found))
        return
    if found.state == "none":
        console.print("no model was rolled out yet")
        return
    how = f"{found.share:.0%} of the searches" if found.mode == "share" else "shadow"
    console.print(f"{found.model}: {found.state}" + (f" ({found.reason})" if found.reason else ""), highlight=False)
    console.print(f"generation {found.generation} beside {found.baseline}, {how}, since {found.started_at:%F %T}Z")
    if found.state == "running" and not found.figures:
        console.print("  nothing was seen yet: it takes a process that answers searches, `looma search --queries -`")
    for key, value in found.figures.items():
        limit = getattr(found.limits, key)
        sign = "of" if key in ("requests", "pairs") else "least" if key == "overlap" else "most"
        console.print(f"  {key:16} {value:10.4g}   {sign} {limit:g}", highlight=False)


@rollout.command()
@json_option
@coroutine
async def stop(as_json: bool) -> None:
    """End the rollout that is running: the active model answers alone within a second or two.

    Exit code 1 if none is running. A model that was promoted: `looma models rollback`.
    """
    from streams.models import rollouts

    settings = load_settings()
    await _audited(settings, "rollout.stopped")
    ended = await rollouts.stop(settings)
    if as_json:
        print_json(rollouts.as_json(ended))
    else:
        console.print(f"{ended.model} is no longer tried")


@rollout.command()
@json_option
@coroutine
async def promote(as_json: bool) -> None:
    """Promote the model that is tried, whatever was seen of it so far.

    The switch is the one that `looma models activate` makes. Exit code 1 if none is running, or if the switch was
    refused, as it is to a generation that is behind.
    """
    from streams.models import rollouts

    settings = load_settings()
    await _audited(settings, "rollout.promoted")
    ended = await rollouts.promote_now(settings)
    if as_json:
        print_json(rollouts.as_json(ended))
    elif ended.state == "promoted":
        console.print(f"{ended.model} is active, in generation {ended.generation}", highlight=False)
    else:
        console.print(f"{ended.model}: {ended.state} ({ended.reason})", highlight=False)
    if ended.state != "promoted":
        raise click.exceptions.Exit(1)


async def _audited(settings: "Settings", action: "Action") -> None:
    """Have the audit log say what is about to be done with the rollout that is running, if one is."""
    from ops.runtime.audit import record_now
    from streams.generations.database import base_database
    from streams.models import rollouts

    async with base_database(settings) as base:
        found = await rollouts.read(base)
    if found.running:
        await record_now(settings, action, f"rollout:{found.id}")
