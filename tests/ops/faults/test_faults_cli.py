"""What `looma bench faults` and `looma bench soak` print, and when they fail."""

import json
import signal
import subprocess
import sys
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import pytest
from click.testing import CliRunner, Result

from ops.benchmarks.stack import Progress
from ops.cli.bench import faults as bench_faults
from ops.cli.bench.soak import bench_soak
from ops.faults import soak
from ops.faults.check import Finding, Verdict
from ops.faults.history import Happened, History
from ops.faults.run import Plan, are_drained, report
from ops.faults.schedule import Fault
from ops.faults.stages import freshness
from ops.local.worker import WorkerError
from schemas.exits import Exit
from schemas.settings import Settings

HAPPENED = [
    Happened(Fault(3.0, "kill"), 100.0, 100.1, worker=1, recovery_ms=9000.0),
    Happened(Fault(9.0, "broker", 2.0, hard=True), 106.0, 112.0),
    Happened(Fault(20.0, "kill"), 120.0, 120.0, worker=2, recovery_ms=11000.0),
]


def invoke(monkeypatch: pytest.MonkeyPatch, verdict: Verdict, *arguments: str, is_drained: bool = True) -> Result:
    async def under_fire(plan: Plan, progress: Progress) -> dict[str, Any]:
        figures = report(History(), verdict, HAPPENED)
        ended = {"drained": is_drained, "drain_seconds": 120.4, "unexpected_exits": ["worker-9 ended with 1"]}
        return {"seed": plan.seed, **figures, **ended}

    monkeypatch.setattr("ops.faults.run.under_fire", under_fire)
    return CliRunner().invoke(bench_faults.bench_faults, arguments)


def test_json_has_the_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    result = invoke(monkeypatch, Verdict(), "--json", "--seed", "5")
    figures = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (figures["lost"], figures["duplicated"], figures["out_of_order"]) == (0, 0, 0)
    assert figures["recovery_ms"] == {"p50": 9000.0, "p99": 11000.0, "kills": 2}
    assert figures["faults"] == {"kill": 2, "broker": 1}
    assert figures["seed"] == 5
    assert figures["machine"]["aiokafka"]


