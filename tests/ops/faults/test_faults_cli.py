"""What `looma bench faults` prints, and when it fails."""

import json
import signal
import subprocess
import sys
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ops.benchmarks.stack import Progress
from ops.cli.bench import faults as bench_faults
from ops.faults.check import Finding, Verdict
from ops.faults.history import Happened, History
from ops.faults.run import Plan, report
from ops.faults.schedule import Fault
from ops.local.worker import WorkerError
from schemas.exits import Exit

HAPPENED = [
    Happened(Fault(3.0, "kill"), 100.0, 100.1, worker=1, recovery_ms=9000.0),
    Happened(Fault(9.0, "broker", 2.0, hard=True), 106.0, 112.0),
    Happened(Fault(20.0, "kill"), 120.0, 120.0, worker=2, recovery_ms=11000.0),
]


def invoke(monkeypatch: pytest.MonkeyPatch, verdict: Verdict, *arguments: str) -> Result:
    async def under_fire(plan: Plan, progress: Progress) -> dict[str, Any]:
        figures = report(History(), verdict, HAPPENED)
        return {"seed": plan.seed, **figures, "drained": True, "unexpected_exits": ["worker-9 ended with 1"]}

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


def test_people_see_the_timeline_and_what_consumers_see(monkeypatch: pytest.MonkeyPatch) -> None:
    result = invoke(monkeypatch, Verdict(rewound=[Finding("t1", "revision 1 by effect 1 after 2")]))
    assert result.exit_code == 0
    for text in ("broker, SIGKILL", "9000 / 11000", "revision 1 by effect 1 after 2", "worker-9 ended with 1"):
        assert text in result.stdout


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
