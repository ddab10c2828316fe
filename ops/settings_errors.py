"""What is wrong with the settings, a line each: which, where it was set, what to write. No value is repeated."""

import os
import re
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError

from ops.settings import OTHER_VARIABLES, PREFIX, Settings, settings_file


class WrongSettingsError(ValueError):
    """The settings cannot be used; the text has a line for each that is wrong."""


def read_settings() -> Settings:
    """Return the validated settings. Raises WrongSettingsError."""
    if unknown := unknown_variables(os.environ):
        raise WrongSettingsError("\n".join(unknown))
    try:
        return Settings()
    except ValidationError as error:
        raise WrongSettingsError("\n".join(map(_said, error.errors(include_url=False, include_input=False)))) from None
    except SettingsError as error:
        name = re.search(r'field "(\w+)"', str(error))
        variable = f"{PREFIX}{name[1].upper()}" if name else "a variable"
        raise WrongSettingsError(f'{variable}: write it as JSON, as in ["https://files.example.com/cv/"]') from None
    except tomllib.TOMLDecodeError as error:
        raise WrongSettingsError(f"{settings_file()}: this is no TOML: {error}") from None
    except UnicodeDecodeError:
        raise WrongSettingsError(f"{settings_file()}: this is no TOML: it must be UTF-8") from None
    except OSError as error:
        raise WrongSettingsError(f"{settings_file()}: it cannot be read: {error.strerror}") from None


def unknown_variables(names: Iterable[str]) -> list[str]:
    """Return what is wrong with the variables that begin with LOOMA_ and mean nothing."""
    known = {name.upper() for name in Settings.model_fields} | {n.removeprefix(PREFIX) for n in OTHER_VARIABLES}
    ours = sorted(name for name in names if name.upper().startswith(PREFIX))
    return [
        f"the environment has {name}, which is no setting{_nearest(name.upper()[len(PREFIX) :], known, PREFIX)}"
        for name in ours
        if name.upper()[len(PREFIX) :] not in known
    ]


def origin_of(name: str) -> str:
    """Return where a setting comes from: `environment`, `file` or `default`."""
    if any(variable.upper() == f"{PREFIX}{name.upper()}" and value for variable, value in os.environ.items()):
        return "environment"
    file = settings_file()
    return "file" if file.exists() and name in tomllib.loads(file.read_text("utf-8")) else "default"


def _said(problem: ErrorDetails) -> str:
    name, *inner = map(str, problem["loc"])
    text = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        plain = name.lower().replace("-", "_").removeprefix(PREFIX.lower())
        return f"{_place(name)}: there is no setting {name}{_nearest(plain, Settings.model_fields)}"
    at = f", item {int(inner[0]) + 1}" if inner and inner[0].isdigit() else ""
    where = _place(name) if origin_of(name) == "file" else f"the environment has {PREFIX}{name.upper()}"
    return f"{where}: {name}{at}: {text[0].lower()}{text[1:]}"


def _place(name: str) -> str:
    """Return the settings file and the line where a name is set."""
    file = settings_file()
    for number, line in enumerate(_lines(file), 1):
        if re.match(rf"""\s*\[*\s*["']?{re.escape(name)}["']?\s*[\].=]""", line):
            return f"{file}, line {number}"
    return str(file)


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines() if file.exists() else []


def _nearest(name: str, known: Iterable[str], prefix: str = "") -> str:
    found = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {prefix}{found[0]}?" if found else "; `looma config` lists them all"
