"""How near a cosine is, as a score and in a word."""


def ramp(value: float, low: float, high: float) -> float:
    """Return 0 up to `low`, 1 from `high` on, linear between."""
    if value <= low:
        return 0.0
    return 1.0 if value >= high else (value - low) / (high - low)


def strength(score: float) -> str:
    """Return the word for a score."""
    return "strong" if score >= 0.75 else "fair" if score >= 0.4 else "weak"
