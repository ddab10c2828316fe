"""`looma eval rewrite`: how well messages are made whole by what was said before them."""

from pathlib import Path

import click

from ops.cli.context import console, json_option, print_json
from ops.cli.tables import Table


@click.command()
@click.option(
    "--data",
    "path",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON Lines: a message with its context and its rewriting a line.",
)
@json_option
def rewrite(path: Path, as_json: bool) -> None:
    """Rewrite messages that lean on their context; compare with people's rewriting of them.

    \b
    id, context [text, text], utterance, rewrite
    id, intent, turns [{role, text}], rewritten_turn, kind, rewrite, alternatives, slots [text]

    Of the second kind the turns behind the message are context, too, and `slots` are values that its rewriting must
    have. `bleu4` takes the alternatives for further references. Characters count as words in Chinese. `harmed` is
    the share of messages that were whole and are changed.
    """
    from ops.evaluation.rewrite import figures, load

    rows, left_out = load(path)
    found = figures(rows)
    found = {"rows": found.pop("rows"), "left_out": left_out, **found}
    if as_json:
        print_json(found)
        return
    table = Table("", "", title=f"{found['rows']:,} messages", title_justify="left")
    for name, value in found.items():
        if isinstance(value, int | float) and name != "rows":
            table.add_row(name, f"{value:.4g}")
    table.add_row("ms a message", f"p50 {found['ms']['p50']}, p99 {found['ms']['p99']}")
    console.print(table)
