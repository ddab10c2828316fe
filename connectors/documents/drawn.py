"""A page as a picture, as people look at it. Runs inside a worker process."""

import io
from collections.abc import Mapping
from contextlib import closing
from typing import Any, cast

import pypdfium2 as pdfium
from PIL import Image

from connectors.documents.errors import DocumentError
from connectors.documents.image import load_image
from connectors.documents.model import Format, Limits

WIDTH = 1100
"""Pixels of a page's width: enough to read it on a screen."""
MAX_HEIGHT = 3300
QUALITY = 80


def draw(data: bytes, request: Mapping[str, Any], limits: Limits) -> bytes:
    """Return the page of a PDF or an image that the request names, upright, as WebP. Raises DocumentError."""
    format, number, turned = cast(Format, request["format"]), int(request["page"]), int(request["turned"])
    picture = _of_pdf(data, number) if format == "pdf" else load_image(data, format, limits)
    if turned:
        picture = picture.rotate(90 * turned, expand=True)
    scale = min(WIDTH / picture.width, MAX_HEIGHT / picture.height, 1.0)
    if scale < 1:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.LANCZOS)
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=QUALITY, method=2)
    return written.getvalue()


def _of_pdf(data: bytes, number: int) -> Image.Image:
    try:
        with pdfium.PdfDocument(data) as pdf, closing(pdf[number - 1]) as page:
            width, height = page.get_size()
            if not 1 <= width <= 20_000 or not 1 <= height <= 20_000:
                raise DocumentError("damaged", "impossible page size")
            scale = min(WIDTH / min(width, height), MAX_HEIGHT / max(width, height))
            picture: Image.Image = page.render(scale=scale).to_pil()
            return picture.convert("RGB")
    except (pdfium.PdfiumError, IndexError) as error:
        raise DocumentError("damaged", type(error).__name__) from None
