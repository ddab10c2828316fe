"""From bytes to a document: each format to its reader. Runs inside a worker process."""

import encodings
import pkgutil
from contextlib import suppress
from importlib import import_module

from PIL import Image

from connectors.documents.archive import Archive
from connectors.documents.detect import sniff
from connectors.documents.doc import read_doc
from connectors.documents.docx import read_docx
from connectors.documents.errors import DocumentError
from connectors.documents.flat import read_rtf, read_text
from connectors.documents.html import read_html, read_mhtml
from connectors.documents.image import read_image
from connectors.documents.model import Document, Limits
from connectors.documents.ocr import NeedsOcr, Recognizer
from connectors.documents.odt import read_odt
from connectors.documents.pdf import list_fonts, read_pdf


def load() -> None:
    """Load what the libraries take from files when they first need it: once confined, a worker opens none."""
    for module in pkgutil.iter_modules(encodings.__path__, "encodings."):
        with suppress(ImportError):  # those of other systems
            import_module(module.name)
    Image.init()
    list_fonts()


def read(data: bytes, limits: Limits, recognizer: Recognizer | None) -> Document:
    """Read a document of any known format. Raises `NeedsOcr` where one is needed and no recognizer is given."""
    format = sniff(data)
    match format:
        case "pdf":
            return read_pdf(data, limits, recognizer)
        case "zip":
            return _read_zip(data, limits)
        case "ole":
            return read_doc(data, limits)
        case "rtf":
            return read_rtf(data, limits)
        case "html":
            return read_html(data, limits)
        case "mhtml":
            return read_mhtml(data, limits)
        case "png" | "jpeg" | "webp" | "heif":
            if recognizer is None:
                raise NeedsOcr
            return read_image(data, format, limits, recognizer)
        case _:
            return read_text(data, limits)


def _read_zip(data: bytes, limits: Limits) -> Document:
    archive = Archive(data, limits)
    if "content.xml" in archive.names and b"opendocument.text" in (archive.read("mimetype") or b""):
        return read_odt(archive, limits)
    if "[Content_Types].xml" in archive.names and b"wordprocessingml" in (archive.read("[Content_Types].xml") or b""):
        return read_docx(archive, limits)
    raise DocumentError("unsupported", "an archive other than DOCX or ODT")
