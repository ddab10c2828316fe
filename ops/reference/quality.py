"""The rules of quality as a page."""

from ops.reference.markdown import code, sentence, table
from processors.quality.rules import CODES, WORTH
from processors.quality.score import HALF_LIFE_DAYS, WEIGHTS


def page() -> str:
    """Return the page."""
    codes = [(code(name), c.part, c.zh, sentence(c.en), f"{c.cost:.0%}" if c.cost else "") for name, c in CODES.items()]
    worth = [
        (entity, " or ".join(map(code, names)), f"{each:g}")
        for entity, fields in WORTH.items()
        for names, each in fields.items()
    ]
    weights = ", ".join(f"{part} {weight:.0%}" for part, weight in WEIGHTS.items())
    lives = ", ".join(f"a {entity} {days} days" for entity, days in HALF_LIFE_DAYS.items())
    return "\n".join(
        [
            "# Quality",
            "",
            "What is found of a record beside errors, and how its score is made.",
            "",
            f"The score is from 0 to 1: {weights}. Without a time, freshness is left out of it. Each finding takes its "
            "share of what is left of its part. Freshness halves with the time since a source last spoke of the "
            f"record: {lives}.",
            "",
            "Shown by `looma show`, `looma validate` and `POST /v1/validate`. MongoDB keeps `quality.score` and "
            "`quality.codes` with each record, without freshness, as of when it was last heard of.",
            "",
            *table(("code", "part", "中文", "meaning", "takes"), codes),
            "",
            "## Completeness",
            "",
            *table(("entity", "field", "worth"), worth),
            "",
        ]
    )
