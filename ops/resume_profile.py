"""A document's profile: its text parsed, every value with its place on the page."""

from collections.abc import Iterator
from datetime import date

from connectors.documents import Document
from processors.resume import parse_resume
from processors.resume.contacts import web_link
from processors.resume.import_json_resume import profile_of_json_resume
from schemas.resume import Found, PageBox, ResumeProfile, Span, WebLink


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
