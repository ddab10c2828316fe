"""Writes the generated pages, or with `--check` says which differ from the code."""

import sys
from pathlib import Path

from ops.reference.pages import pages

FOLDERS = ("reference", "schemas")
"""What they hold is generated, all of it."""


def stale(folder: Path, made: dict[str, str]) -> list[str]:
    """Return the pages in `folder` that are missing, differ from what was made, or are no longer made."""
    there = {f"{name}/{file.name}" for name in FOLDERS for file in (folder / name).glob("*")}
    there |= {name for name in made if (folder / name).exists()}
    wrong = {name for name in there & made.keys() if (folder / name).read_text("utf-8") != made[name]}
    return sorted(wrong | (there ^ made.keys()))


def write(folder: Path, made: dict[str, str]) -> None:
    """Make the folder hold these pages and no others."""
    for name in stale(folder, made):
        if name in made:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(made[name], "utf-8")
        else:
            (folder / name).unlink()


def main(arguments: list[str]) -> int:
    """Write or check; exit status 1 if a page is not current."""
    check = "--check" in arguments
    folder = Path(next(a for a in arguments if a != "--check"))
    made = pages()
    if not check:
        write(folder, made)
    elif found := stale(folder, made):
        print(f"not current: {', '.join(found)}; run `make docs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
