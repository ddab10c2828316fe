"""From the bytes of a resume in any usual format to its text, with the place of every part of it."""

from connectors.documents.errors import DocumentError
from connectors.documents.model import Block, Box, Document, Limits, Line, Link, Page, Place
from connectors.documents.reader import DocumentReader, read_document

__all__ = [
    "Block",
    "Box",
    "Document",
    "DocumentError",
    "DocumentReader",
    "Limits",
    "Line",
    "Link",
    "Page",
    "Place",
    "read_document",
]
