"""`looma migrate` and the workers that are in its way."""

from typing import Any, cast

import pytest

from ops.cli.migrate import _refuse_workers
from schemas.settings import Settings
from sinks.migrations.runner import MigrationError
from streams import lag
from streams.generations import database

GROUPS = {
    "looma": "of generation base",
    "looma-g2": "of generation g2",
    "looma-resumes": "for resumes",
    "looma-chat": "for chat",
}


@pytest.mark.parametrize("running", [None, *GROUPS])
async def test_a_worker_of_any_kind_is_in_the_way(running: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    async def workers_of(_: object, group: str) -> int:
        return 2 * (group == running)

    async def generations(_: object) -> dict[str, Any]:
        return {"base": {}, "g2": {}}

    monkeypatch.setattr(lag, "workers_of", workers_of)
    monkeypatch.setattr(database, "known_generations", generations)
    refused = _refuse_workers(Settings(), cast("Any", None))
    if running is None:
        await refused
        return
    with pytest.raises(MigrationError, match=f"2 workers {GROUPS[running]} are running; stop all workers first"):
        await refused
