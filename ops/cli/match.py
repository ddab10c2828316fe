"""`looma match`: what became of matches, how they came about, and what that says of the weights."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from ops.cli.context import console, json_option, load_settings, print_json, run
from ops.cli.tables import Column, Table
from schemas.feedback import FeedbackOutcome

if TYPE_CHECKING:
    from processors.matching.history import Moment
    from processors.matching.learning import Outcome
    from schemas.settings import Settings

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_SHOWN_PARTS = 3
WIDE = 120


@click.group()
def match() -> None:
    """Say what became of matches, show a pair's history, learn weights from outcomes."""


def _time(context: click.Context, parameter: click.Parameter, value: str | None) -> datetime:
    try:
        time = datetime.fromisoformat(value) if value else datetime.now(UTC)
    except ValueError:
        raise click.BadParameter("write it like 2026-01-05T16:00:00+08:00") from None
    if time.tzinfo is None:
        raise click.BadParameter("the time needs a time zone, e.g. Z or +08:00")
    return time


@match.command("feedback")
@click.argument("talent")
@click.argument("job")
@click.argument("outcome", type=click.Choice(get_args(FeedbackOutcome)))
@click.option("--source", default="recruiter", show_default=True, help="The system or desk that says so: provenance.")
@click.option("--reason", help="A code of your own, e.g. salary: lower-case letters, digits, underscores.")
@click.option("--time", callback=_time, help="When it was so, with a time zone; default: now.")
@click.option("--dry-run", is_flag=True, help="Only check and show what would be published.")
@json_option
@run
async def feedback_command(
    talent: str,
    job: str,
    outcome: FeedbackOutcome,
    source: str,
    reason: str | None,
    time: datetime,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Say what became of TALENT on JOB: shortlisted, interviewed, hired or rejected.

    It is published to `match-feedback`; a worker stores it with the match as it was at that time. What a source said
    last counts. The same command with the same --time changes nothing.
    """
    from connectors.message import build_feedback
    from connectors.publisher import EventPublisher
    from ops.runtime.telemetry import telemetry
    from schemas.envelope import derived_id, timestamp

    event_id = derived_id("feedback", source, talent, job, outcome, reason or "", timestamp(time))
    build_feedback(talent, job, outcome, reason=reason, source=source, event_id=event_id, time=time)
    if not dry_run:
        settings = load_settings()
        with telemetry(settings, "match"):
            async with EventPublisher(settings.kafka, source) as publisher:
                await publisher.publish_feedback(talent, job, outcome, reason=reason, event_id=event_id, time=time)
    said = {"talent_id": talent, "job_id": job, "outcome": outcome, "reason": reason, "source": source}
    if as_json:
        print_json({**said, "time": timestamp(time), "event_id": event_id, "dry_run": dry_run})
    else:
        verb = "would be published" if dry_run else "published"
        console.print(f"{verb}: {talent} {outcome} on {job}, says {source}: event {event_id}")


@match.command("history")
@click.argument("talent")
@click.argument("job")
@json_option
@run
async def history_command(talent: str, job: str, as_json: bool) -> None:
    """Show how the match of TALENT and JOB came about and what became of it, in one timeline.

    A line is a published result, with the features whose part in the score changed most and the event that changed them
    (`looma trace EVENT` shows its way), or feedback, with the score of that time. A terminal of 120 columns shows the
    events as well. Exit code 1 if nothing is known.
    """
    from processors.matching.history import timeline
    from schemas.history import MAX_REVISIONS
    from sinks.feedback import FeedbackStore
    from sinks.matches import MatchStore
    from streams.generations.database import active_database, base_database

    settings = load_settings()
    async with active_database(settings) as db:
        history = (await MatchStore(db).histories([(talent, job)])).get((talent, job), [])
    async with base_database(settings) as base:
        stored = (await FeedbackStore(base).load([(talent, job)])).get((talent, job))
    moments = timeline(history, stored.said if stored else ())
    if not moments:
        raise click.ClickException(f"no match and no feedback of {talent} and {job} are known")
    if as_json:
        print_json([{**asdict(m), "parts": dict(m.parts)} for m in moments])
        return
    columns = ["time (UTC)", "", "score", "because", *(["event"] if console.width >= WIDE else [])]
    table = Table(
        *(Column(name, no_wrap=name == "event") for name in columns), title=f"{talent} — {job}", title_justify="left"
    )
    for moment in moments:
        table.add_row(*_row(moment)[: len(columns)])
    console.print(table)
    if len(history) == MAX_REVISIONS:
        console.print(f"older results than the last {MAX_REVISIONS} are not kept")


def _row(moment: "Moment") -> tuple[str, ...]:
    score = "-" if moment.score is None else f"{moment.score:.3f}"
    if moment.change:
        score += f" ({moment.change:+.3f})"
    sign = "+" if moment.change is not None else ""
    parts = [f"{name} {value:{sign}.3f}" for name, value in moment.parts[:_SHOWN_PARTS]]
    if (more := len(moment.parts) - _SHOWN_PARTS) > 0:
        parts.append(f"{more} more")
    what = f"{moment.what}, says {moment.by}" if moment.by else moment.what
    because = ", ".join((*parts, *moment.why))
    return moment.time[:19].replace("T", " "), what, score, because, moment.event or "-"


@match.command("learn")
@click.option(
    "--feedback", type=_FILE,
    help="JSON Lines: job_id, outcome (shortlisted, interviewed, hired, rejected), features as in the match result; "
    "default: what was said by feedback events.",
)  # fmt: skip
@click.option("--weights", type=_FILE, help="TOML to start from; default: those of the package.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write here if they are better.")
@json_option
@run
async def learn_command(feedback: Path | None, weights: Path | None, out: Path | None, as_json: bool) -> None:
    """Learn weights from outcomes; judge them on jobs kept apart, and write them only if they order these better.

    Of a pair counts what was said last, with the features that the match had at that time: what changed later is not
    learned from. Pairs without a match at that time are left out.
    """
    from processors.matching.learning import learn
    from processors.matching.weights import load_weights, to_toml, version_of

    without = 0
    if feedback:
        outcomes = _outcomes(feedback)
    else:
        outcomes, without = await _stored_outcomes(load_settings())
    learned = learn(outcomes, load_weights(weights))
    written = bool(out and learned.better)
    if out and written:
        out.write_text(to_toml(learned.weights), encoding="utf-8")
    version = version_of(learned.weights)
    if as_json:
        figures = {"before": learned.before, "after": learned.after, "pairs": learned.pairs, "written": written}
        sizes = {"outcomes": len(outcomes), "without_match": without, "version": version}
        print_json({**figures, **sizes, "weights": to_toml(learned.weights)})
        return
    left_out = f", {without} without a match left out" if without else ""
    console.print(f"{len(outcomes)} outcomes{left_out}")
    console.print(f"right order in {learned.pairs} pairs: {learned.before:.3f} before, {learned.after:.3f} after")
    console.print(to_toml(learned.weights) if learned.better else "not better: keep the weights")
    if learned.better:
        console.print(f"version {version}")


async def _stored_outcomes(settings: "Settings") -> "tuple[list[Outcome], int]":
    """Return the outcomes to learn from, and of how many pairs no match is known."""
    from processors.matching.feedback import outcome_of
    from sinks.feedback import FeedbackStore
    from streams.generations.database import base_database

    async with base_database(settings) as base:
        found = [outcome_of(f.job_id, f.said) async for f in FeedbackStore(base).all()]
    outcomes = [outcome for outcome in found if outcome]
    return outcomes, len(found) - len(outcomes)


def _outcomes(path: Path) -> "list[Outcome]":
    from pydantic import TypeAdapter

    from processors.matching.learning import GRADES, Outcome, comparable
    from schemas.messages import MatchFeature

    outcomes, read = [], TypeAdapter(list[MatchFeature]).validate_python
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if line.strip():
            try:
                row = json.loads(line)
                features = comparable({f.name: f.score for f in read(row["features"])})
                outcomes.append(
                    Outcome(str(row["job_id"]), features, GRADES[row["outcome"]], str(row.get("model", "")))
                )
            except (ValueError, KeyError, TypeError) as error:
                raise click.ClickException(f"{path.name}:{number}: {error!r}") from error
    return outcomes
