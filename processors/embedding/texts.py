"""What of a record is embedded. Never names or contacts: they say nothing about fit, and they are personal data."""

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

MAX_CHARACTERS = 600
_SUMMARY_CHARACTERS = 300


def record_text(entity: Literal["talent", "job"], fields: Mapping[str, Any]) -> str:
    """Return the text that stands for a talent or a job, at most `MAX_CHARACTERS` long."""
    parts = [fields.get("title") or ""]
    parts.append(", ".join(skill["name"] for skill in (fields.get("skills") or ())[:20]))
    parts.append((fields.get("summary" if entity == "talent" else "description") or "")[:_SUMMARY_CHARACTERS])
    if entity == "talent":
        parts += [job["title"] for job in (fields.get("employments") or ())[:3]]
        if not any(parts):
            parts.append(fields.get("resume_text") or "")
    return "\n".join(part for part in parts if part)[:MAX_CHARACTERS]


def text_hash(text: str) -> str:
    """Return a short fingerprint of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
