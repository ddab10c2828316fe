"""`looma parse`: what a resume says, field by field."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops.cli.context import console, errors, json_option, print_json, run
from ops.cli.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.documents import Document, DocumentError
    from processors.resume.ner import Tagger
    from schemas.resume import Found, ResumeProfile

Entities = list[dict[str, Any]]


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["json-resume", "hr-open"]), help="Print JSON of this standard instead."
)
@click.option(
    "--tagger", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Show the entities too that a tagger of `looma train ner` finds.",
)  # fmt: skip
@json_option
@run
async def parse(files: tuple[Path, ...], form: str | None, folder: Path | None, as_json: bool) -> None:
    """Show what resumes say: person, work, education, projects, skills; each value with how sure it is.

    `--json` prints one profile a line with the place of every value in the document (see `looma text`). Exit code 1 if
    a file could not be read; the others are shown all the same.
    """
    from connectors.documents import DocumentError, DocumentReader

    if form and folder:
        raise click.UsageError("--format has no place for the entities of --tagger")
    tagger = _tagger(folder) if folder else None
    failed = 0
    async with DocumentReader() as reader:
        importing = asyncio.create_task(asyncio.to_thread(_parser))  # while the process that reads documents starts

        async def one(file: Path) -> "tuple[Path, ResumeProfile | DocumentError, Entities | None]":
            try:
                document = await reader.read(await asyncio.to_thread(file.read_bytes))
                profile = await asyncio.to_thread(await importing, document)
            except DocumentError as error:
                return file, error, None
            return file, profile, await asyncio.to_thread(_entities, document.text, tagger) if tagger else None

        with errors.status(f"reading {len(files)} files") as status:
            for start in range(0, len(files), 16):
                done = await asyncio.gather(*map(one, files[start : start + 16]))
                status.update(f"{start + len(done)} of {len(files)} files")
                for file, found, entities in done:
                    failed += isinstance(found, DocumentError)
                    _print(file, found, entities, form, as_json)
    if failed:
        raise SystemExit(1)


def _parser() -> "Callable[[Document], ResumeProfile]":
    from connectors.resumes.profile import profile_of

    return profile_of


def _tagger(folder: Path) -> "Tagger":
    from processors.resume.ner import Tagger

    return Tagger(folder)


def _entities(text: str, tagger: "Tagger") -> Entities:
    return [
        {"start": e.start, "end": e.end, "label": e.label, "text": text[e.start : e.end]}
        for e in tagger.recognise(text)
    ]


def _print(
    file: Path, found: "ResumeProfile | DocumentError", entities: Entities | None, form: str | None, as_json: bool
) -> None:
    from connectors.documents import DocumentError

    if isinstance(found, DocumentError):
        if as_json or form:
            print_json({"file": str(file), "error": found.code, "detail": found.detail, "advice": str(found)})
        else:
            errors.print(f"{file}: {found.code}: {found}", style="red")
    elif form:
        from processors.resume.export_hr_open import hr_open
        from processors.resume.export_json_resume import json_resume

        print_json(json_resume(found) if form == "json-resume" else hr_open(found))
    elif as_json:
        of_tagger = {} if entities is None else {"entities": entities}
        print_json({"file": str(file), "profile": found.model_dump(mode="json"), **of_tagger})
    else:
        _show(file, found, entities or [])


def _show(file: Path, p: "ResumeProfile", entities: Entities) -> None:
    table = Table("field", "value", "sure", title=str(file), title_justify="left", show_header=False)

    def row(name: str, value: object, *found: "Found[Any] | None") -> None:
        known = [f.confidence for f in found if f]
        table.add_row(name, str(value), f"{min(known):.2f}" if known else "")

    if p.name:
        row("name", p.name.value.full, p.name)
    for name in ("headline", "gender", "birth_date", "nationality", "right_to_work"):
        if value := getattr(p, name):
            row(name.replace("_", " "), value.value, value)
    for name in ("emails", "phones", "addresses", "target_roles", "target_places"):
        for one in getattr(p, name):
            row(name.replace("_", " ").removesuffix("s"), one.value, one)
    for link in p.links:
        row("link", link.value.url, link)
    if p.salary_expected:
        s = p.salary_expected.value
        row("salary expected", f"{s.minimum:g}–{s.maximum or s.minimum:g} {s.currency} a {s.period}", p.salary_expected)
    if p.availability:
        row("availability", p.availability.value.text, p.availability)
    if p.years_total:
        row("years", p.years_total.value, p.years_total)
    table.add_section()
    for w in p.work:
        what = " · ".join(f.value for f in (w.title, w.employer) if f)
        row(_time(w.start, w.end, current=w.current), what, w.title, w.employer)
    table.add_section()
    for e in p.education:
        what = " · ".join(f.value for f in (e.school, e.degree, e.field) if f)
        row(_time(e.start, e.end, current=e.current), what, e.school, e.degree, e.field)
    table.add_section()
    for j in p.projects:
        row("project", j.name.value, j.name)
    for c in p.certificates:
        row("certificate", c.name.value, c.name)
    for t in p.languages:
        row("language", " ".join(filter(None, (t.name.value, t.level))), t.name)
    row("skills", ", ".join(s.name for s in p.skills if not s.implied))
    table.add_section()
    for entity in entities:
        row(entity["label"], " ".join(entity["text"].split()))
    console.print(table)


def _time(start: "Found[str] | None", end: "Found[str] | None", *, current: bool) -> str:
    return f"{start.value if start else ''} – {'now' if current else end.value if end else ''}"
