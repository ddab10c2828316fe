"""The OpenAPI document as a file."""

import json

from ops.api.app import create_app
from schemas.settings import Settings


def document() -> str:
    """Return the document of the HTTP API."""
    return json.dumps(create_app(Settings()).openapi(), ensure_ascii=False, indent=1) + "\n"
