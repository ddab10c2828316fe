"""What is installed: told as CycloneDX says, and under licences that were looked at."""

import json
import re

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from ops.reference.sbom import IMAGE_LOCK, bill, licence, packages

PERMISSIVE = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0", "Zlib",
    "MPL-2.0",  # of files: what uses them is free
}  # fmt: skip
LOOKED_AT = {
    "ahocorasick-rs": "Apache 2.0",
    "async-timeout": "Apache 2",
    "faust-streaming": "BSD, three clauses",
    "pi-heif": "BSD; its wheels bring libheif, LGPL 3, as a shared library of its own that can be exchanged",
    "promql-parser": "MIT, in its repository; the package does not say",
    "protobuf": "3-Clause BSD License",
    "psutil": "BSD, three clauses",
    "pyrage": "MIT, in its repository; the package does not say",
    "pypdfium2": "BSD-3-Clause, Apache-2.0, dependency licenses",
    "venusian": "BSD-derived (Repoze)",
}
"""Whose own words are none of the names above, and what they mean."""
OTHER_SYSTEMS = {"colorama", "win32-setctime"}


def test_the_bill_of_materials_is_cyclonedx_and_has_all_that_the_lock_pins() -> None:
    """By the library of CycloneDX' own makers."""
    made = bill(IMAGE_LOCK, "0.1.0")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(made)) is None
    pinned = re.findall(r"^(\S+)==(\S+)", IMAGE_LOCK.read_text("utf-8"), re.MULTILINE)
    assert [(c["name"], c["version"]) for c in made["components"]] == pinned
    assert all(c["hashes"] for c in made["components"])
    assert made == bill(IMAGE_LOCK, "0.1.0"), "the same lock gives the same bill"


@pytest.mark.parametrize("name", [p.name for p in packages(IMAGE_LOCK) if p.name not in OTHER_SYSTEMS])
def test_every_licence_of_the_image_is_permissive_or_was_looked_at(name: str) -> None:
    told = licence(name)
    if name in LOOKED_AT:
        return
    assert told, f"{name} names no licence: look at it"
    words = set(re.split(r"\s+(?:AND|OR|WITH)\s+|[()\s]+", told)) - {""}
    assert words <= PERMISSIVE, f"{name}: {told}"
