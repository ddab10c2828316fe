"""`looma config`: the effective settings, where each came from, and whether each server answers with them."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops.cli.context import console, json_option, load_settings, print_json, run
from ops.cli.failures import failure_of
from ops.cli.tables import Column, Table
from ops.runtime.redaction import shown_setting
from schemas.exits import Exit

if TYPE_CHECKING:
    from schemas.settings import Settings


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def config(context: click.Context, as_json: bool) -> None:
    """Show every setting, its value and where it came from; secrets are masked.

    What is printed is a looma.toml. To change a setting write it there, or set it in the environment: group_id under
    [kafka] is LOOMA_KAFKA__GROUP_ID. A secret may be a reference: file:PATH, env:NAME, command:WORDS, age:…
    """
    from ops.runtime.settings_errors import origins
    from schemas.settings import fields, tables

    if context.invoked_subcommand:
        return
    settings = load_settings()
    values = {name: shown_setting(name, _value(settings, name)) for name in fields()}
    origin = origins()
    if as_json:
        print_json({name: {"value": value, "origin": origin[name]} for name, value in values.items()})
        return
    group = ""
    for name, field in fields().items():
        of_group, _, last = name.rpartition(".")
        if item := tables(field):
            console.print(f"\n# {item.__doc__}", style="dim")
            if not values[name]:
                console.print(f"# [[{name}]]", markup=False)
            for each in values[name]:
                console.print(f"[[{name}]]" + _origin(origin[name]), style="bold", markup=False)
                for inner, value in each.items():
                    console.print(_line(inner, value, "default"))
            continue
        if of_group != group:
            group = of_group
            console.print(f"\n# {type(getattr(settings, group)).__doc__}", style="dim")
            console.print(f"[{group}]", style="bold")
        if field.description:
            console.print(f"# {field.description}", style="dim")
        console.print(_line(last, values[name], origin[name]))


@config.command()
@json_option
@run
async def check(as_json: bool) -> None:
    """Validate the settings and ask each server with them. Exit code 0 if all answer, 3 if one does not.

    Kafka is asked for messages that no key of the settings opens, too; that is code 3 as well.
    Nothing is written, and no topic, database or collection need exist yet.
    """
    settings = load_settings()
    asked: dict[str, Callable[[Settings], Coroutine[Any, Any, None]]] = {
        "kafka": _kafka,
        "mongodb": _mongodb,
        "qdrant": _qdrant,
    }
    said = await asyncio.gather(*(_said(settings, ask) for ask in asked.values()))
    found = dict(zip(asked, said, strict=True))
    if as_json:
        print_json({name: {"answers": error is None, "error": error} for name, error in found.items()})
    else:
        for name, error in found.items():
            console.print(error or f"{name} answers")
    if any(found.values()):
        raise click.exceptions.Exit(int(Exit.AWAY))


@config.command()
@click.argument("first", metavar="A", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("second", metavar="[B]", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def diff(first: Path, second: Path | None, as_json: bool) -> None:
    """Compare settings files A and B as they take effect; without B, A and what this machine has.

    What neither names has its default, and the environment counts for neither file. Secrets that differ are named and
    not shown; of two files, references to secrets are compared as they stand there. Exit code 1 if anything differs.
    """
    from schemas.settings import fields

    a = _settings_of(first, is_here=second is None)
    b = _settings_of(second) if second else load_settings()
    differ = {name: (_value(a, name), _value(b, name)) for name in fields() if _value(a, name) != _value(b, name)}
    shown = {name: [shown_setting(name, value) for value in pair] for name, pair in differ.items()}
    if as_json:
        print_json({name: {"a": one, "b": other} for name, (one, other) in shown.items()})
    else:
        for name, (one, other) in shown.items():
            is_hidden = one == other
            console.print(
                f"{name} differs, and is secret" if is_hidden else f"{name}: {_written(one)} | {_written(other)}"
            )
    if shown:
        raise click.exceptions.Exit(int(Exit.REFUSED))


@config.command()
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="So many, the newest first.")
@json_option
@run
async def starts(limit: int, as_json: bool) -> None:
    """Show when which worker started, of which version and with which configuration, and which is the one here.

    A configuration is named by what its settings are, secrets left out; workers of one deployment should have one.
    Starts are kept for `retention.starts_days`.
    """
    from sinks.starts import newest
    from streams.generations.database import base_database

    settings = load_settings()
    async with base_database(settings) as base:
        found = await newest(base, limit)
    if as_json:
        print_json({"configuration": settings.configuration, "starts": found})
        return
    table = Table("started", "group", "host", Column("port", justify="right"), "version", "configuration")
    for start in found:
        at = f"{start['at']:%Y-%m-%d %H:%M:%S}Z"
        table.add_row(at, start["group"], start["host"], str(start["port"]), start["version"], start["configuration"])
    console.print(table)
    console.print(f"configuration here: {settings.configuration}")


@config.command()
@click.option("--recipient", metavar="AGE1…", help="Whose identity opens it; default: the one of this machine.")
def seal(recipient: str | None) -> None:
    """Read a secret from standard input and print it sealed, to be written into the settings file.

    \b
    looma config seal < password.txt       sasl_password = "age:…"

    It is opened by the identity in LOOMA_IDENTITY_FILE, or in looma.identity beside looma.toml, which is made if
    there is none. Keep that file out of version control. age's own tools read both: age-keygen -y, age --decrypt.
    """
    from ops.runtime.secret_references import seal as sealed

    secret = sys.stdin.read().rstrip("\r\n") if not sys.stdin.isatty() else click.prompt("secret", hide_input=True)
    if not secret:
        raise click.UsageError("there is no secret on standard input")
    print(sealed(secret, recipient))


@config.command("secrets")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--renew", is_flag=True, help="Make all certificates anew, by the same authority; restart all services.")
@json_option
def secrets_(folder: Path, renew: bool, as_json: bool) -> None:
    """Make in DIR what `compose/` needs: an authority, certificates, users and their passwords. What is there stays.

    \b
    looma config secrets compose/secrets

    Keep DIR out of version control, and back it up: a volume remembers the users that it was made with. ca.key is for
    --renew alone, and may be kept elsewhere. Certificates are good for 825 days.
    """
    from ops.compose_secrets import make

    made = make(folder, renew=renew)
    if as_json:
        print_json({"made": made})
    else:
        console.print(f"{len(made)} files made in {folder}" if made else f"{folder} has all that is needed")


def _settings_of(file: Path, *, is_here: bool = False) -> "Settings":
    """Return the settings of a file alone; with `is_here` as they would be on this machine, with its data and secrets.

    Raises UsageError, a line for each mistake.
    """
    import tomllib

    from pydantic import ValidationError

    from ops.runtime.data_folder import DATA, home
    from ops.runtime.secret_references import resolve
    from ops.runtime.settings import as_read
    from schemas.settings import Settings

    try:
        values = as_read(tomllib.loads(file.read_text("utf-8")), file.absolute().parent)
        if is_here:
            values = resolve({"data_dir": home().folder / DATA, **values}, is_lenient=True)
        return Settings.model_validate(values)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{file} is no TOML: {error}") from None
    except ValidationError as error:
        said = [f"{file}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)]
        raise click.UsageError("\n".join(said)) from None


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


async def _said(settings: "Settings", ask: "Callable[[Settings], Coroutine[Any, Any, None]]") -> str | None:
    """Return what is wrong, None if nothing is."""
    try:
        await ask(settings)
    except Exception as error:
        if failure := failure_of(error):
            return failure.format_message()
        raise
    return None


async def _kafka(settings: "Settings") -> None:
    from sinks.sealing import NoKeyError
    from streams.sealed import lacking, said

    if lacks := await lacking(settings.kafka):
        raise NoKeyError(said(lacks))


async def _mongodb(settings: "Settings") -> None:
    from sinks import mongodb

    client, database = mongodb.connect(settings.mongodb)
    try:
        await database.command("ping")
    finally:
        await client.close()


async def _qdrant(settings: "Settings") -> None:
    from sinks import qdrant

    client = qdrant.connect(settings.qdrant)
    try:
        await client.get_collections()
    finally:
        await client.close()


def _line(name: str, value: Any, origin: str) -> str:
    """Return a setting as a line of TOML, which has no word for "nothing"."""
    if value is None:
        return f"# {name} ="
    written = json.dumps(value, ensure_ascii=False)
    return f"{name} = {written}" + _origin(origin)


def _origin(origin: str) -> str:
    return "" if origin == "default" else f"  # from the {origin}"


def _value(settings: "Settings", name: str) -> Any:
    group, _, last = name.rpartition(".")
    return getattr(getattr(settings, group) if group else settings, last)
