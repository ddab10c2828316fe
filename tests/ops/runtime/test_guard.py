"""A worker ends when it is told to, and when it stands still, whatever its event loop is doing: real processes."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCRIPT = """
import asyncio, sys, time
from ops.runtime.guard import Guard

guard = Guard(drain_seconds=float(sys.argv[2]), stall_seconds=float(sys.argv[3]))
guard.start()


class Resources:
    failure = None

    def fail(self, what, error):
        import os, signal
        self.failure = what
        print("failed:", what, type(error).__name__, flush=True)
        os.kill(os.getpid(), signal.SIGTERM)


class App:
    crashed, crash_reason, resources, seconds = False, None, Resources(), 0.0

    def stalled(self):
        return {"talent-events": self.seconds}


class Worker:
    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.stopping = asyncio.Event()

    def _on_sigterm(self):
        print("asked to stop", flush=True)
        if sys.argv[1] != "deaf":
            self.stopping.set()


async def work(app, worker):
    print("started", flush=True)
    match sys.argv[1]:
        case "blocked":
            await asyncio.sleep(1)  # its beats are heard first
            exec("while True: pass")
        case "stalled":
            app.seconds = 99.0
        case "crashed":
            app.crashed, app.crash_reason = True, KeyError("x")
    await worker.stopping.wait()


if sys.argv[1] == "early":
    print("started", flush=True)
    time.sleep(60)
app, worker = App(), Worker()
guard.watch(worker, app)
worker.loop.run_until_complete(work(app, worker))
sys.exit(guard.status)
"""


def run(how: str, *, told: signal.Signals | None, drain: float = 30.0, stall: float = 60.0, again: bool = False):
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, how, str(drain), str(stall)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=root,
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    if told is not None:
        process.send_signal(told)
        if again:
            said += process.stdout.readline()
            process.send_signal(told)
    out, errors = process.communicate(timeout=120)
    return process.returncode, said + out, errors


@pytest.mark.parametrize(("told", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_worker_that_stops_ends_with_the_status_of_what_it_was_told(told, status) -> None:
    code, said, _ = run("well", told=told)
    assert (code, said) == (status, "started\nasked to stop\n")


@pytest.mark.parametrize(("told", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_before_there_is_a_worker_ends_the_process(told, status) -> None:
    assert run("early", told=told)[0] == status


def test_a_worker_that_does_not_stop_is_ended_with_its_stacks_in_the_log() -> None:
    code, said, errors = run("deaf", told=signal.SIGTERM, drain=0.1)
    assert (code, said) == (70, "started\nasked to stop\n")
    assert "it did not stop in time" in errors
    assert "in work" in errors, "the task that hangs"


def test_a_second_interrupt_ends_it_at_once() -> None:
    code, _, errors = run("deaf", told=signal.SIGINT, drain=1000, again=True)
    assert code == 130
    assert "interrupted again" in errors


def test_an_event_loop_that_stands_still_is_ended_untold() -> None:
    code, _, errors = run("blocked", told=None, stall=2)
    assert code == 70
    assert "its event loop has stood still" in errors
    assert "in work" in errors


def test_an_event_loop_that_stands_still_does_not_outlive_a_signal() -> None:
    code, _, errors = run("blocked", told=signal.SIGTERM, drain=0.1, stall=1000)
    assert code == 70
    assert "it did not stop in time" in errors


def test_work_without_progress_ends_the_worker() -> None:
    code, _, errors = run("stalled", told=None, stall=30)
    assert code == 70
    assert "talent-events has had work and made no progress for 99 s" in errors


def test_a_worker_that_was_stopped_for_a_while_goes_on() -> None:
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", SCRIPT, "well", "30", "60"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
    assert process.stdout is not None
    process.stdout.readline()
    for _ in range(3):
        process.send_signal(signal.SIGSTOP)
        time.sleep(1)
        process.send_signal(signal.SIGCONT)
        time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=60)[0] == "asked to stop\n"
    assert process.returncode == 0


def test_a_crash_inside_faust_is_a_failure_of_the_worker() -> None:
    code, said, _ = run("crashed", told=None)
    assert code == 70
    assert "failed: Faust cannot go on KeyError" in said
