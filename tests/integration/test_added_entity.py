"""Interviews, added by docs/guides/add-an-entity.md, go through a running stack."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.guided_copy import GuidedCopy

if TYPE_CHECKING:
    from tests.support.cluster import Cluster


@pytest.mark.long
def test_an_interview_is_merged_published_verified_and_forgotten_with_its_talent(
    cluster: "Cluster", prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = GuidedCopy(tmp_path / "copy")
    for name, value in copy.environment.items():
        monkeypatch.setenv(name, value)  # of the worker

    def looma(*arguments: str) -> str:
        return copy.python("-m", "ops.cli", *arguments, **cluster.environment)

    def stored() -> dict[str, Any]:
        return {d["_id"]: d["fields"] for d in cluster.documents("interviews", {"_id": {"$regex": f"^{prefix}"}})}

    def heard(topic: str) -> set[str]:
        return {r.key.decode() for r in cluster.read(topic) if r.value and prefix.encode() in r.value}

    def publish(*rows: str) -> None:
        file = tmp_path / f"{time.monotonic_ns()}.csv"
        file.write_text("\n".join(["编号,面试候选人编号,面试时间,面试官,面试结果", *rows]) + "\n", "utf-8")
        looma("publish", "--entity", "interview", "--source", "hr", str(file))
        cluster.drained(("interview-events",))

    assert "created" in looma("topics", "apply")
    looma("indexes", "apply")
    cluster.worker("--sync-only")
    one, two, late = (f"{prefix}-i{n}" for n in (1, 2, 3))
    publish(
        f"{one},{prefix}-t1,2026-03-02T14:00:00+08:00,李娜;Ann,passed",
        f"{two},{prefix}-t2,2026-03-03T14:00:00+08:00,李娜,failed",
    )
    assert stored()[one] == {
        "talent_id": f"{prefix}-t1",
        "at": "2026-03-02T14:00:00+08:00",
        "interviewers": ["李娜", "Ann"],
        "outcome": "passed",
    }
    assert heard("interview-records") == {one, two}
    assert json.loads(looma("sync", "verify", "--entity", "interview", "--json"))["consistent"]

    looma("forget", "--yes", f"{prefix}-t1")
    publish(f"{late},{prefix}-t1,2026-03-04T14:00:00+08:00,李娜,passed")
    assert stored().keys() == {two}
    assert heard("interview-records") == {two}
    assert heard("interview-events") == {two, late}, "what comes late is passed over, and goes with the next forget"
