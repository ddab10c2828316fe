"""The catalogue of scopes, and what is masked without `pii:read`, as a page."""

from collections.abc import Iterator
from typing import Any

from ops.reference.markdown import code, sentence, table
from processors.masking import masks
from schemas.access import CATALOGUE, PER_SOURCE
from schemas.entities import ENTITIES

_SHOWN = {"hidden": "`***`", "name": "initials, or the surname: `J. D.`, `张**`", "text": "the text without contacts"}


def page() -> str:
    """Return the page."""
    scopes = [
        (code(s.name), s.texts["zh"], sentence(s.texts["en"]), "yes" if s.for_candidates else "") for s in CATALOGUE
    ]
    fields = [(code(f"{entity}.{name}"), _SHOWN[mask]) for entity in ENTITIES for name, mask in _masks(masks(entity))]
    return "\n".join(
        [
            "# Scopes",
            "",
            "What a key or a token of the HTTP API may allow, and what is masked without `pii:read`.",
            "",
            f"`{PER_SOURCE}:SOURCE` narrows `{PER_SOURCE}` to one source. The last column says which a candidate's key "
            "or token may have. The [guide](../guides/access.md) explains how they are given.",
            "",
            *table(("scope", "中文", "allows to", "candidates"), scopes),
            "",
            "## Masked without `pii:read`",
            "",
            "Where a schema has none of a field, its value is hidden. A passage of a search and a reason of a match "
            "lose contacts and accounts.",
            "",
            *table(("field", "shown"), fields),
            "",
        ]
    )


def _masks(tree: Any, before: str = "") -> Iterator[tuple[str, str]]:
    for name, mask in tree.items():
        if isinstance(mask, str):
            yield before + name, mask
        elif mask:
            yield from _masks(mask, f"{before}{name}.")
