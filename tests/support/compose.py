"""Compose's files, as its tests read them."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "compose"


class _Loader(yaml.SafeLoader):
    """Reads compose's own tags as the values they mark."""


def _override(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    assert isinstance(node, yaml.SequenceNode)
    return loader.construct_sequence(node, deep=True)


_Loader.add_constructor("!override", _override)


def yaml_of(path: Path) -> Any:
    """Return what a file of compose says."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)


def without_variables(text: str) -> str:
    """Return the text with every `${NAME:-default}` as its default."""
    return re.sub(r"\$\{\w+(?::?-([^}]*))?[^}]*\}", lambda m: m[1] or "", text)


def strings(value: Any) -> Iterator[tuple[str, str]]:
    """Yield every string in a document with the key it is under."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, str):
                yield str(key), item
            else:
                yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from (("", item),) if isinstance(item, str) else strings(item)


STACK = yaml_of(COMPOSE / "compose.yaml")


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the repository; return what it has said."""
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )
