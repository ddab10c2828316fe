"""Says which pinned packages have known weaknesses: `python -m ops.reference.advisories DATABASE [LOCK...]`.

DATABASE is a zip or a folder of OSV records, https://storage.googleapis.com/osv-vulnerabilities/PyPI/all.zip or a clone
of https://github.com/pypa/advisory-database. Nothing is fetched: refresh it, and run this again. Ends with 1 if a
package is affected, and with 2 if there is no record to go by. https://ossf.github.io/osv-schema/
"""

import re
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import yaml
from packaging.version import InvalidVersion, Version

from ops.reference.sbom import IMAGE_LOCK, packages

OWN_LOCKS = (IMAGE_LOCK, IMAGE_LOCK.parents[1] / "requirements.lock")
MAX_RECORD_BYTES = 4 * 1024 * 1024
Record = Mapping[str, Any]


class Weakness(NamedTuple):
    """A package as it is pinned, and what is known of it; `fixed`: the versions that mend it."""

    package: str
    version: str
    advisory: str
    aliases: tuple[str, ...]
    fixed: tuple[str, ...]

    def __str__(self) -> str:
        """Tell it in a line."""
        also = f" ({', '.join(self.aliases)})" if self.aliases else ""
        mended = f"fixed in {', '.join(self.fixed)}" if self.fixed else "no fix is known"
        return f"{self.package} {self.version}: {self.advisory}{also}, {mended}"


def records(database: Path) -> Iterator[Record]:
    """Yield the records of a database. What is larger than a record may be is passed over."""
    if database.is_dir():
        for path in sorted(database.rglob("*")):
            if path.suffix in (".json", ".yaml") and path.stat().st_size <= MAX_RECORD_BYTES:
                yield from _read(path.suffix, path.read_bytes())
        return
    with zipfile.ZipFile(database) as packed:
        for entry in packed.infolist():
            if entry.filename.endswith(".json") and entry.file_size <= MAX_RECORD_BYTES:
                yield from _read(".json", packed.read(entry))


def _read(suffix: str, content: bytes) -> Iterator[Record]:
    found = orjson.loads(content) if suffix == ".json" else yaml.load(content, Loader=yaml.CSafeLoader)
    if isinstance(found, dict) and "id" in found and "affected" in found and not found.get("withdrawn"):
        yield found


def weaknesses(pinned: Iterable[tuple[str, str]], known: Iterable[Record]) -> list[Weakness]:
    """Return what is known of pinned names and versions, each weakness once: databases have one under several ids."""
    versions: dict[str, set[str]] = {}
    for name, version in pinned:
        versions.setdefault(_normal(name), set()).add(version)
    found: dict[tuple[str, str, str], Weakness] = {}
    for record in known:
        names = (record["id"], *(record.get("aliases") or ()))
        for affected in record["affected"]:
            of = affected.get("package", {})
            package = _normal(of.get("name", "")) if of.get("ecosystem") == "PyPI" else ""
            for version in versions.get(package, ()):
                if not is_affected(version, affected) or any((package, version, name) in found for name in names):
                    continue
                weakness = Weakness(package, version, names[0], names[1:], tuple(_fixes(affected)))
                found |= {(package, version, name): weakness for name in names}
    return sorted(set(found.values()))


def is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    """Whether a version is among those that a record lists, or within one of its ranges."""
    if version in affected.get("versions", ()):
        return True
    ranges = (each for each in affected.get("ranges", ()) if each.get("type") in ("ECOSYSTEM", "SEMVER"))
    return any(_is_within(Version(version), each["events"]) for each in ranges)


def _is_within(version: Version, events: Sequence[Mapping[str, str]]) -> bool:
    """Evaluate a range: the last event at or before a version decides."""
    is_in = False
    for event in sorted(events, key=_place):
        ((kind, at),) = event.items()
        if kind == "introduced" and _version(at) <= version:
            is_in = True
        elif (kind == "fixed" and _version(at) <= version) or (kind == "last_affected" and _version(at) < version):
            is_in = False
    return is_in


def _place(event: Mapping[str, str]) -> tuple[Version, bool]:
    ((kind, at),) = event.items()
    return _version(at), kind != "introduced"


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:  # as old packages have; older than all that is pinned
        return Version("0")


def _fixes(affected: Mapping[str, Any]) -> Iterator[str]:
    for each in affected.get("ranges", ()):
        if each.get("type") in ("ECOSYSTEM", "SEMVER"):
            yield from (event["fixed"] for event in each["events"] if "fixed" in event)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main(database: Path, locks: Sequence[Path]) -> int:
    """Print what is known of what the locks pin; return the exit status."""
    known = list(records(database))
    if not known:
        print(f"there is no record in {database}", file=sys.stderr)
        return 2
    newest = max(str(record.get("modified", "")) for record in known)[:10]
    pinned = {(package.name, package.version) for lock in locks for package in packages(lock)}
    found = weaknesses(pinned, known)
    for each in found:
        print(each)
    print(
        f"{len(found)} found in {len(pinned)} pinned versions, by {len(known)} records, the newest of {newest}",
        file=sys.stderr,
    )
    return int(bool(found))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), [Path(each) for each in sys.argv[2:]] or OWN_LOCKS))
