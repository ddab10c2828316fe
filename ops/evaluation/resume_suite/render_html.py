"""A resume as HTML: what job boards export and editors save."""

from html import escape

from ops.evaluation.resume_suite.blocks import Beside, Block, Bullet, Grid, Heading, Line, Name, Row, Sheet
from ops.evaluation.resume_suite.layouts import Layout


def render(layout: Layout, sheet: Sheet) -> bytes:
    """Return the file, in GB 18030 or in UTF-8."""
    encoding = "gb18030" if layout.language == "zh" and layout.id % 4 == 0 else "utf-8"
    band = _all(layout, sheet.band)
    if layout.columns == "one":
        body = band + _all(layout, sheet.main)
    else:
        side, main = _all(layout, sheet.side), _all(layout, sheet.main)
        body = f'{band}<div class="row"><div class="side">{side}</div><div class="main">{main}</div></div>'
    style = (
        "body{font-family:sans-serif} .row{display:flex} h2{border-bottom:1px solid} .l{display:inline-block;width:40%}"
    )
    return (
        f'<!DOCTYPE html><html><head><meta charset="{encoding}"><title>resume</title><style>{style}</style></head>'
        f"<body>{body}</body></html>"
    ).encode(encoding)


def _all(layout: Layout, blocks: list[Block]) -> str:
    parts: list[str] = []
    for block in blocks:
        if isinstance(block, Bullet) and parts and parts[-1].endswith("</ul>"):
            parts[-1] = parts[-1].removesuffix("</ul>") + f"<li>{escape(block.text)}</li></ul>"
        else:
            parts.append(_one(layout, block))
    return "\n".join(parts)


def _one(layout: Layout, block: Block) -> str:
    match block:
        case Name(text):
            return f"<h1>{escape(text)}</h1>"
        case Heading(text):
            return (
                f"<h2>{escape(text)}</h2>" if layout.id % 2 == 0 else f'<div class="title"><b>{escape(text)}</b></div>'
            )
        case Line(text, strong):
            return f"<p><b>{escape(text)}</b></p>" if strong else f"<p>{escape(text)}</p>"
        case Bullet(text):
            return f"<ul><li>{escape(text)}</li></ul>"
        case Row(cells, _):
            return (
                "<div>"
                + "&nbsp;&nbsp;&nbsp; ".join(f'<span class="l">{escape(cell)}</span>' for cell in cells)
                + "</div>"
            )
        case Grid(rows):
            return (
                "<table>"
                + "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in rows)
                + "</table>"
            )
        case Beside(left, blocks):
            return f"<table><tr><td>{escape(left)}</td><td>{_all(layout, list(blocks))}</td></tr></table>"
