"""The catalogue of topics as a page."""

from ops.reference.markdown import code, table
from ops.reference.source import documented
from schemas import topics
from schemas.settings import DEFAULT_RETENTION


def page() -> str:
    """Return the page."""
    kinds = documented(topics)["Kind"]
    rows = []
    for spec in topics.TOPICS:
        kept = "the newest of each key" if spec.compacted else _time(spec.days(DEFAULT_RETENTION))
        rows.append((code(spec.name), spec.purpose, spec.kind, spec.key, kept, "yes" if spec.is_personal else "no"))
    heads = ("topic", "what", "kind", "key", "kept", "may name a person")
    return "\n".join(
        [
            "# Topics",
            "",
            "Every Kafka topic: its key, its kind and its retention, which `retention` in the settings changes.",
            "",
            kinds,
            "",
            *table(heads, rows),
            "",
        ]
    )


def _time(days: float | None) -> str:
    if days is None:
        return "for ever"
    return f"{days:g} days" if days >= 1 else f"{days * 24:g} h"