@pytest.mark.parametrize("broken", ["lost", "duplicated", "out_of_order"])
def test_a_broken_promise_is_exit_code_1(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    verdict = Verdict(**{broken: [Finding("t1", "is not as it should be")]})
    result = invoke(monkeypatch, verdict)
    assert result.exit_code == 1
    assert "t1: is not as it should be" in result.stdout


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_work_that_was_not_done_is_exit_code_1_and_one_line(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    result = invoke(monkeypatch, Verdict(), *arguments, is_drained=False)
    assert result.exit_code == 1
    assert result.stderr.splitlines() == ["The workers did not get their work done: they were given up after 120.4 s."]


def test_people_see_the_timeline_and_what_consumers_see(monkeypatch: pytest.MonkeyPatch) -> None:
    result = invoke(monkeypatch, Verdict(rewound=[Finding("t1", "revision 1 by effect 1 after 2")]))
    assert result.exit_code == 0
    for text in ("broker, SIGKILL", "9000 / 11000", "revision 1 by effect 1 after 2", "worker-9 ended with 1"):
        assert text in result.stdout


@pytest.mark.parametrize("is_drained", [True, False])
def test_a_soak_that_did_not_drain_is_exit_code_1(monkeypatch: pytest.MonkeyPatch, is_drained: bool) -> None:
    async def told(minutes: int, seed: int, rate: float, progress: Progress) -> dict[str, Any]:
        fresh = freshness({}, [])
        return {
            **report(History(), Verdict(), HAPPENED),
            **{"minutes": minutes, "seed": seed, "rate": rate, "errors": 0.0, "availability": 1.0, "differences": 0},
            **{
                "freshness": fresh,
                "freshness_in_peace": fresh,
                "freshness_of_stages": {"match": {**fresh, "left": 2}},
                "memory": {},
                "disk": {},
                "disk_kb_per_event": 0.0,
            },
            **{"drained": is_drained, "drain_seconds": 901.5, "drain_limit_seconds": soak.drain_limit(minutes * 60)},
            "unexpected_exits": [],
        }

    monkeypatch.setattr(soak, "soak", told)
    result = CliRunner().invoke(bench_soak, ["--minutes", "60"])
    assert result.exit_code == (0 if is_drained else 1), result.output
    assert ("not in 901.5 of 900" in result.stdout) is not is_drained


async def test_draining_that_comes_nearer_to_its_end_has_a_limit_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    behind = MagicMock()
    behind.return_value.__aenter__.return_value.by_topic = AsyncMock(side_effect=[{"t": n} for n in range(99, 0, -1)])
    monkeypatch.setattr("ops.local.worker.LagReader", behind)
    said: list[str] = []
    assert not await are_drained(Settings(), said.append, ["t"], limit_seconds=0)
    assert "messages behind after 0 s" in said[0]
    assert soak.drain_limit(60) == soak.STALL_SECONDS < soak.drain_limit(7200)


def test_faults_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[Plan] = []

    async def under_fire(plan: Plan, progress: Progress) -> dict[str, Any]:
        plans.append(plan)
        raise WorkerError("enough")

    monkeypatch.setattr("ops.faults.run.under_fire", under_fire)
    CliRunner().invoke(bench_faults.bench_faults, ["--faults", "rebalance, kill,kill"])
    assert {fault.kind for fault in plans[0].faults} == {"kill", "rebalance"}


@pytest.mark.parametrize("named", ["earthquake", "", "kill;stop", "kill,,stop"])
def test_a_fault_that_there_is_not_is_refused_by_name(named: str) -> None:
    result = CliRunner().invoke(bench_faults.bench_faults, ["--faults", named])
    assert result.exit_code == 2
    assert "choose from kill, rebalance" in result.output.replace("\n", " ")


def test_events_lost_in_several_ways_count_once() -> None:
    verdict = Verdict(lost=[Finding("e1", "was dead-lettered"), Finding("e1", "the record of t1 lacks it")])
    assert report(History(), verdict, [])["lost"] == 1


def test_a_part_that_does_not_start_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    async def under_fire(plan: Plan, progress: Progress) -> dict[str, Any]:
        raise WorkerError("the workers did not start")

    monkeypatch.setattr("ops.faults.run.under_fire", under_fire)
    result = CliRunner().invoke(bench_faults.bench_faults, [])
    assert result.exit_code == 1
    assert "Error: the workers did not start" in result.output


HANGING = """
import asyncio, subprocess, sys, time
from ops.cli import main
from ops.faults import run

async def deaf(*_):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print("begun", flush=True)
    comparing = asyncio.get_running_loop().run_in_executor(None, time.sleep, 600)
    while True:
        try:
            await asyncio.shield(comparing)
        except asyncio.CancelledError:
            print("swallowed", flush=True)

async def under_fire(plan, progress):
    return await run.ended_in_time(deaf(), 0.1)

run.under_fire = under_fire
main(["bench", "faults"])
"""


@pytest.mark.parametrize(
    ("told", "interrupts"),
    [
        (signal.SIGTERM, signal.SIG_DFL),
        (signal.SIGTERM, signal.SIG_IGN),  # as a shell starts what runs in its background
        (signal.SIGINT, signal.SIG_DFL),
    ],
)
def test_an_interrupted_run_ends_though_a_client_is_deaf_and_a_thread_compares(
    told: signal.Signals, interrupts: signal.Handlers
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HANGING],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, interrupts),
    )
    assert process.stdout
    try:
        assert process.stdout.readline() == "begun\n"
        process.send_signal(told)
        assert process.wait(60) == Exit.INTERRUPTED
        assert process.stdout.read() == "swallowed\n", "the end of the output: what it had started is gone, too"
    finally:
        process.kill()
        process.stdout.close()
