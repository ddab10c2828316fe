"""The catalogue of topics as a page."""

from ops.reference.markdown import code, table
from ops.reference.source import documented
from schemas import topics


def page() -> str:
    """Return the page."""
    kinds = documented(topics)["Kind"]
    rows = []
    for spec in topics.TOPICS:
        days = f"{spec.retention_days} days" if spec.retention_days else "for ever"
        kept = "the newest of each key" if spec.compacted else days
        rows.append((code(spec.name), spec.purpose, spec.kind, spec.key, kept, "yes" if spec.is_personal else "no"))
    heads = ("topic", "what", "kind", "key", "kept", "may name a person")
    return "\n".join(
        [
            "# Topics",
            "",
            "Every Kafka topic: its key, its kind and its retention.",
            "",
            kinds,
            "",
            *table(heads, rows),
            "",
        ]
    )
