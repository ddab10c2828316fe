"""`looma config`: the effective settings and where each came from."""

import os
import tomllib

import click
from pydantic import SecretStr
from rich.table import Table

from ops.cli.context import console, json_option, load_settings, print_json
from ops.settings import SETTINGS_FILE, Settings


def origins(settings: Settings) -> dict[str, str]:
    """Return for each setting `environment`, `file` or `default`."""
    in_file = tomllib.loads(SETTINGS_FILE.read_text("utf-8")) if SETTINGS_FILE.exists() else {}
    environment = {name.upper() for name in os.environ}
    found = {}
    for name in type(settings).model_fields:
        if f"LOOMA_{name.upper()}" in environment:
            found[name] = "environment"
        else:
            found[name] = "file" if name in in_file else "default"
    return found


@click.command()
@json_option
def config(as_json: bool) -> None:
    """Show every setting, its value and where it came from; secrets are masked.

    Set one by the environment (LOOMA_NAME) or in looma.toml (name = value).
    """
    settings = load_settings()
    where = origins(settings)
    values = {
        name: str(value) if isinstance(value, SecretStr) else value
        for name, value in ((n, getattr(settings, n)) for n in where)
    }
    if as_json:
        print_json({name: {"value": values[name], "origin": where[name]} for name in where})
        return
    table = Table("setting", "value", "from", "meaning")
    for name, field in type(settings).model_fields.items():
        table.add_row(name, str(values[name]), where[name], field.description or "")
    console.print(table)
