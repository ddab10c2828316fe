"""`looma eval resume`: how well entities, or the fields of a profile, are found in labelled resumes."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import Progress

from ops.cli.context import console, errors, json_option, print_json, run
from ops.cli.eval.resume_layouts import shares_table
from ops.cli.tables import Table

if TYPE_CHECKING:
    from connectors.documents import DocumentReader
    from processors.resume.ner import Recogniser
    from schemas.resume import ResumeProfile


def ner_table(figures: dict[str, Any]) -> Table:
    """Return the scores, one row a label."""
    title = f"{figures['texts']:,} texts; precision, recall, F1 of exact, then of overlapping (~) entities"
    table = Table("label", title=title, title_justify="left")
    for heading in ("P", "R", "F1", "~P", "~R", "~F1", "entities"):
        table.add_column(heading, justify="right", no_wrap=True)
    shares = ("precision", "recall", "f1", "overlap_precision", "overlap_recall", "overlap_f1")
    for label, row in [*figures["labels"].items(), ("micro", figures["micro"])]:
        table.add_row(label, *(f"{row[s]:.3f}" for s in shares), f"{row['support']:,}")
    return table


def evaluate_ner(path: Path, folder: Path | None) -> dict[str, Any]:
    """Return the scores of a trained tagger, or of the rules that know the file's labels."""
    from ops.evaluation.ner import load, rules_of, score
    from processors.resume.ner import Tagger

    examples, left_out = load(path)
    recogniser: Recogniser = Tagger(folder) if folder else rules_of(examples)
    with Progress(console=errors, transient=True) as bar:
        task = bar.add_task("finding entities", total=len(examples))
        figures = score(examples, recogniser, lambda: bar.advance(task))
    return {"left_out": left_out, **figures}


async def evaluate_profiles(path: Path) -> dict[str, Any]:
    """Return how many of the true values the parser finds, by field; a document that cannot be read has none."""
    from connectors.documents import DocumentError, DocumentReader
    from ops.evaluation.profile import load_truths, overlapping, report, same, score_profile
    from schemas.resume import ResumeProfile

    rows = await asyncio.to_thread(load_truths, path)
    exact, touching, unread = [], [], 0
    async with DocumentReader() as reader:
        with Progress(console=errors, transient=True) as bar:
            for content, truth in bar.track(rows, description="parsing"):
                try:
                    profile, text = await _parsed(content, reader)
                except DocumentError:
                    profile, text, unread = ResumeProfile(), "", unread + 1
                exact.append(score_profile(truth, profile, text, same))
                touching.append(score_profile(truth, profile, text, overlapping))
    return {"unread": unread, **report(exact, touching)}


async def evaluate_json_resumes(folder: Path) -> dict[str, Any]:
    """Return shares of what was read right in files beside their JSON Resume."""
    from ops.evaluation.json_resumes import Measured, measure

    measured = Measured()
    with errors.status("parsing") as status:
        async for measured in measure(folder):
            status.update(f"parsed {measured.documents}: {measured.positions.share:.4f} of positions right")
    return measured.figures()


async def _parsed(content: str | bytes, reader: "DocumentReader") -> "tuple[ResumeProfile, str]":
    from connectors.resumes.profile import profile_of
    from processors.resume.parse import parse_resume

    if isinstance(content, str):
        return await asyncio.to_thread(parse_resume, content), content
    document = await reader.read(content)
    return await asyncio.to_thread(profile_of, document), document.text


def profile_table(figures: dict[str, Any]) -> Table:
    """Return the shares, one row a field."""
    table = Table("field", title=f"{figures['texts']:,} resumes; true values found", title_justify="left")
    for heading in ("exact", "overlapping", "values"):
        table.add_column(heading, justify="right", no_wrap=True)
    for field, row in figures["labels"].items():
        table.add_row(field, f"{row['f1']:.3f}", f"{row['overlap_f1']:.3f}", f"{row['support']:,}")
    table.add_row("all", f"{figures['f1'] or 0:.3f}", f"{figures['overlap_f1'] or 0:.3f}")
    return table


@click.command()
@click.option(
    "--data", "path", required=True, type=click.Path(exists=True, path_type=Path),
    help="JSON Lines: text and entities[{start, end, label}], end exclusive; or text or file, and truth. Or a folder.",
)  # fmt: skip
@click.option(
    "--format", "kind", default="ner", show_default=True, type=click.Choice(["ner", "profile", "json-resume"]),
    help="What the data is labelled with."
)  # fmt: skip
@click.option(
    "--tagger", "--model", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A tagger of `looma train ner`, instead of the rules.",
)  # fmt: skip
@json_option
@run
async def resume(path: Path, kind: str, tagger: Path | None, as_json: bool) -> None:
    """Find entities in labelled resumes; print precision, recall and F1 of exact and of overlapping entities.

    The labels choose the rules: Chinese (NAME, ORG, TITLE, …) or English (Name, Designation, …). Two entities overlap
    when they share a character and have the same label; each counts once, paired in reading order.

    With `--format profile` parse resumes and print how many of the true values of each field were found: name, email,
    phone, work, education, skills (see ops/evaluation/profile.py).

    With `--format json-resume` read a folder of NAME.json (JSON Resume) beside NAME.html, .pdf or .docx, as templates
    made it, and print how much of what each file shows was read as it is.
    """
    if path.is_dir() != (kind == "json-resume"):
        raise click.BadParameter(f"{kind} wants a {'folder' if kind == 'json-resume' else 'file'}", param_hint="--data")
    if kind == "json-resume":
        figures = await evaluate_json_resumes(path)
    elif kind == "profile":
        figures = await evaluate_profiles(path)
    else:
        figures = await asyncio.to_thread(evaluate_ner, path, tagger)
    if as_json:
        print_json(figures)
    elif kind == "json-resume":
        title = f"{figures['documents']} files, {figures['unread']} unread; share of what is shown, read as it is"
        console.print(shares_table(title, figures["fields"]))
    elif kind == "profile":
        console.print(profile_table(figures))
    else:
        console.print(ner_table(figures))
        if figures["left_out"]:
            console.print(f"left out: {figures['left_out']} texts with an entity whose place is null")
