"""The attributes of spans as a page."""

from ops.reference.markdown import code, table
from ops.reference.source import documented
from schemas import semconv


def page() -> str:
    """Return the page."""
    rows = [(code(getattr(semconv, name)), meaning) for name, meaning in documented(semconv).items()]
    return "\n".join(
        [
            "# Spans",
            "",
            "The attributes of the spans that `looma trace` and a collector show.",
            "",
            "Names without `looma.` and `kafka.` are OpenTelemetry's",
            "[semantic conventions](https://opentelemetry.io/docs/specs/semconv/).",
            "Attributes hold ids, never the fields of a record.",
            "",
            *table(("attribute", "meaning"), rows),
            "",
        ]
    )
