"""`looma match`: what recruiters' feedback says of the weights."""

import json
from pathlib import Path

import click

from ops.cli.context import console, json_option, print_json
from processors.matching.learning import GRADES, Outcome, TooLittleError, learn
from processors.matching.weights import Weights, WeightsError, load_weights, to_toml
from schemas.messages import MatchFeature

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def match() -> None:
    """Tune matching by outcomes."""


@match.command("learn")
@click.option(
    "--feedback", required=True, type=_FILE,
    help="JSON Lines: job_id, outcome (shortlisted, interviewed, hired, rejected), features as in the match result.",
)  # fmt: skip
@click.option("--weights", type=_FILE, help="TOML to start from; default: those of the package.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write here if they are better.")
@json_option
def learn_command(feedback: Path, weights: Path | None, out: Path | None, as_json: bool) -> None:
    """Learn weights from outcomes; judge them on jobs kept apart, and write them only if they order these better."""
    try:
        learned = learn(_outcomes(feedback), load_weights(weights))
    except (TooLittleError, WeightsError) as error:
        raise click.ClickException(str(error)) from error
    written = bool(out and learned.better)
    if out and written:
        out.write_text(to_toml(learned.weights), encoding="utf-8")
    if as_json:
        figures = {"before": learned.before, "after": learned.after, "pairs": learned.pairs, "written": written}
        print_json({**figures, "weights": to_toml(learned.weights)})
        return
    console.print(f"right order in {learned.pairs} pairs: {learned.before:.3f} before, {learned.after:.3f} after")
    console.print(to_toml(learned.weights) if learned.better else "not better: keep the weights", markup=False)


def _outcomes(path: Path) -> list[Outcome]:
    outcomes = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if line.strip():
            try:
                row = json.loads(line)
                scores = {f.name: f.score for f in map(MatchFeature.model_validate, row["features"])}
                features = tuple(scores.get(name, 0.5) for name in Weights.__slots__)
                outcomes.append(Outcome(str(row["job_id"]), features, GRADES[row["outcome"]]))
            except (ValueError, KeyError, TypeError) as error:
                raise click.ClickException(f"{path.name}:{number}: {error!r}") from error
    return outcomes
