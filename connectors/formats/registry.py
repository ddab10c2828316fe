"""The formats that are read, and which one a document has. Their modules are imported when a document is there."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any, cast

from connectors.formats.base import Format

_MODULES = {
    "schema-org": "job_posting",
    "greenhouse": "greenhouse",
    "lever": "lever",
    "workable": "workable",
    "hr-open": "hr_open",
    "json-resume": "json_resume",
    "linkedin": "linkedin",
    "boss": "boss",
    "zhaopin": "zhaopin",
}
NAMES: tuple[str, ...] = tuple(_MODULES)


@cache
def by_name(name: str) -> Format:
    """Return a format."""
    return cast(Format, import_module(f"connectors.formats.{_MODULES[name]}").FORMAT)


def format_of(document: Any, names: Sequence[str] = NAMES) -> Format | None:
    """Return the first format that a document has; if only one is named, that."""
    if len(names) == 1:
        return by_name(names[0])
    return next((one for one in map(by_name, names) if one.recognises(document)), None)
