"""ZIP archives and XML from strangers: every part bounded, no entities, no document types."""

import io
import zipfile
import zlib
from typing import Any

from lxml import etree

from connectors.documents.errors import DocumentError
from connectors.documents.model import Limits

MAX_PARTS = 5000
MAX_DEPTH = 400


class Archive:
    """A ZIP archive whose parts together unpack to no more than the limit."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            infos = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeError):
            raise DocumentError("damaged", "not a complete archive") from None
        if len(infos) > MAX_PARTS or sum(info.file_size for info in infos) > limits.unpacked_bytes:
            raise DocumentError("bomb")
        self._left = limits.unpacked_bytes
        self.names = frozenset(info.filename for info in infos)

    def read(self, name: str) -> bytes | None:
        """Return a part, None where there is none."""
        if name not in self.names:
            return None
        if self._zip.getinfo(name).flag_bits & 1:
            raise DocumentError("encrypted")
        try:
            with self._zip.open(name) as part:
                content = part.read(self._left + 1)  # what the directory says may be a lie
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError):
            raise DocumentError("damaged", "a part of the archive is broken") from None
        self._left -= len(content)
        if self._left < 0:
            raise DocumentError("bomb")
        return content

    def xml(self, name: str) -> etree._Element | None:
        """Return a part parsed as XML, None where there is none."""
        content = self.read(name)
        return None if content is None else parse_xml(content)


def parse_xml(content: bytes) -> etree._Element:
    """Parse XML without entities, network or document types; office formats need none."""
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise DocumentError("damaged", "not well-formed XML") from None
    information: Any = root.getroottree().docinfo
    if information.doctype:
        raise DocumentError("bomb", "a document type is declared")
    return root
