"""`looma parse`: what a resume says, field by field."""

import asyncio
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from connectors.documents import Document, DocumentError, DocumentReader
from ops.cli.context import console, errors, json_option, print_json, run
from processors.resume import parse_resume
from processors.resume.contacts import web_link
from processors.resume.export_hr_open import hr_open
from processors.resume.export_json_resume import json_resume
from schemas.resume import Found, PageBox, ResumeProfile, Span, WebLink

_EXPORTS = {"json-resume": json_resume, "hr-open": hr_open}


def profile_of(document: Document) -> ResumeProfile:
    """Return the profile of a document, every value with its place on the page."""
    links = [
        Found[WebLink](value=web_link(link.url), confidence=0.95, spans=(Span(link.start, link.end),))
        for link in document.links
        if link.url.startswith(("http://", "https://"))
    ]
    return parse_resume(
        document.text,
        links=links,
        locate=lambda start, end: (PageBox(place.page, *place.box) for place in document.locate(start, end)),
    )


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(list(_EXPORTS)), help="Print JSON of this standard instead.")
@json_option
@run
async def parse(files: tuple[Path, ...], form: str | None, as_json: bool) -> None:
    """Show what resumes say: person, work, education, projects, skills; each value with how sure it is.

    `--json` prints one profile a line with the place of every value in the document (see `looma text`). Exit code 1 if
    a file could not be read; the others are shown all the same.
    """
    failed = 0
    async with DocumentReader() as reader:

        async def one(file: Path) -> tuple[Path, ResumeProfile | DocumentError]:
            try:
                return file, await asyncio.to_thread(
                    profile_of, await reader.read(await asyncio.to_thread(file.read_bytes))
                )
            except DocumentError as error:
                return file, error

        with errors.status(f"reading {len(files)} files") as status:
            for start in range(0, len(files), 16):
                done = await asyncio.gather(*map(one, files[start : start + 16]))
                status.update(f"{start + len(done)} of {len(files)} files")
                for file, found in done:
                    failed += isinstance(found, DocumentError)
                    _print(file, found, form, as_json)
    if failed:
        raise SystemExit(1)


def _print(file: Path, found: ResumeProfile | DocumentError, form: str | None, as_json: bool) -> None:
    if isinstance(found, DocumentError):
        if as_json or form:
            print_json({"file": str(file), "error": found.code, "detail": found.detail, "advice": str(found)})
        else:
            errors.print(f"[red]{file}:[/] {found.code}: {found}")
    elif form:
        print_json(_EXPORTS[form](found))
    elif as_json:
        print_json({"file": str(file), "profile": found.model_dump(mode="json")})
    else:
        _show(file, found)


def _show(file: Path, p: ResumeProfile) -> None:
    table = Table("field", "value", "sure", title=str(file), title_justify="left", show_header=False)

    def row(name: str, value: object, *found: Found[Any] | None) -> None:
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
    console.print(table)


def _time(start: Found[str] | None, end: Found[str] | None, *, current: bool) -> str:
    return f"{start.value if start else ''} – {'now' if current else end.value if end else ''}"
