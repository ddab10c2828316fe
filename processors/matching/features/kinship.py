"""How things held compare with things wanted, when a lexicon knows which of them are related."""

from processors.matching.features.feature import NEUTRAL, NOT_ASKED, Finding
from processors.matching.reading.lexicon import Lexicon

AKIN = 0.6
"""Credit for a related industry or field of study."""


def compared(held: tuple[str, ...], wanted: tuple[str, ...], lexicon: Lexicon) -> Finding:
    """Score whether one of the wanted is held, or one related."""
    if not wanted:
        return Finding(NOT_ASKED, "not_demanded")
    if not held:
        return Finding(NEUTRAL, "unknown")
    if set(held) & set(wanted):
        return Finding(1.0, "met")
    if any(lexicon.akin(one, other) for one in held for other in wanted):
        return Finding(AKIN, "akin")
    return Finding(0.0, "other")
