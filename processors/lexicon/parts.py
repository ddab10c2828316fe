"""Long patterns of words are data: a TOML file has the parts of each, which are joined as they are."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files


def joined(package: str, name: str) -> Mapping[str, str]:
    """Return the patterns of a file in the folder `data` of a package."""
    text = files(package).joinpath(f"data/{name}.toml").read_text("utf-8")
    return {key: "".join(parts) for key, parts in tomllib.loads(text).items()}
