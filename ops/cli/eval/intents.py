"""`looma eval intents`: how well what a message wants is told, on labelled texts."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from ops.cli.context import console, errors, json_option, load_settings, print_json
from ops.cli.tables import Table

if TYPE_CHECKING:
    from ops.evaluation.intents import Example, LabelKind, Verdict

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_AVERAGED = ("accuracy", "macro_f1", "in_scope_accuracy", "oos_recall", "oos_precision", "oos_auroc")


@click.command()
@click.option("--data", "path", required=True, type=_FILE, help="JSON Lines: text, and intent or domain.")
@click.option("--train", type=_FILE, help="Learn from these.")
@click.option("--dev", type=_FILE, help="Set the floor by these, then learn from them, too.")
@click.option("--folds", type=click.IntRange(2, 20), help="Learn from all folds but the one that is judged.")
@click.option("--shots", type=click.IntRange(1), help="Learn from so many texts a label only.")
@click.option("--seeds", default=3, show_default=True, type=click.IntRange(1, 20), help="Draws of them to average.")
@click.option("--label", "kind", type=click.Choice(["intent", "domain"]), help="Default: intent, else domain.")
@click.option("--oos", default="oos", show_default=True, help="The label of what is out of scope.")
@click.option("--map", "map_path", type=_FILE, help="A JSON object from the file's labels to others.")
@json_option
def intents(
    path: Path,
    train: Path | None,
    dev: Path | None,
    folds: int | None,
    shots: int | None,
    seeds: int,
    kind: "LabelKind | None",
    oos: str,
    map_path: Path | None,
    as_json: bool,
) -> None:
    """Tell intents of labelled texts; print accuracy, and how well texts out of scope are told.

    \b
    looma eval intents --data test.jsonl --train train.jsonl --dev dev.jsonl
    looma eval intents --data all.jsonl --folds 5 --label domain
    looma eval intents --data split.jsonl                rows that say their split: train, develop, test
    looma eval intents --data mine.jsonl --map to-ours.json      the chat's own intents

    A classifier is trained on the encoder's vectors and on words. Nothing of the judged texts is learnt, nor is the
    floor set by them: it rejects 2 % of the texts in scope that are kept aside. Rejection is measured where the data
    has texts out of scope. `slot_f1` is of `entities [{start, end, label}]`, which are learnt, too, or of `slots {name:
    value}` as the chat reads them. Training needs pip install 'looma-streams[train]'. `interval` is the bootstrap's of
    the accuracy, 95 %.
    """
    from ops.evaluation.intents import load, read_map, slot_f1

    if train and folds:
        raise click.UsageError("give --train or --folds")
    if dev and not train:
        raise click.UsageError("--dev goes with --train")
    labels = read_map(map_path) if map_path else {}
    examples, left_out = load(path, kind, oos, labels)
    learnt = load(train, kind, oos, labels)[0] if train else []
    develop = load(dev, kind, oos, labels)[0] if dev else []
    if not (train or folds) and {"train", "test"} <= {e.split for e in examples}:
        learnt = [e for e in examples if e.split == "train"]
        develop = [e for e in examples if e.split == "develop"]
        examples = [e for e in examples if e.split == "test"]
    try:
        figures = _judged(examples, learnt, develop, folds, shots, seeds)
    except ImportError as error:
        raise click.ClickException(f"Training needs {error.name}: pip install 'looma-streams[train]'") from error
    figures["left_out"] = left_out
    figures["slot_f1"] = slot_f1(examples, learnt)
    if as_json:
        print_json(figures)
        return
    table = Table("", "", title=f"{figures['rows']:,} texts, {figures['labels']} labels", title_justify="left")
    for name in (*_AVERAGED, "threshold", "fit_seconds"):
        if figures.get(name) is not None:
            table.add_row(name, f"{figures[name]:.4g}")
    low, high = figures["interval"]
    table.add_row("accuracy, 95 %", f"{low:.3f}–{high:.3f}")
    table.add_row("ms a text", f"p50 {figures['ms']['p50']}, p99 {figures['ms']['p99']}")
    console.print(table)


def _judged(
    examples: "list[Example]",
    learnt: "list[Example]",
    develop: "list[Example]",
    folds: int | None,
    shots: int | None,
    seeds: int,
) -> dict[str, Any]:
    from ops.evaluation.intents import Trainer, few, figures, folded, milliseconds, own_verdicts
    from streams.chat_app import intent_reader
    from streams.models.encoders import default_encoder

    texts = [e.text for e in examples]
    if not learnt and not folds:
        reader = asyncio.run(intent_reader(load_settings()))
        verdicts = own_verdicts(reader, examples)
        found = figures(examples, verdicts)
        ms = milliseconds(lambda text: reader.read([text]), texts)
        return {**found, "threshold": None, "fit_seconds": None, "ms": ms}
    with errors.status("embedding and training") as status:
        trainer = Trainer(default_encoder(load_settings().models))

        def once(seed: int) -> "list[Verdict]":
            if folds:
                return folded(trainer, examples, folds, status.update)
            drawn = few(learnt, shots, seed) if shots else learnt
            return trainer.judge(drawn, [] if shots else develop, examples)

        runs = [figures(examples, once(seed)) for seed in range(seeds if shots else 1)]
        found = runs[0] | {
            name: round(float(np.mean([run[name] for run in runs])), 4)
            for name in _AVERAGED
            if runs[0][name] is not None
        }
        ms = milliseconds(trainer.timed, texts)
    floor = trainer.floor
    return {
        **found,
        "threshold": floor if np.isfinite(floor) else None,
        "fit_seconds": round(trainer.fit_seconds / len(runs), 2),
        "ms": ms,
    }
