"""The words that tell what a mention's context means, from data/cues.toml."""

import re
import tomllib
from importlib.resources import files
from typing import Any

_CUES = tomllib.loads((files("processors.skills") / "data" / "cues.toml").read_text(encoding="utf-8"))


def words(section: str) -> dict[str, str]:
    """Return a section's regular expressions by name."""
    return {name: value for name, value in _section(section).items() if isinstance(value, str)}


def lists(section: str) -> dict[str, list[str]]:
    """Return a section's lists of words by name."""
    return {name: value for name, value in _section(section).items() if isinstance(value, list)}


def _section(path: str) -> dict[str, Any]:
    found = _CUES
    for part in path.split("."):
        found = found[part]
    return found


def patterns(section: str) -> dict[str, re.Pattern[str]]:
    """Return a section's regular expressions by name, compiled; case makes no difference."""
    return {name: re.compile(rule, re.IGNORECASE) for name, rule in words(section).items()}


def alternatives(section: str) -> re.Pattern[str]:
    """Return one pattern with a named group for each of a section's names, tried in order."""
    return re.compile("|".join(f"(?P<{name}>{rule})" for name, rule in words(section).items()), re.IGNORECASE)
