"""What is wrong with the settings, a line each: which, where it was set, what to write. No value is repeated."""

import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ops.runtime.settings import (
    OLD_NAMES,
    OTHER_VARIABLES,
    PREFIX,
    ReadSettings,
    is_list,
    settings_file,
    values_in_file,
    variable,
)
from schemas.errors import LoomaError
from schemas.exits import Exit
from schemas.settings import Settings, fields


class WrongSettingsError(LoomaError, ValueError):
    """The settings cannot be used; the text has a line for each that is wrong."""

    code = "wrong_settings"
    exit_status = Exit.USAGE


def read_settings() -> Settings:
    """Return the validated settings. Raises WrongSettingsError."""
    if unknown := unknown_variables(os.environ):
        raise WrongSettingsError("\n".join(unknown))
    if broken := [name for name, text in _given().items() if is_list(_new(name)) and not _is_json(text)]:
        example = 'write it as JSON, as in ["https://files.example.com/cv/"]'
        raise WrongSettingsError("\n".join(f"{variable(name)}: {example}" for name in broken))
    try:
        return ReadSettings()
    except ValidationError as error:
        raise WrongSettingsError("\n".join(map(_said, error.errors(include_url=False, include_input=False)))) from None
    except tomllib.TOMLDecodeError as error:
        raise WrongSettingsError(f"{settings_file()}: this is no TOML: {error}") from None
    except UnicodeDecodeError:
        raise WrongSettingsError(f"{settings_file()}: this is no TOML: it must be UTF-8") from None
    except OSError as error:
        raise WrongSettingsError(f"{settings_file()}: it cannot be read: {error.strerror}") from None


def unknown_variables(names: Iterable[str]) -> list[str]:
    """Return what is wrong with the variables that begin with LOOMA_ and mean nothing."""
    known = {variable(name) for name in (*fields(), *OLD_NAMES)} | set(OTHER_VARIABLES)
    wrong = sorted(name for name in names if name.upper().startswith(PREFIX) and name.upper() not in known)
    offered = [variable(name)[len(PREFIX) :] for name in fields()] + [name[len(PREFIX) :] for name in OTHER_VARIABLES]
    return [
        f"the environment has {name}, which is no setting{_nearest(name.upper()[len(PREFIX) :], offered, PREFIX)}"
        for name in wrong
    ]


def origins() -> dict[str, str]:
    """Return where each setting comes from: `environment`, `file` or `default`."""
    given, values = _given(), values_in_file()
    return {name: _origin(name, given, values) for name in fields()}


def _origin(name: str, given: Mapping[str, str], values: Mapping[str, Any]) -> str:
    if any(each in given for each in (name, *_old(name))):
        return "environment"
    group, _, last = name.rpartition(".")
    inner = values.get(group, {}) if group else values
    return "file" if last in inner or any(old in values for old in _old(name)) else "default"


def _given() -> dict[str, str]:
    """Return what the environment sets, by the names of settings, new and old."""
    values = {name.upper(): value for name, value in os.environ.items() if value}
    return {name: values[variable(name)] for name in (*fields(), *OLD_NAMES) if variable(name) in values}


def _old(name: str) -> list[str]:
    return [old for old, new in OLD_NAMES.items() if name in new]


def _new(name: str) -> str:
    return OLD_NAMES.get(name, (name,))[0]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _said(problem: ErrorDetails) -> str:
    keys = [str(key) for key in problem["loc"] if isinstance(key, str)]
    name = ".".join(keys[:2])
    text = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        plain = name.lower().replace("-", "_").removeprefix(PREFIX.lower()).replace("__", ".")
        return f"{_place(name)}: there is no setting {name}{_nearest(_new(plain), fields())}"
    at = next((f", item {key + 1}" for key in problem["loc"] if isinstance(key, int)), "")
    given = [e for e in _given() if e in (name, keys[0], *_old(name)) or e.startswith(f"{name}.")]
    where = f"the environment has {', '.join(map(variable, given))}" if given else _place(name)
    return f"{where}: {name}{at}: {text[:1].lower() if text[1:2].islower() else text[:1]}{text[1:]}"


def _place(name: str) -> str:
    """Return the settings file and the line where a name is set."""
    file = settings_file()
    table = ""
    for number, line in enumerate(_lines(file), 1):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
            table = header[1].replace('"', "").replace("'", "")
            if name == table:
                return f"{file}, line {number}"
        elif key := re.match(r"""\s*([\w.\-"' ]+?)\s*=""", line):
            full = f"{table}.{key[1]}".lstrip(".").replace('"', "").replace("'", "").replace(" ", "")
            if full in (name, *_old(name)) or full.startswith(f"{name}."):
                return f"{file}, line {number}"
    return str(file)


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines() if file.exists() else []


def _nearest(name: str, known: Iterable[str], prefix: str = "") -> str:
    found = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {prefix}{found[0]}?" if found else "; `looma config` lists them all"
