"""What the parser finds in a document, in the words of the truth."""

from connectors.documents import Document
from ops.evaluation.resume_suite.truth import Truth


def parsed(document: Document) -> Truth:
    """Parse a document."""
    return Truth()
