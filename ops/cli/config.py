"""`looma config`: the effective settings and where each came from."""

from pathlib import Path
from typing import Any

import click
from pydantic import SecretStr

from ops.cli.context import console, json_option, load_settings, print_json
from ops.cli.tables import Column, Table
from ops.redaction import masked
from ops.settings import Settings
from ops.settings_errors import origin_of


def shown(name: str, value: Any) -> Any:
    """Return a setting's value as it may be shown: of a URL the host, without who asks and what she asks with."""
    if isinstance(value, SecretStr):
        return masked(value.get_secret_value()) if name.endswith("_url") else str(value)
    if isinstance(value, list):
        return [shown(name, each) for each in value]
    return masked(str(value)) if isinstance(value, str | Path) else value


@click.command()
@json_option
def config(as_json: bool) -> None:
    """Show every setting, its value and where it came from; secrets are masked.

    Set one by the environment (LOOMA_NAME) or in looma.toml (name = value).
    """
    settings = load_settings()
    values = {name: shown(name, getattr(settings, name)) for name in Settings.model_fields}
    if as_json:
        print_json({name: {"value": value, "origin": origin_of(name)} for name, value in values.items()})
        return
    table = Table(Column("setting", no_wrap=True), "value", "from", "meaning")
    for name, field in Settings.model_fields.items():
        table.add_row(name, str(values[name]), origin_of(name), field.description or "")
    console.print(table)
