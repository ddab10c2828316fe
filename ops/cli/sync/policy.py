"""`looma sync policy`: what a changed survivorship policy would do."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from ops.cli.context import console, errors, json_option, load_settings, print_json, run
from ops.cli.publish import progress_bar
from ops.cli.tables import Column, Table

SHOWN_VALUE = 60
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def policy() -> None:
    """Preview survivorship policies."""


@policy.command("diff")
@click.argument("new", type=_FILE)
@click.option("--examples", default=5, show_default=True, type=click.IntRange(0, 1000), help="Per field.")
@json_option
@run
async def diff_(new: Path, examples: int, as_json: bool) -> None:
    """Show how many records the policy file NEW would change, and examples; changes nothing.

    It is compared with the policy in force. To apply it, set LOOMA_SYNC__POLICY, restart the workers and replay.
    """
    from processors.sync.policy import load_policy
    from processors.sync.preview import diff
    from processors.sync.stored import StoredRecord
    from schemas.entities import ENTITIES
    from sinks.mongodb import COLLECTIONS
    from sinks.scan import everything
    from streams.generations.database import active_database

    settings = load_settings()
    old, wanted = load_policy(settings.sync.policy), load_policy(new)
    records, changed = Counter[str](), Counter[str]()
    fields: Counter[tuple[str, str]] = Counter()
    shown: dict[tuple[str, str], list[dict[str, Any]]] = {}
    async with active_database(settings) as db:
        with progress_bar() as progress:
            for entity in ENTITIES:
                collection = db[COLLECTIONS[entity]]
                task = progress.add_task(COLLECTIONS[entity], total=await collection.estimated_document_count())
                async for document in everything(collection.find({})):
                    progress.update(task, advance=1)
                    records[entity] += 1
                    changes = diff(StoredRecord.from_document(entity, document).state, old, wanted)
                    changed[entity] += bool(changes)
                    for change in changes:
                        key = (entity, change.field)
                        fields[key] += 1
                        if fields[key] <= examples:
                            example = {"id": document["_id"], "before": change.before, "after": change.after}
                            shown.setdefault(key, []).append(example)
    if as_json:
        print_json(
            {
                "old": old.version,
                "new": wanted.version,
                "records": dict(records),
                "changed": dict(changed),
                "fields": [
                    {"entity": e, "field": f, "changed": n, "examples": shown.get((e, f), [])}
                    for (e, f), n in fields.most_common()
                ],
            }
        )
        return
    errors.print(f"{old.version} → {wanted.version}", style="dim")
    table = Table(Column("record", no_wrap=True), "field", "before", "after")
    for (kind, name), found in shown.items():
        for example in found:
            cells = (str(example[side])[:SHOWN_VALUE] for side in ("before", "after"))
            table.add_row(f"{kind} {example['id']}", name, *cells)
    if fields:
        console.print(table)
    for entity in ENTITIES:
        console.print(f"{COLLECTIONS[entity]}: {changed[entity]:,} of {records[entity]:,} records would change")
