"""The rules of scanned tables: found whatever the scanner does to the page."""

from math import radians

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from connectors.documents.rules import find_rules
from connectors.documents.tables import find_tables

XS, YS = (100, 400, 700, 1000), (200, 300, 400)


def table_page():
    page = Image.new("L", (1200, 900), 250)
    draw = ImageDraw.Draw(page)
    for y in YS:
        draw.line([(XS[0], y), (XS[-1], y)], fill=30, width=2)
    for x in XS:
        draw.line([(x, YS[0]), (x, YS[-1])], fill=30, width=2)
    for x in XS[:-1]:
        draw.text((x + 20, 230), "1990 Engineer", fill=20, font_size=28)
    return page


def noisy(page):
    noise = np.random.default_rng(3).normal(0, 20, (page.height, page.width))
    return Image.fromarray(np.clip(np.asarray(page) * 0.85 + 25 + noise, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("spoil", [lambda p: p, lambda p: p.filter(ImageFilter.GaussianBlur(1.2)), noisy])
def test_the_cells_of_a_scanned_table_are_found(spoil):
    [table] = find_tables(find_rules(np.asarray(spoil(table_page())), 30, 0.0), 8)
    assert len(table.cells) == 6
    assert all(abs(a - b) < 6 for a, b in zip(table.box, (XS[0], YS[0], XS[-1], YS[-1]), strict=True))


def test_a_turned_page_is_turned_back():
    turned = table_page().rotate(-1.5, Image.Resampling.BICUBIC, fillcolor=250)
    [table] = find_tables(find_rules(np.asarray(turned), 30, radians(1.5)), 8)
    assert len(table.cells) == 6


def test_text_has_no_rules():
    page = Image.new("RGB", (800, 400), "white")
    ImageDraw.Draw(page).text((30, 60), "HILL IIII llll | Engineer", fill="black", font_size=40)
    assert find_rules(np.asarray(page), 40, 0.0) == []
    assert find_rules(np.zeros((4, 4), np.uint8), 40, 0.0) == []
