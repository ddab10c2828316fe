"""The parser as the suite calls it."""

from connectors.documents import Document
from ops.evaluation.resume_suite.reading import truth_of
from ops.evaluation.resume_suite.truth import Truth
from schemas.resume import ResumeProfile


def parsed(document: Document) -> Truth:
    """Parse a document."""
    return truth_of(ResumeProfile(), document)
