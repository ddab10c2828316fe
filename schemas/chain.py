"""Headers by which stages tell each other where a message comes from; since anybody may write them, read with care."""

from schemas.envelope import Headers, is_text

REPLAY = "looma_replay"
"""The header that names the replay whose events a message goes back to."""
PUBLISHED = "looma_published"
"""The header that says when the message that this one is derived from was published, in ms since the epoch."""
CAUSE = "looma_cause"
"""The header of what stages tell each other that names the event which the chain began with."""
NEVER_SAID = "looma_never_said"
"""The header of a record that names fields, with commas, of which no source has ever told this record's id anything.

Without it nothing is known: records of earlier versions have none.
"""

_MOST_DIGITS = 15  # until the year 33,658


def said(headers: Headers, name: str) -> str | None:
    """Return what the first header of a name says, if it can be a name: bounded and visible."""
    for found, value in headers:
        if found == name:
            text = value.decode("utf-8", "replace")
            return text if is_text(text) else None
    return None


def never_said(headers: Headers, field: str) -> bool:
    """Return whether no revision of the record can have had a field."""
    return field in (said(headers, NEVER_SAID) or "").split(",")


def published_ms(headers: Headers) -> int | None:
    """Return when the message that this one is derived from was published, if that is told."""
    text = said(headers, PUBLISHED)
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else None
