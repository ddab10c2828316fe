"""`looma train`: models from one's own labelled data."""

from pathlib import Path
from time import monotonic

import click
from rich.progress import Progress

from ops.cli.context import console, errors, json_option, print_json
from ops.cli.eval_resume import ner_table
from ops.evaluation.ner import load, score
from ops.json_rows import DataError
from ops.ner_training import SETTINGS, write_manifest
from ops.ner_training import train as train_tagger
from processors.resume.ner import Tagger

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def train() -> None:
    """Train models on your own labelled data."""


@train.command()
@click.option("--data", "paths", required=True, multiple=True, type=_FILE, help="Labelled texts; may be repeated.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to.")
@click.option("--dev", type=_FILE, help="Labelled texts kept aside, to score the tagger on.")
@json_option
def ner(paths: tuple[Path, ...], out: Path, dev: Path | None, as_json: bool) -> None:
    """Train a tagger of entities in minutes; `looma eval resume --model OUT` then scores it.

    The files are JSON Lines: text, entities[{start, end, label}]. Any labels, Chinese or English. The tagger may be
    passed on only where its training data may.
    """
    try:
        files = [load(path) for path in paths]
        kept = load(dev)[0] if dev else None
        import onnx  # noqa: F401
    except DataError as error:
        raise click.ClickException(str(error)) from error
    except ImportError as error:
        raise click.ClickException("Training needs the package onnx: pip install 'looma-streams[train]'") from error
    examples = [example for found, _ in files for example in found]
    began = monotonic()
    with Progress(console=errors, transient=True) as bar:
        task = bar.add_task("training", total=SETTINGS["max_iterations"])
        manifest = train_tagger(examples, out, progress=lambda: bar.advance(task))
    manifest["left_out"] = sum(left_out for _, left_out in files)
    manifest["seconds"] = round(monotonic() - began, 1)
    if kept:
        manifest["dev"] = score(kept, Tagger(out))
    write_manifest(out, manifest)
    if as_json:
        print_json({k: v for k, v in manifest.items() if k != "transitions"})
        return
    console.print(f"{manifest['texts']:,} texts, {manifest['seconds']} s; tagger in {out}")
    if kept:
        console.print(ner_table(manifest["dev"]))
