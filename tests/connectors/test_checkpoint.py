"""What a run refused lasts with its reason, id and what the source holds, whatever that is."""

import json
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from connectors.checkpoint import Checkpoint, RunFile
from connectors.rows import RowError
from processors.privacy import Person

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def checkpoint() -> Checkpoint:
    return Checkpoint(run="r", source="s", identity="i", entity=None, provenance="crm", started_at=NOW, saved_at=NOW)


def saved(folder: Path, *refused: RowError) -> list[dict[str, object]]:
    file, state = RunFile(folder, "r"), checkpoint()
    file.save(state, refused)
    assert [(e.line, e.text, e.id) for e in file.refusals(state)] == [(e.line, e.text, e.id) for e in refused]
    return [json.loads(line) for line in file.refusals_path.read_bytes().decode().split("\n")[:-1]]


def test_refused_records_are_kept_as_the_source_has_them(tmp_path: Path) -> None:
    text, torn, half, nothing = saved(
        tmp_path,
        RowError(2, "why", "李娜", 'T1,"a\nb"\n'),
        RowError(4, "why", None, b"T2,\xff\n"),
        RowError(5, "why", "x", '{"name": "\ud83d"}'),
        RowError(6, "why"),
    )
    assert text == {"line": 2, "reason": "why", "id": "李娜", "raw": 'T1,"a\nb"\n'}
    assert torn == {"line": 4, "reason": "why", "raw_base64": "VDIs/wo="}
    assert half["raw"] == '{"name": "\ud83d"}'
    assert nothing == {"line": 6, "reason": "why"}
    assert (tmp_path / "r.refused.jsonl").stat().st_mode & 0o077 == 0, "it holds people's data"


@given(
    st.lists(
        st.builds(RowError, st.integers(1), st.text(), st.none() | st.text(), st.text() | st.binary()),
        min_size=1,
        max_size=5,
    )
)
def test_any_refusals_last(tmp_path_factory, refused: list[RowError]) -> None:  # type: ignore[no-untyped-def]
    saved(tmp_path_factory.mktemp("run"), *refused)


def test_a_person_is_erased_from_what_was_refused_and_nobody_else(tmp_path: Path) -> None:
    refused = [
        RowError(1, "why", "t-1", '{"id": "t-1", "name": "Ann"}'),
        RowError(2, "列: why", None, "t-1,Ann\n"),
        RowError(3, "why", None, b"\xff;t-1;Ann\n"),
        RowError(4, "why", "t-9", '{"emails": ["ann@example.com"], "name": "\ud83d"}'),
        RowError(5, "why", "t-11", "t-11,Bob,xt-1,t-1x\n"),
    ]
    file, state = RunFile(tmp_path, "r"), checkpoint()
    file.save(state, refused)
    before = file.refusals_path.read_bytes()
    ann = Person("t-1", frozenset([b"ann@example.com"]))

    assert file.about(ann, erase=False) == 4
    assert file.refusals_path.read_bytes() == before
    assert file.about(ann, erase=True) == 4

    after = file.refusals_path.read_bytes()
    assert b"Ann" not in after
    assert b"example.com" not in after
    assert after.splitlines()[4] == before.splitlines()[4]
    assert [(e.line, e.text, e.id) for e in file.refusals(state)] == [
        (e.line, e.text, e.id if e.line == 5 else None) for e in refused
    ]
    assert file.about(ann, erase=True) == 0
    assert RunFile(tmp_path, "other").about(ann, erase=True) == 0
