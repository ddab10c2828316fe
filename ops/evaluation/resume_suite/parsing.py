"""A document to a profile, as the suite and the benchmark have it done."""

from collections.abc import Iterator
from datetime import date

from connectors.documents import Document
from ops.evaluation.resume_suite.people import TODAY
from ops.evaluation.resume_suite.reading import truth_of
from ops.evaluation.resume_suite.truth import Truth
from processors.resume.parse import parse_resume
from schemas.resume import Found, PageBox, Span, WebLink


def parsed(document: Document) -> Truth:
    """Parse a document, with the places of all values, on the day on which the suite's resumes were written."""
    links = [
        Found(value=WebLink(url=link.url), spans=(Span(link.start, link.end),))
        for link in document.links
        if link.url.startswith(("https://", "http://"))
    ]

    def locate(start: int, end: int) -> Iterator[PageBox]:
        return (PageBox(place.page, *place.box) for place in document.locate(start, end))

    return truth_of(parse_resume(document.text, links=links, locate=locate, today=date(*TODAY, 15)), document)
