"""What a match's score means, in a word."""

from schemas.base import Band

STRONG = 0.75
"""From here on most graded pairs are worth an interview: docs/benchmarks/matching.md."""
PARTIAL = 0.65
"""From here on most are worth a look."""


def band_of(score: float) -> Band:
    """Return the name of a score."""
    return "strong" if score >= STRONG else "partial" if score >= PARTIAL else "near"
