"""`looma text`: what a resume's file says, with the place of every part."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from ops.cli.context import console, json_option, print_json, run

if TYPE_CHECKING:
    from connectors.documents import Document


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@run
async def text(file: Path, as_json: bool) -> None:
    """Show the text of a document in reading order, each block with its page and place.

    PDF, DOCX, ODT, RTF, DOC, HTML, Markdown, text in any encoding, JSON Resume; scans, PNG, JPEG, WebP and HEIF by OCR.
    The format is told from the content. `--json` prints the whole document with the box of every line and character.
    """
    from connectors.documents import read_document

    document = await read_document(file.read_bytes())
    if as_json:
        print_json(document.model_dump(mode="json"))
    else:
        _show(document)


def _show(document: "Document") -> None:
    facts = [document.format, f"{len(document.pages)} pages" if document.pages else "", document.encoding or ""]
    console.print(" · ".join(filter(None, [*facts, "OCR" if document.ocr else "", f"{len(document.text)} characters"])))
    for warning in document.warnings:
        console.print(f"warning: {warning}", style="yellow")
    for block in document.blocks:
        place = f"p{block.page} {block.box.left:.0f},{block.box.top:.0f} " if block.page and block.box else ""
        console.print(Text(f"{place}{block.kind}".ljust(22), style="dim"), document.text[block.start : block.end])
    for link in document.links:
        console.print(Text(f"link {document.text[link.start : link.end]} → {link.url}", style="dim"))
