"""Ctrl-C in work that can be taken up again: it ends where it can go on, with 130."""

import asyncio
import os
import signal

import pytest
from click.testing import CliRunner

from ops.cli import main
from ops.cli.interrupts import stopping
from ops.sync.backfill import Backfill
from schemas.exits import Exit


@pytest.mark.parametrize(("number", "told"), [(signal.SIGINT, [signal.SIGINT]), (signal.SIGTERM, [])])
async def test_work_is_told_to_stop_and_whoever_asks_learns_of_an_interrupt(number: int, told: list[int]) -> None:
    stop = asyncio.Event()
    before = signal.getsignal(number)
    with stopping(stop) as interrupted:
        os.kill(os.getpid(), number)
        async with asyncio.timeout(10):
            await stop.wait()
    assert interrupted == told
    assert signal.getsignal(number) in (before, signal.SIG_DFL, signal.default_int_handler)


def test_an_interrupted_sync_ends_as_such(tmp_path, monkeypatch) -> None:
    file = tmp_path / "companies.jsonl"
    file.write_text("".join(f'{{"id": "c-{n}", "fields": {{"name": "x"}}}}\n' for n in range(50)), "utf-8")
    run = Backfill.run

    async def interrupted(self: Backfill) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        await self.stop.wait()
        return await run(self)

    monkeypatch.setattr(Backfill, "run", interrupted)
    done = CliRunner().invoke(
        main,
        ["sync", "run", str(file), "--entity", "company", "--dry-run"],
        env={"LOOMA_DATA_DIR": str(tmp_path / "data")},
    )
    assert done.exit_code == Exit.INTERRUPTED, done.output
