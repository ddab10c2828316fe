"""Photographs and scans in PNG, JPEG, WebP or HEIF, by OCR."""

import io
import warnings

import numpy as np
import pi_heif
from PIL import Image, ImageOps

from connectors.documents.builder import Builder
from connectors.documents.errors import DocumentError
from connectors.documents.layout import lay_out
from connectors.documents.model import Document, Format, Limits, Page
from connectors.documents.ocr import Recognizer

MAX_SIDE = 2600
"""Enough for 220 dots to the inch of an A4 page; larger pictures are reduced."""
_FORMATS: dict[Format, str] = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP", "heif": "HEIF"}


def read_image(data: bytes, format: Format, limits: Limits, recognizer: Recognizer) -> Document:
    """Recognise the text of a picture's first frame. Boxes are in its pixels as it stands upright."""
    picture = load_image(data, format, limits)
    shrink = min(1.0, MAX_SIDE / max(picture.size))
    if shrink < 1:
        size = (max(round(picture.width * shrink), 1), max(round(picture.height * shrink), 1))
        picture = picture.resize(size, Image.Resampling.BOX)
    segments, rules, turns = recognizer.segments(np.asarray(picture), shrink)
    width, height = (n / shrink for n in (picture.size[::-1] if turns % 2 else picture.size))
    builder = Builder(limits)
    builder.pages.append(Page(number=1, width=round(width, 1), height=round(height, 1), ocr=True, turned=turns % 4))
    for kind, lines in lay_out(segments, rules):
        builder.add_lines(lines, 1, kind)
    return builder.build(format)


def load_image(data: bytes, format: Format, limits: Limits) -> Image.Image:
    """Return a picture's first frame, upright as its camera says. Raises DocumentError."""
    if format == "heif":
        pi_heif.register_heif_opener()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Image.MAX_IMAGE_PIXELS = None  # bounded below, by the caller's limit
            picture: Image.Image = Image.open(io.BytesIO(data), formats=[_FORMATS[format]])
        if picture.width * picture.height > limits.pixels:
            raise DocumentError("too_big", f"{picture.width} × {picture.height} pixels")
        picture.draft("RGB", (MAX_SIDE, MAX_SIDE))  # JPEG: decode no more than is looked at
        picture = ImageOps.exif_transpose(picture)
        if picture.mode in ("RGBA", "LA", "PA", "P"):  # what is transparent is paper
            picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA"))
        return picture.convert("RGB")
    except (DocumentError, MemoryError):
        raise
    except Exception as error:  # decoders raise whatever they meet: OSError, ValueError, SyntaxError, struct.error, …
        raise DocumentError("damaged", type(error).__name__) from None
