"""Text in pictures by PP-OCRv6 (the models in RapidOCR's package, Chinese and English) on ONNX Runtime."""

import os
from collections.abc import Sequence
from itertools import accumulate
from math import atan2, cos, sin
from pathlib import Path
from statistics import mean, median
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from connectors.documents.characters import clean, is_wide
from connectors.documents.layout import Segment
from connectors.documents.model import Box
from connectors.documents.rules import find_rules

MIN_SCORE = 0.5
DOUBTFUL = 0.75
"""A page with a lower mean score may be upside down."""
SAMPLE = 3
"""Lines that tell which way up a page is, and whether it is Chinese."""
LONGEST = 80
"""Times its height that a line may be wide, as the cost grows with it; the smallest print across A4 is 60."""
DETECTION_SIDES = (1200, 736)
"""The longer side of the picture in which lines are looked for; a few words on a blank page are seen in a small one."""
NARROW = 0.7
"""Chinese lines are read as well when narrowed so far (docs/benchmarks/documents.md); the cost falls with the width."""
Pixels = NDArray[np.uint8]
Quad = NDArray[np.float32]


class NeedsOcr(Exception):
    """The document holds pages that only OCR can read."""


class Recognized(NamedTuple):
    """A picture's lines of text and its rules, and how many quarter turns (counterclockwise) put it upright."""

    segments: list[Segment]
    rules: list[Box]
    turns: int


class Recognizer:
    """Reads pictures of pages, whichever way up they are. Loading the models takes a second.

    Files are read when it is made, threads are started by `start`: what confines a process comes between.
    """

    def __init__(self) -> None:
        from rapidocr import RapidOCR
        from rapidocr.ch_ppocr_rec import TextRecInput
        from rapidocr.utils.process_img import get_rotate_crop_image

        engine: Any = RapidOCR(
            params={
                "Global.log_level": "error",
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "Det.limit_type": "max",
                "Det.limit_side_len": max(DETECTION_SIDES),
                "Rec.rec_batch_num": 1,
            }
        )
        self._detector, self._reader, self._crop = (
            engine._load_det_model(),
            engine._load_rec_model(),
            get_rotate_crop_image,
        )
        self._input = TextRecInput
        self._models = [
            (holder, Path(holder.session._model_path).read_bytes())
            for holder in (self._detector.session, self._reader.session)
        ]

    def start(self) -> None:
        """Make the sessions that are used: RapidOCR's own run on one thread, without a memory arena."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = min(os.cpu_count() or 1, 4)
        options.log_severity_level = 4
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        for holder, model in self._models:
            holder.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._models.clear()

    def segments(self, image: Pixels, scale: float = 1.0) -> Recognized:
        """Return the lines of a picture of `scale` pixels to the point, with boxes in points of the upright page."""
        turns, quads, crops = self._upright(image)
        texts = self._recognize(crops)
        kept = [
            (quad / scale, text)
            for quad, (raw, score) in zip(quads, texts, strict=True)
            if score >= MIN_SCORE and (text := clean(raw).strip())
        ]
        angle = median([atan2(q[1][1] - q[0][1], q[1][0] - q[0][0]) for q, _ in kept]) if kept else 0.0
        segments = [_segment(quad, text, angle) for quad, text in kept]
        if not segments:
            return Recognized([], [], turns)
        em = median([segment.height for segment in segments]) * scale
        rules = find_rules(np.rot90(image, turns), em, angle)
        return Recognized(segments, [Box(*(side / scale for side in rule)) for rule in rules], turns)

    def _upright(self, image: Pixels) -> tuple[int, list[Quad], list[Pixels]]:
        """Return the turns after which the picture's lines lie flat and read well, the lines' corners and pictures."""
        turns, (quads, crops) = 0, self._lines(image)
        if quads and median([_tallness(q) for q in quads]) > 1.5:
            turns, (quads, crops) = 1, self._lines(np.rot90(image, 1))
        if crops and (score := self._sample_score(crops)) < DOUBTFUL:
            other = self._lines(np.rot90(image, turns + 2))
            if self._sample_score(other[1]) > score:
                turns, (quads, crops) = turns + 2, other
        return turns, quads, crops

    def _sample_score(self, crops: Sequence[Pixels]) -> float:
        return mean(self._line(crop)[1] for crop in sorted(crops, key=lambda c: -c.shape[1])[:SAMPLE]) if crops else 0.0

    def _lines(self, image: Pixels) -> tuple[list[Quad], list[Pixels]]:
        plain = np.ascontiguousarray(image)
        quads = next(filter(None, (self._detect(plain, side) for side in DETECTION_SIDES)), [])
        bgr = np.ascontiguousarray(image[:, :, ::-1])  # OpenCV would copy a view for each line
        return quads, [self._crop(bgr, quad) for quad in quads]

    def _detect(self, image: Pixels, side: int) -> list[Quad]:
        """Find lines on a smaller picture: that costs a quarter and loses nothing of what can be read."""
        height, width = image.shape[:2]
        shrink = min(1.0, side / max(height, width))
        size = (max(round(width * shrink), 32), max(round(height * shrink), 32))
        small = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BOX))
        boxes = self._detector(small[:, :, ::-1]).boxes
        factors = np.array([width / size[0], height / size[1]], np.float32)
        return [box.astype(np.float32) * factors for box in boxes] if boxes is not None else []

    def _recognize(self, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        widest = sorted(range(len(crops)), key=lambda i: -crops[i].shape[1])
        texts: dict[int, tuple[str, float]] = {i: self._line(crops[i]) for i in widest[:SAMPLE]}
        chinese = _is_chinese("".join(text for text, _ in texts.values()))
        for i in widest[SAMPLE:]:
            if chinese:
                narrow = Image.fromarray(np.ascontiguousarray(crops[i]))
                narrow = narrow.resize((max(round(narrow.width * NARROW), 8), narrow.height), Image.Resampling.BOX)
                text, score = self._line(np.asarray(narrow))
                if _is_chinese(text) and score >= DOUBTFUL:
                    texts[i] = text, score
                    continue
            texts[i] = self._line(crops[i])
        return [texts[i] for i in range(len(crops))]

    def _line(self, crop: Pixels) -> tuple[str, float]:
        height, width = crop.shape[:2]
        if width > LONGEST * height:
            crop = np.asarray(Image.fromarray(np.ascontiguousarray(crop)).resize((LONGEST * height, height)))
        result = self._reader(self._input(crop))
        return str(result.txts[0]), float(result.scores[0])


def _is_chinese(text: str) -> bool:
    return sum(map(is_wide, text)) > 0.5 * len(text)


def _tallness(quad: Quad) -> float:
    return float(np.linalg.norm(quad[3] - quad[0])) / max(float(np.linalg.norm(quad[1] - quad[0])), 1.0)


def _segment(quad: Quad, text: str, angle: float) -> Segment:
    shown = _around(quad)
    turn = np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
    shares = [0.0, *accumulate(2.0 if is_wide(character) else 1.0 for character in text)]
    width = shown.right - shown.left
    return Segment(
        text, _around(quad @ turn), [shown.left + share / shares[-1] * width for share in shares], shown=shown
    )


def _around(points: NDArray[Any]) -> Box:
    return Box(*map(float, (*points.min(axis=0), *points.max(axis=0))))
