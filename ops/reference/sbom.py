"""Prints a bill of materials of what a lock file installs, as CycloneDX 1.6: `python -m ops.reference.sbom [LOCK]`.

It follows from the lock alone, so that the same lock gives the same bill: versions and hashes are the lock's, licences
what the installed packages say of themselves. https://cyclonedx.org/docs/1.6/json/
"""

import json
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

IMAGE_LOCK = Path(__file__).parents[2] / "compose" / "requirements.lock"
"""What the worker's image has."""

_PACKAGE = re.compile(r"^(?P<name>[a-z0-9][\w.-]*)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+))?", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "Repoze Public License": "BSD-derived (Repoze)",
}


class Package(NamedTuple):
    """A package as a lock file pins it."""

    name: str
    version: str
    marker: str | None
    hashes: tuple[str, ...]


def packages(lock: Path) -> list[Package]:
    """Return what a lock file pins, by name."""
    text = lock.read_text("utf-8")
    found = list(_PACKAGE.finditer(text))
    ends = [*(each.start() for each in found[1:]), len(text)]
    return [
        Package(
            each["name"],
            each["version"],
            (each["marker"] or "").strip() or None,
            tuple(_HASH.findall(text[each.end() : end])),
        )
        for each, end in zip(found, ends, strict=True)
    ]


def licence(name: str) -> str | None:
    """Return the licence that an installed package names; None if it is not installed or says nothing."""
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    for expression in told.get_all("License-Expression") or ():
        return str(expression)
    classified = {c.rpartition(" :: ")[2] for c in told.get_all("Classifier") or () if c.startswith("License ::")}
    known = sorted(_CLASSIFIERS[each] for each in classified if each in _CLASSIFIERS)
    first = "".join((told.get_all("License") or ())[:1]).strip().split("\n")[0]
    is_name = 0 < len(first) <= 40 and "Copyright" not in first
    return " OR ".join(known) if known else (first if is_name else None)


def bill(lock: Path, version: str) -> dict[str, Any]:
    """Return the bill of materials."""
    pinned = packages(lock)
    components = [_component(package) for package in pinned]
    own = f"pkg:pypi/looma-streams@{version}"
    serial = uuid5(NAMESPACE_URL, own + lock.read_text("utf-8"))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": "looma-streams",
                "version": version,
                "purl": own,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": components,
        "dependencies": [{"ref": own, "dependsOn": sorted(each["bom-ref"] for each in components)}],
    }


def _component(package: Package) -> dict[str, Any]:
    purl = f"pkg:pypi/{package.name}@{package.version}"
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": package.name,
        "version": package.version,
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": each} for each in package.hashes],
    }
    if named := licence(package.name):
        found["licenses"] = [{"license": {"name": named}}]
    if package.marker:
        found["properties"] = [{"name": "looma:only", "value": package.marker}]
    return found


if __name__ == "__main__":
    of = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGE_LOCK
    print(json.dumps(bill(of, metadata.version("looma-streams")), indent=1))
