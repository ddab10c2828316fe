"""`looma backup`: what is stored and kept, in one file, each person's part sealed with her own key."""

from collections import Counter
from pathlib import Path

import click

from ops.cli.context import console, errors, json_option, load_own_settings, load_settings, print_json, run

_unsealed = click.option(
    "--unsealed",
    is_flag=True,
    help="Take one of an earlier version, too, whose end seals nothing: parts may be missing unseen.",
)


@click.group()
def backup() -> None:
    """Write backups from which a forgotten person's part can no longer be read, and restore them.

    \b
    looma backup create looma-20260105.backup
    looma backup verify looma-20260105.backup
    looma backup restore looma-20260105.backup      into an empty database, before workers start
    looma backup rotate /var/backups/looma --keep 14   every night: written, verified, the oldest removed

    A backup holds records, matches, vectors and the kept events of the active generation; identities are computed
    again by the workers. The keys are in the database MONGODB_DATABASE-keys, not in the backup: without them nobody
    can read it. Keep a copy of that database elsewhere, and always only the newest: see docs/guides/forget.md.
    """


@backup.command()
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@json_option
@run
async def create(path: Path, as_json: bool) -> None:
    """Write a backup; live traffic may go on, and what comes meanwhile may be missing."""
    from ops.backup import backup as backups

    if path.exists():
        raise click.UsageError(f"{path} exists")
    settings = load_settings()
    with errors.status("backing up") as status:
        counts = await backups.create(settings, path, lambda n: status.update(f"{n:,} parts"))
        await backups.note_kept(settings)
    _show(counts, 0, as_json)


@backup.command()
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_unsealed
@json_option
@run
async def restore(path: Path, unsealed: bool, as_json: bool) -> None:
    """Restore a backup into an empty database and empty topics; stop the workers before.

    It is read to its end before anything is written: one that was changed, or is not whole, changes nothing, and
    the exit code is 1. Parts of people who were forgotten since can't be read and are passed over.
    """
    from ops.backup import backup as backups

    with errors.status("restoring") as status:
        counts, unreadable = await backups.restore(
            load_own_settings(), path, lambda n: status.update(f"{n:,} parts"), unsealed=unsealed
        )
    _show(counts, unreadable, as_json)


@backup.command()
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_unsealed
@json_option
@run
async def verify(path: Path, unsealed: bool, as_json: bool) -> None:
    """Read a backup to its last byte: every part is opened with its keys, and its end must seal them all.

    Nothing is written. Exit code 1 if anything was changed, is missing, or was added. Parts of people who were
    forgotten since can't be opened, which is right; they are counted.
    """
    from ops.backup import backup as backups

    with errors.status("verifying") as status:
        found = await backups.verify(load_settings(), path, lambda n: status.update(f"{n:,} parts"), unsealed=unsealed)
    if as_json:
        parts = {"parts": found.places.total(), "unreadable": found.unreadable, "places": dict(found.places)}
        print_json(parts | {"sealed_end": found.is_sealed})
        return
    _show(found.places, found.unreadable, as_json=False)
    if not found.is_sealed:
        console.print("written by an earlier version, whose end is not sealed: parts may be missing unseen")


@backup.command()
@click.argument("folder", metavar="FOLDER", type=click.Path(file_okay=False, path_type=Path))
@click.option("--keep", default=14, show_default=True, type=click.IntRange(1, 10_000), help="So many, the newest.")
@json_option
@run
async def rotate(folder: Path, keep: int, as_json: bool) -> None:
    """Write a backup named by the time into FOLDER, verify it, and remove the oldest beyond --keep.

    For cron, a systemd timer or a CronJob; the guide has one of each. If anything fails nothing is removed, and the
    exit code is not 0. Forgetting a person reaches every one of these backups.
    """
    from ops.backup.rotation import rotate as rotated

    with errors.status("backing up") as status:
        done = await rotated(load_settings(), folder, keep, status.update)
    parts, unreadable = done.found.places.total(), done.found.unreadable
    if as_json:
        removed = [each.name for each in done.removed]
        print_json({"file": str(done.file), "parts": parts, "unreadable": unreadable, "removed": removed})
        return
    console.print(f"{done.file}: {parts:,} parts, every one opened; {len(done.removed)} older backups removed")


def _show(counts: Counter[str], unreadable: int, as_json: bool) -> None:
    if as_json:
        print_json({"parts": counts.total(), "unreadable": unreadable, "places": dict(counts)})
        return
    for place, count in counts.items():
        console.print(f"{count:>12,} {place}")
    if unreadable:
        console.print(f"{unreadable:>12,} of forgotten people, passed over")
