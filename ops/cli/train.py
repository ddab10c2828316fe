"""`looma train`: models from one's own labelled data."""

from math import isfinite
from pathlib import Path
from time import monotonic

import click
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ops.cli.context import console, errors, json_option, print_json
from ops.cli.eval.resume import ner_table

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def train() -> None:
    """Train models on your own labelled data."""


@train.command()
@click.option("--data", "paths", required=True, multiple=True, type=_FILE, help="Labelled texts; may be repeated.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to.")
@click.option("--dev", type=_FILE, help="Labelled texts that training never sees, to score the tagger on.")
@click.option("--epochs", default=14, show_default=True, type=click.IntRange(1, 500), help="Passes, at most.")
@click.option("--members", default=5, show_default=True, type=click.IntRange(1, 9), help="Networks that make a tagger.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(0), help="Another one gives another tagger.")
@json_option
def ner(
    paths: tuple[Path, ...], out: Path, dev: Path | None, epochs: int, members: int, seed: int, as_json: bool
) -> None:
    """Train a tagger of entities in minutes; `looma eval resume --tagger OUT` then scores it.

    The files are JSON Lines: text, entities[{start, end, label}]. Any labels, Chinese or English. Of 400 texts or
    more one in twenty is kept aside, and training ends early when the others teach no more about it. The tagger may
    be passed on only where its training data may. Needs pip install 'looma-streams[train]'.
    """
    from ops.evaluation.ner import load, score
    from processors.resume.ner import Tagger

    try:
        files = [load(path) for path in paths]
        kept = load(dev)[0] if dev else None
        from ops.training.ner import Epoch, Settings, split, write_manifest
        from ops.training.ner import train as train_tagger
    except ImportError as error:
        raise click.ClickException(f"Training needs {error.name}: pip install 'looma-streams[train]'") from error
    learned, held_out = split([example for found, _ in files for example in found])
    began = monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("reading the texts", total=epochs * members)

        network = 0

        def told(epoch: Epoch) -> None:
            nonlocal network
            network += epoch.number == 1
            aside = "" if epoch.held_out is None else f", F1 of the texts kept aside {epoch.held_out:.3f}"
            said = (
                f"network {network} of {members}, pass {epoch.number} of at most {epochs}: loss {epoch.loss:.2f}{aside}"
            )
            bar.update(task, completed=(network - 1) * epochs + epoch.number, description=said)

        manifest = train_tagger(
            learned, held_out, out, settings=Settings(epochs=epochs), members=members, seed=seed, progress=told
        )
    manifest["left_out"] = sum(left_out for _, left_out in files)
    manifest["seconds"] = round(monotonic() - began, 1)
    tables = {"held_out": held_out, "dev": kept}
    tagger = Tagger(out)
    manifest |= {name: score(examples, tagger) for name, examples in tables.items() if examples}
    write_manifest(out, manifest)
    if as_json:
        print_json(manifest)
        return
    console.print(f"{manifest['texts']:,} texts, {manifest['seconds']} s; tagger in {out}")
    for name, title in (("held_out", "kept aside to end training by"), ("dev", str(dev))):
        if name in manifest:
            console.print(f"\n{title}:", ner_table(manifest[name]), sep="\n")


@train.command()
@click.option("--data", "path", required=True, type=_FILE, help="JSON Lines: text and intent.")
@click.option("--dev", type=_FILE, help="Texts to set the floor by; default: every tenth of the data.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="ONNX file to write.")
@click.option("--oos", default="oos", show_default=True, help="The label of what is out of scope.")
@json_option
def intents(path: Path, dev: Path | None, out: Path, oos: str, as_json: bool) -> None:
    """Train a classifier of intents in seconds; LOOMA_CHAT__INTENTS=OUT makes chat workers use it beside their cues.

    \b
    looma train intents --data train.jsonl --dev dev.jsonl --out intents.onnx

    Intents: find_jobs, find_candidates, refine, compare, explain_match, application_status, resume_advice, salary,
    scheduling, company_info, subscribe, unsubscribe, correction, affirm, deny, greeting_thanks, handover, bot_question,
    out_of_scope.

    It is one softmax layer on the active encoder's vectors and on words. Without texts of out_of_scope there is a
    floor, below which nothing fits; it rejects 2 % of the texts that are kept aside. `looma eval intents` says how
    good it is. Needs pip install 'looma-streams[train]'.
    """
    from ops.cli.context import load_settings
    from ops.evaluation.intents import Trainer, load
    from streams.models.encoders import default_encoder

    examples, left_out = load(path, None, oos, {})
    develop = load(dev, None, oos, {})[0] if dev else []
    try:
        from ops.training.intents import leaning, save
    except ImportError as error:
        raise click.ClickException(f"Training needs {error.name}: pip install 'looma-streams[train]'") from error
    with errors.status("embedding and training"):
        encoder = default_encoder(load_settings().models)
        trainer = Trainer(encoder)
        # What is out of scope may be a label like the others; then no floor is needed.
        learns_oos = any(e.label == "out_of_scope" for e in examples)
        fitted = trainer.fitted(examples, develop, rejects=not learns_oos)
        fitted = leaning(fitted, "out_of_scope") if learns_oos else fitted
        save(fitted, out, encoder.version)
    said = {
        "texts": len(examples) + len(develop),
        "left_out": left_out,
        "labels": len(fitted.labels),
        "threshold": fitted.floor if isfinite(fitted.floor) else None,
        "fit_seconds": round(trainer.fit_seconds, 2),
        "bytes": out.stat().st_size,
    }
    if as_json:
        print_json(said)
    else:
        console.print(f"{said['texts']:,} texts, {said['labels']} labels, {said['fit_seconds']} s; classifier in {out}")
