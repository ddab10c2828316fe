"""What a run refused lasts with its reason, id and what the source holds, whatever that is."""

import json
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from connectors.checkpoint import Checkpoint, RunFile
from connectors.rows import RowError

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
