"""Files of one JSON object a line, as people hand them to commands."""

import codecs
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from schemas.errors import LoomaError


class DataError(LoomaError, ValueError):
    """A data file is not as it must be; the message says where and why."""

    code = "data"


def json_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each object with its place, `file:line`; blank lines are passed over. Raises DataError."""
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if number == 1:
                    line = line.removeprefix(codecs.BOM_UTF8)
                if not line.strip():
                    continue
                where = f"{path.name}:{number}"
                try:
                    row = orjson.loads(line)
                except orjson.JSONDecodeError as error:
                    raise DataError(f"{where}: not JSON: {error}") from error
                if not isinstance(row, dict):
                    raise DataError(f"{where}: not a JSON object")
                yield where, row
    except OSError as error:
        raise DataError(f"{path.name}: {error}") from error


def text_of(row: Mapping[str, Any], key: str, where: str) -> str:
    """Return a text of a row that must be there. Raises DataError."""
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise DataError(f"{where}: {key} must be a text")
    return value
