"""The words that tell what an ad offers, from data/ads.toml."""

import re
import tomllib
from importlib.resources import files

_RULES = tomllib.loads((files(__package__) / "data" / "ads.toml").read_text("utf-8"))


def patterns(section: str) -> dict[str, re.Pattern[str]]:
    """Return a section's regular expressions by name, compiled; case makes no difference."""
    return {name: re.compile(rule, re.IGNORECASE) for name, rule in _RULES[section].items()}
