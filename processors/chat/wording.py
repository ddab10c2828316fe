"""The sentences that need no record, in both languages."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from schemas.base import Language


@cache
def _wording() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("processors.chat").joinpath("data/wording.toml").read_text("utf-8"))


def say(name: str, language: Language) -> str:
    """Return a sentence by its name in `data/wording.toml`. Raises KeyError."""
    return _wording()[name][language]
