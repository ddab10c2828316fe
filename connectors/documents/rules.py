"""Finds the lines that are drawn on a picture of a page, such as a table's, by opening it with long thin elements.

The usual way: what remains after an erosion and a dilation with a line longer than any stroke of a letter is a rule
(Serra, "Image Analysis and Mathematical Morphology", 1982). At half the size: that costs a small part of reading it.
"""

from math import cos, sin
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from connectors.documents.model import Box

DARKER = 30
"""Than its neighbourhood, of 255, must a pixel be to be ink."""
LEAST = 0.002
"""Radians; a page that is turned by less is left as it is."""
MAX_RULES = 1500


def find_rules(image: NDArray[np.uint8], em: float, angle: float) -> list[Box]:
    """Return the rules of a picture as thin boxes, once it is turned back by `angle`; none if there is no vertical one.

    `em` is the usual height of a line of its text in pixels.
    """
    gray = np.ascontiguousarray(image.mean(axis=2, dtype=np.float32).astype(np.uint8) if image.ndim == 3 else image)
    height, width = gray.shape[0] // 2, gray.shape[1] // 2
    if em < 6 or min(height, width) < 8:
        return []
    small = cv2.resize(gray, (width, height), interpolation=cv2.INTER_AREA)
    ink = cv2.adaptiveThreshold(small, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 15, DARKER)
    pad = 0
    if abs(angle) > LEAST:
        pad = round(abs(sin(angle)) * max(height, width)) + 1
        turn = np.array([[cos(angle), sin(angle), pad], [-sin(angle), cos(angle), pad]])
        ink = cv2.warpAffine(ink, turn, (width + 2 * pad, height + 2 * pad), flags=cv2.INTER_LINEAR)
        ink = (ink > 64).astype(np.uint8)
    down = _opened(ink, (1, round(0.8 * em)), (3, 1), pad)
    if not 2 <= len(down) <= MAX_RULES:
        return []
    across = _opened(ink, (round(1.5 * em), 1), (1, 3), pad)
    return down + across if len(across) <= MAX_RULES else []


def _opened(ink: NDArray[Any], element: tuple[int, int], thick: tuple[int, int], pad: int) -> list[Box]:
    """Return what is left of the ink after an opening, at full size; `thick` bridges a line's steps to its sides."""
    wide = cv2.dilate(ink, np.ones(thick[::-1], np.uint8))
    left = cv2.morphologyEx(wide, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, element))
    _, _, found, _ = cv2.connectedComponentsWithStats(left)
    boxes = []
    for x, y, w, h, _ in found[1:].tolist():
        x, y = x - pad, y - pad
        if w >= h:
            middle, half = y + h / 2, min(h, 2) / 2
            boxes.append(Box(2 * x, 2 * (middle - half), 2 * (x + w), 2 * (middle + half)))
        else:
            middle, half = x + w / 2, min(w, 2) / 2
            boxes.append(Box(2 * (middle - half), 2 * y, 2 * (middle + half), 2 * (y + h)))
    return boxes
