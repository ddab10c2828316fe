"""A document's profile: its text parsed, every value with its place on the page."""

from collections.abc import Iterator
from datetime import date

from connectors.documents import Document
from processors.resume.contacts import web_link
from processors.resume.import_json_resume import profile_of_json_resume
from processors.resume.parse import parse_resume
from processors.resume.talent import talent
from schemas.resume import Found, PageBox, ResumeProfile, Span, WebLink
from schemas.submissions import ResumeParsed, Understood


def profile_of(document: Document, today: date | None = None) -> ResumeProfile:
    """Return the profile; what lasts ends `today`, by default the day it is. JSON Resume is taken field by field."""
    if document.format == "json-resume" and (told := profile_of_json_resume(document.text, today)):
        return told
    links = [
        Found[WebLink](value=web_link(link.url), confidence=0.95, spans=(Span(link.start, link.end),))
        for link in document.links
        if link.url.startswith(("http://", "https://"))
    ]

    def locate(start: int, end: int) -> Iterator[PageBox]:
        return (PageBox(place.page, *place.box) for place in document.locate(start, end))

    return parse_resume(document.text, links=links, locate=locate, today=today)


def parse_submission(talent_id: str, document: Document, today: date) -> Understood:
    """Return what a submitted document says. Runs in a process that imports little else."""
    profile = profile_of(document, today)
    parsed = ResumeParsed(
        talent_id=talent_id,
        format=document.format,
        pages=len(document.pages),
        ocr=document.ocr,
        warnings=document.warnings,
        profile=profile,
    )
    return Understood(parsed.model_dump_json(exclude_defaults=True).encode(), talent(profile, document.text))
