"""The guide's tables are true: a sample gives the value that stands there, and without the named part another."""

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.formats.base import Record
from connectors.formats.containers import parts
from connectors.formats.registry import NAMES
from connectors.plain import RefusedError
from tests.support.import_guide import GUIDES, Sample, samples

AT = datetime(2026, 2, 1, tzinfo=UTC)


def imported(sample: Sample, item: Any) -> dict[str, Any]:
    try:
        record: Record = sample.format.record(item, AT)
    except RefusedError:
        return {}
    return {"id": record["id"], "time": record.get("time"), **record["fields"]}


def at(value: Any, path: list[str]) -> Any:
    for part in path:
        if isinstance(value, list):
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def without(item: Any, path: list[str]) -> Any:
    """Return a copy without what a path leads to: in lists into their first."""
    changed = copy.deepcopy(item)
    holder: Any = changed
    for part in path[:-1]:
        holder = (holder[0] if isinstance(holder, list) else holder)[part]
    del (holder[0] if isinstance(holder, list) else holder)[path[-1]]
    return changed


@pytest.mark.parametrize("page", ["import.md", "import.zh.md"])
def test_each_row_of_a_table_says_what_becomes_of_the_sample(page: str, tmp_path: Path) -> None:
    met = set()
    for sample in samples(page):
        met.add(sample.format.name)
        path = tmp_path / f"sample.{sample.kind}"
        path.write_text(sample.text)
        item = next(sample.format.items(next(parts(path)).value))
        whole = imported(sample, item)
        assert len(sample.rows) > 8
        for theirs, ours, value in sample.rows:
            said = at(whole, ours.split("."))
            assert said == json.loads(value), (sample.format.name, theirs, ours)
            left = imported(sample, without(item, theirs.split("/")))
            assert at(left, ours.split(".")) != said, (sample.format.name, theirs, ours)
    assert met == set(NAMES)


def test_the_pages_have_the_same_samples_and_tables() -> None:
    assert list(samples("import.md")) == list(samples("import.zh.md"))


@pytest.mark.parametrize("page", ["import.md", "import.zh.md"])
def test_every_format_stands_in_the_table_of_formats(page: str) -> None:
    text = (GUIDES / page).read_text()
    assert all(f"`{name}`" in text.partition("\n## ")[0] for name in ("events", *NAMES))
