"""All generated pages, and the index of the reference."""

from collections.abc import Callable

from ops.alerts import runbook
from ops.reference import api, commands, errors, features, fields, metrics, quality, scopes, settings, spans, topics
from schemas.base import Language
from schemas.export import documents

MAKERS: dict[str, Callable[[], str]] = {
    "fields.md": fields.page,
    "settings.md": settings.page,
    "cli.md": commands.page,
    "topics.md": topics.page,
    "metrics.md": metrics.page,
    "spans.md": spans.page,
    "errors.md": errors.page,
    "match-features.md": features.page,
    "scopes.md": scopes.page,
    "quality.md": quality.page,
}
RUNBOOK: dict[Language, str] = {"en": "", "zh": ".zh"}
"""What a language adds to the name of a guide. The console shows the runbook, too, so its text is in the package."""


def pages() -> dict[str, str]:
    """Return every generated file's name under docs/, and its text."""
    made = {name: make() for name, make in MAKERS.items()}
    schemas = {f"schemas/{name}": text for name, text in documents().items()}
    reference = {f"reference/{name}": text for name, text in ({"README.md": index(made)} | made).items()}
    guides = {f"guides/runbook{end}.md": runbook.text(language) for language, end in RUNBOOK.items()}
    return reference | schemas | guides | {"reference/openapi.json": api.document()}


def index(made: dict[str, str]) -> str:
    """Return the index: each page's title and its first sentence."""
    lines = ["# Reference", "", "Generated from the code by `make docs`; `make test` checks that it is current.", ""]
    for name, text in made.items():
        title, _, what = text.split("\n", 3)[:3]
        lines.append(f"- [{title.removeprefix('# ')}]({name}): {what}")
    lines.append("- [JSON Schemas](../schemas/) and [AsyncAPI](../schemas/asyncapi.json) of the messages.")
    lines.append("- [OpenAPI](openapi.json) of the HTTP API.")
    return "\n".join(lines) + "\n"
