"""Who did what in a rolling upgrade, read from span files while they are written."""

import json
from pathlib import Path
from typing import Any

from ops.faults.crew import Member
from ops.faults.ledger import Ledger


def span(name: str, number: int, at: float, *, parent: int = 0, outcome: str = "applied") -> dict[str, Any]:
    said = [{"key": "looma.outcome", "value": {"stringValue": outcome}}] if outcome else []
    return {
        "traceId": "0" * 32, "spanId": f"{number:016x}", "parentSpanId": f"{parent:016x}", "name": name,
        "startTimeUnixNano": str(int(at * 1e9)), "endTimeUnixNano": str(int(at * 1e9)), "attributes": said,
    }  # fmt: skip


def line(*spans: dict[str, Any]) -> bytes:
    return json.dumps({"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": spans}]}]}).encode() + b"\n"


def worker(folder: Path, code: Path | None) -> Member:
    process: Any = None
    folder.mkdir()
    return Member(folder.name, process, folder, folder, 0.0, 0, code)


def test_each_version_s_events_and_the_messages_of_the_other_are_counted_by_time(tmp_path: Path) -> None:
    old, new = worker(tmp_path / "old", tmp_path), worker(tmp_path / "new", None)
    ledger = Ledger()
    (old.traces / "a.jsonl").write_bytes(
        line(
            span("process talent-events", 1, 10.0),
            span("process talent-events", 2, 20.0),
            span("process talent-events", 3, 20.5, outcome="revoked"),
            span("process talent-events", 4, 20.6, outcome=""),
            span("publish talent-records", 5, 20.0, outcome=""),
        )
    )
    whole = line(
        span("process talent-records", 6, 21.0, parent=2),
        span("process match-requests", 7, 22.0, parent=6),  # its own
        span("process talent-events", 8, 23.0, parent=77),  # a publisher's
        span("process talent-records", 9, 24.0, parent=10),
    )
    (new.traces / "b.jsonl").write_bytes(whole[:100])
    ledger.look([new])
    (new.traces / "b.jsonl").write_bytes(whole)
    ledger.look([new, old])
    ledger.look([new, old])
    assert ledger.done(0) == {"older": 2, "newer": 1}
    assert ledger.done(15, 23) == {"older": 1}
    assert ledger.crossed(0) == {"newer": 1}

    with (old.traces / "a.jsonl").open("ab") as file:
        file.write(line(span("process talent-events", 10, 23.5), span("process match-requests", 11, 25.0, parent=9)))
    ledger.look([new, old])
    assert ledger.done(0) == {"older": 3, "newer": 1}
    assert ledger.crossed(0) == {"newer": 2, "older": 1}, "who wrote it was not known before"
    assert ledger.crossed(24.5) == {"older": 1}
