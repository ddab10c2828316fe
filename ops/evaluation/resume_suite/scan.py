"""Pages as a scanner or a telephone sees them: clean, blurred, noisy, turned a little, compressed hard."""

import io
import random
from typing import Literal

import numpy as np
import pypdfium2 as pdfium
from PIL import Image, ImageFilter

Quality = Literal["clean", "blurred", "noisy", "rotated", "jpeg45"]
QUALITIES: tuple[Quality, ...] = ("clean", "blurred", "noisy", "rotated", "jpeg45")
DPI = 200


def scan(pdf: bytes, quality: Quality, seed: int) -> bytes:
    """Return a file of the PDF's pages as pictures: a PNG or JPEG for one page, a PDF for several."""
    document = pdfium.PdfDocument(pdf)
    pages = [
        _spoil(page.render(scale=DPI / 72, grayscale=True).to_pil().convert("L"), quality, seed) for page in document
    ]
    buffer = io.BytesIO()
    hard = quality == "jpeg45"
    if len(pages) > 1:
        pages[0].save(buffer, "PDF", save_all=True, append_images=pages[1:], resolution=DPI, quality=45 if hard else 90)
    elif hard:
        pages[0].save(buffer, "JPEG", quality=45)
    else:
        pages[0].save(buffer, "PNG")
    return buffer.getvalue()


def _spoil(page: Image.Image, quality: Quality, seed: int) -> Image.Image:
    rng = random.Random(seed)
    match quality:
        case "blurred":
            return page.filter(ImageFilter.GaussianBlur(1.2))
        case "noisy":
            noise = np.random.default_rng(seed).normal(0, 22, (page.height, page.width))
            return Image.fromarray(np.clip(np.asarray(page) * 0.85 + 25 + noise, 0, 255).astype(np.uint8))
        case "rotated":
            angle = rng.choice((-1, 1)) * rng.uniform(1, 2)
            return page.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
        case _:
            return page
