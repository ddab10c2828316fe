"""`looma eval chat`: how well whole dialogues are understood and answered."""

from pathlib import Path

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json
from ops.cli.tables import Table

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--data", "path", required=True, type=_FILE, help="JSON Lines: a dialogue a line.")
@click.option("--train", type=_FILE, help="Learn acts or slots from these; default: five folds of the data.")
@click.option("--map", "map_path", type=_FILE, help="A JSON object from the file's intents and slots to the chat's.")
@json_option
def chat(path: Path, train: Path | None, map_path: Path | None, as_json: bool) -> None:
    """Go through dialogues turn by turn; print what is understood, and what of the answers is faithful.

    \b
    looma eval chat --data mine.jsonl                    the chat's own intents, slots and answers
    looma eval chat --data mine.jsonl --map to-ours.json
    looma eval chat --data crosswoz/test.jsonl --train crosswoz/dev.jsonl

    The fields tell the format of the rows:

    \b
    id, language, participant, dialogue [{role, text, intent, also, slots, standalone, expect}]
    id, role, initial, turns [{user, expect}]
    id, type, goal, turns [{role, text, acts [[intent, domain, slot, value]], state}]
    id, service, turns [{role, text}], states [{slot: value}]

    The first two are answered by the chat with templates, on the sample's records in memory. `slots` is the state
    after the turn, `!` before an excluded value; `expect` is refuse, clarify, handover or answer. The other two have
    labels of their own, which are learnt: pip install 'looma-streams[train]'. A row that cannot be used is counted in
    `left_out`; an unknown label is an error.
    """
    from ops.evaluation.dialogue.run import evaluate
    from ops.evaluation.intents import read_map

    labels = read_map(map_path) if map_path else {}
    try:
        with errors.status("reading dialogues") as status:
            found = evaluate(path, train, labels, load_settings(), status.update)
    except ImportError as error:
        raise click.ClickException(f"Training needs {error.name}: pip install 'looma-streams[train]'") from error
    if as_json:
        print_json(found)
        return
    title = f"{found['dialogues']:,} dialogues, {found['turns']:,} turns of users"
    table = Table("", "", title=title, title_justify="left")
    for name, value in found.items():
        if isinstance(value, int | float) and name not in ("dialogues", "turns"):
            table.add_row(name, f"{value:.4g}")
    table.add_row("ms a turn", f"p50 {found['ms']['p50']}, p99 {found['ms']['p99']}")
    console.print(table)
