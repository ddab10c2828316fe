"""`looma matches` and `looma consume`: reading what came out."""

import re
from typing import TYPE_CHECKING

import click
from rich.text import Text

from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from ops.cli.hits import Hit
from ops.cli.tables import Table
from schemas.base import Language
from schemas.entities import SIDES, Side

if TYPE_CHECKING:
    from schemas.messages import Match
    from sinks.mongodb import Database

_CLAUSE = re.compile("[;；]")
BUT: dict[Language, str] = {"zh": "但", "en": "but:"}


async def titled_matches(db: "Database", side: Side, entity_id: str, limit: int) -> "list[tuple[Match, str, str]]":
    """Return the best active matches as (match, the other side's id, its title)."""
    from sinks.matches import MatchStore
    from sinks.mongodb import COLLECTIONS

    matches = await MatchStore(db).of(side, entity_id, limit=limit)
    ids = [m.job_id if side == "talent" else m.talent_id for m in matches]
    cursor = db[COLLECTIONS["job" if side == "talent" else "talent"]].find({"_id": {"$in": ids}}, {"fields.title": 1})
    titles = {d["_id"]: str(d.get("fields", {}).get("title", "")) async for d in cursor}
    return [(m, i, titles.get(i, "")) for m, i in zip(matches, ids, strict=True)]


def matches_table(rows: "list[tuple[Match, str, str]]", heading: str) -> Table:
    """Return matches, one row a feature with its score and reason."""
    table = Table("score", "match", "feature", "", "reason", title=heading, title_justify="left")
    for match, other_id, title in rows:
        for number, f in enumerate(match.features):
            first = (f"{match.score:.3f}", title) if number == 0 else ("", other_id if number == 1 else "")
            last = number == len(match.features) - 1
            table.add_row(*first, f.name, f"{f.score:.2f}×{f.weight:.2f}", f.reason, end_section=last)
    return table


_HALF = 0.5
"""What scores more speaks for a match, what scores less against it."""


def match_hit(match: "Match", other_id: str, title: str) -> Hit:
    """Return a match to print: why, the skills first, and what speaks most against it; in the language of its reasons.

    That the titles agree is seen.
    """
    from processors.matching.bands import band_of
    from processors.matching.features.feature import NEUTRAL, NOT_ASKED

    told = [f for f in match.features if f.score not in (NEUTRAL, NOT_ASKED) and f.name != "title"]
    good = sorted((f for f in told if f.score > _HALF), key=lambda f: (f.name != "skills", -f.contribution))
    bad = max((f for f in told if f.score < _HALF), key=lambda f: (1 - f.score) * f.weight, default=None)
    said: list[Text | str] = [_CLAUSE.split(f.reason)[0] for f in good]
    if bad:
        said.insert(1, Text(f"{BUT[match.language]} {_CLAUSE.split(bad.reason)[0]}", style="dim"))
    return Hit(band_of(match.score), title, other_id, said, match.language)


@click.command()
@click.argument("side", type=click.Choice(SIDES))
@click.argument("entity_id", metavar="ID")
@click.option("--limit", default=5, show_default=True, type=click.IntRange(1, 1000))
@click.option("--reasons", is_flag=True, help="Every part of each score, with its reason.")
@json_option
@run
async def matches(side: Side, entity_id: str, limit: int, reasons: bool, as_json: bool) -> None:
    """Show the best matches of a talent or a job: how well each fits, why, and what speaks against it."""
    from streams.generations.database import active_database

    async with active_database(load_settings()) as db:
        rows = await titled_matches(db, side, entity_id, limit)
    if as_json:
        print_json([{**m.model_dump(mode="json"), "title": title} for m, _, title in rows])
    elif rows and reasons:
        console.print(matches_table(rows, f"{side} {entity_id}"))
    elif rows:
        console.print(f"{side} {entity_id}")
        for row in rows:
            console.print(match_hit(*row))
    else:
        console.print(f"no active matches of {side} {entity_id}")


@click.group()
def consume() -> None:
    """Follow a result topic."""


@consume.command("match-results")
@click.option("--from-beginning", is_flag=True, help="Start with the oldest result kept, not with the next.")
@click.option("--max", "maximum", type=click.IntRange(1), help="Stop after so many results.")
@json_option
@run
async def match_results(from_beginning: bool, maximum: int | None, as_json: bool) -> None:
    """Follow match results until Ctrl-C. Results with a known `ce_id` are repeats and may be dropped."""
    from pydantic import ValidationError

    from schemas.chain import REPLAY
    from schemas.messages import Match
    from schemas.topics import MATCH_RESULTS
    from sinks.kafka import consumer

    s = load_settings()
    results = consumer(
        s.kafka,
        MATCH_RESULTS,
        auto_offset_reset="earliest" if from_beginning else "latest",
    )
    await results.start()
    seen = 0
    try:
        async for record in results:
            try:
                match = Match.model_validate_json(record.value or b"")
            except ValidationError:
                errors.print(f"{record.topic}/{record.partition}/{record.offset} is no match result", soft_wrap=True)
                continue
            headers = {n: (v or b"").decode("utf-8", "replace") for n, v in record.headers}
            if as_json:
                replay = headers.get(REPLAY)
                print_json({"id": headers.get("ce_id"), "replay": replay, **match.model_dump(mode="json")})
            else:
                mark = " (replay)" if REPLAY in headers else ""
                console.print(f"{match.score:.3f} {match.status:9} {match.talent_id} — {match.job_id}{mark}")
            seen += 1
            if maximum and seen >= maximum:
                return
    finally:
        await results.stop()
