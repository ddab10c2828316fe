"""The sentences of advice, in Chinese and English."""

import tomllib
from functools import cache
from importlib.resources import files

from schemas.base import Language


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads((files(__package__) / "data" / "texts.toml").read_text("utf-8"))


def text(code: str, language: Language, **facts: object) -> str:
    """Return a sentence with its facts filled in; facts are never read as templates."""
    return _texts()[code][language].format(**facts)
