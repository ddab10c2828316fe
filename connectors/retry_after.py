"""`Retry-After` (RFC 9110): how long a server asks to be left alone."""

from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def seconds(header: str) -> float:
    """Return what a header says, a number of seconds or a date; 0 if it is neither."""
    if header.isascii() and header.isdigit():
        return float(header[:9])
    with suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    return 0.0
