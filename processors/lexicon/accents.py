"""Letters without their accents; apart from `script`, whose tables are heavy to import."""

import unicodedata


def without_accents(text: str) -> str:
    """Return a text without its accents and other combining marks."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
