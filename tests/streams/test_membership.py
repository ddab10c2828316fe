"""A killed worker is said to have left its group; a living one never is, whatever became of its process number."""

import asyncio
import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaError, NotCoordinatorForGroupError
from hypothesis import given
from hypothesis import strategies as st

from schemas.settings import KafkaSettings
from streams import membership
from streams.membership import KEPT, LeaveError, Leaver, Member, Membership

BROKERS, GROUP = "broker:9092", "looma"
WORKER = """
import sys
from pathlib import Path
from streams.membership import Membership
own = Membership(Path(sys.argv[1]), "broker:9092", sys.argv[2], lambda: sys.argv[3], None)
own.note()
print("noted", flush=True)
sys.stdin.read()
"""


class Worker:
    """Another process with a file in the folder."""

    def __init__(self, folder: Path, group: str = GROUP, member_id: str = "m-1") -> None:
        command = [sys.executable, "-c", WORKER, str(folder), group, member_id]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"noted\n"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class Broker:
    """Takes LeaveGroup requests."""

    def __init__(self, members: set[str]) -> None:
        self.members = members
        self.asked: list[str] = []
        self.away = False

    async def leave(self, member_id: str) -> bool:
        self.asked.append(member_id)
        if self.away:
            raise KafkaConnectionError
        was = member_id in self.members
        self.members.discard(member_id)
        return was


def survivor(folder: Path, broker: Broker, member_id: str = "m-9", group: str = GROUP) -> Membership:
    return Membership(folder, BROKERS, group, lambda: member_id, broker.leave)


def leave_behind(folder: Path, member_id: str = "m-1", **changes: object) -> Path:
    """Write a file as a killed worker leaves it."""
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    said = Member.of_this_process(BROKERS, GROUP, member_id)
    path = folder / f"{member_id}.json"
    values = {name: getattr(said, name) for name in said.__slots__}
    path.write_text(json.dumps({**values, "pid": int(dead.stdout), "started": "1", **changes}))
    return path


def test_a_killed_worker_leaves_its_group_and_a_living_one_does_not(tmp_path: Path) -> None:
    broker = Broker({"m-1", "m-2"})
    killed, living = Worker(tmp_path, member_id="m-1"), Worker(tmp_path, member_id="m-2")
    try:
        own = survivor(tmp_path, broker)
        own.note()
        assert asyncio.run(own.speak_for_the_dead()) == 0
        assert broker.asked == [], "all live, itself included"
        living.process.send_signal(signal.SIGSTOP)  # it does nothing, but it lives
        killed.kill()
        assert asyncio.run(own.speak_for_the_dead()) == 1
        assert asyncio.run(own.speak_for_the_dead()) == 0
        assert broker.asked == ["m-1"]
        assert broker.members == {"m-2"}
    finally:
        living.kill()


def test_workers_of_other_groups_and_brokers_and_machines_are_left_alone(tmp_path: Path) -> None:
    killed = Worker(tmp_path, group="looma-resumes", member_id="m-1")
    killed.kill()
    leave_behind(tmp_path, "m-2", brokers="other:9092")
    leave_behind(tmp_path, "m-3", machine="another")
    broker = Broker({"m-1", "m-2", "m-3"})
    assert asyncio.run(survivor(tmp_path, broker).speak_for_the_dead()) == 0
    assert broker.asked == []
    assert asyncio.run(survivor(tmp_path, broker, group="looma-resumes").speak_for_the_dead()) == 1
    assert broker.asked == ["m-1"]


def test_a_process_number_that_is_used_again_is_no_life(tmp_path: Path) -> None:
    leave_behind(tmp_path, pid=os.getpid(), started="1")  # ours, but we did not start then
    broker = Broker({"m-1"})
    assert asyncio.run(survivor(tmp_path, broker).speak_for_the_dead()) == 1


def test_a_living_process_is_not_expelled_even_if_its_lock_holds_nothing(tmp_path: Path) -> None:
    path = leave_behind(tmp_path, pid=os.getpid(), started=membership._started(os.getpid()))
    broker = Broker({"m-1"})
    assert asyncio.run(survivor(tmp_path, broker).speak_for_the_dead()) == 0
    assert broker.asked == []
    assert path.exists()


def test_a_file_that_another_speaks_for_is_passed_over(tmp_path: Path) -> None:
    path = leave_behind(tmp_path)
    broker = Broker({"m-1"})
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert asyncio.run(survivor(tmp_path, broker).speak_for_the_dead()) == 0
    assert broker.asked == []


def test_while_the_broker_is_away_it_is_tried_again(tmp_path: Path) -> None:
    path = leave_behind(tmp_path)
    broker = Broker({"m-1"})
    broker.away = True
    with pytest.raises(LeaveError, match="KafkaConnectionError"):
        asyncio.run(survivor(tmp_path, broker).speak_for_the_dead())
    assert path.exists()
    broker.away = False
    assert asyncio.run(survivor(tmp_path, broker).speak_for_the_dead()) == 1
    assert not path.exists()


def test_who_has_left_already_is_forgotten(tmp_path: Path) -> None:
    gone, never = leave_behind(tmp_path), leave_behind(tmp_path, "")  # the second died before it was a member
    broker = Broker(set())
    assert asyncio.run(survivor(tmp_path, broker).speak_for_the_dead()) == 0
    assert broker.asked == ["m-1"]
    assert not gone.exists()
    assert not never.exists()


@pytest.mark.parametrize("text", [b"", b'{"brokers": "bro', b"[]", b'{"another": 1}', b'{"pid": 1}', b"\xff"])
def test_what_cannot_be_read_is_kept_for_a_day(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(text)
    own = survivor(tmp_path, Broker(set()))
    assert asyncio.run(own.speak_for_the_dead()) == 0
    assert path.exists(), "its worker may be about to write it"
    os.utime(path, (0, path.stat().st_mtime - KEPT - 1))
    assert asyncio.run(own.speak_for_the_dead()) == 0
    assert not path.exists()


def test_a_file_says_who_one_is_by_now_and_is_gone_after_leaving(tmp_path: Path) -> None:
    ids = iter(["", "m-1", "m-1", "", "m-2"])
    own = Membership(tmp_path / "members", BROKERS, GROUP, lambda: next(ids), Broker(set()).leave)
    own.note()
    assert not (tmp_path / "members").exists(), "there is nothing to say yet"
    seen = []
    for _ in range(4):
        own.note()
        (path,) = (tmp_path / "members").iterdir()
        seen.append(Member.read(path.read_text()))
    assert [member and member.id for member in seen] == ["m-1", "m-1", "", "m-2"]
    assert all(member and member.is_alive for member in seen)
    own.close()
    assert list((tmp_path / "members").iterdir()) == []


def test_a_folder_that_cannot_be_used_stops_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    own = survivor(tmp_path / "file" / "members", Broker(set()))
    asyncio.run(own.watch())  # it ends, with a warning
    own.close()


def test_watching_goes_on_after_the_broker_was_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(membership, "INTERVAL", 0.0)
    monkeypatch.setattr(membership, "PAUSE", 0.0)
    leave_behind(tmp_path)
    asked: list[str] = []

    async def scenario() -> None:
        heard = asyncio.Event()

        async def leave(member_id: str) -> bool:
            asked.append(member_id)
            if len(asked) < 3:
                raise KafkaConnectionError if len(asked) < 2 else ValueError
            heard.set()
            return True

        own = Membership(tmp_path, BROKERS, GROUP, lambda: "m-9", leave)
        task = asyncio.create_task(own.watch())
        await heard.wait()
        task.cancel()
        own.close()

    asyncio.run(scenario())
    assert asked == ["m-1"] * 3


class Connection:
    """A client of the brokers, as much of it as a LeaveGroup request takes."""

    def __init__(self, answers: list[int | Exception]) -> None:
        self._answers = answers
        self.is_open = True

    async def coordinator_lookup(self, kind: int, group: str) -> int:
        return 1

    async def send(self, node: int, request: object) -> SimpleNamespace:
        assert self.is_open
        if isinstance(answer := self._answers.pop(0), Exception):
            raise answer
        return SimpleNamespace(error_code=answer)


UNKNOWN, NOT_COORDINATOR = 25, 16
ANSWERS = st.sampled_from([0, 0, 0, UNKNOWN, NOT_COORDINATOR, KafkaConnectionError(), OSError(), TimeoutError()])


@given(st.lists(ANSWERS))
def test_a_connection_is_kept_until_it_fails(answers: list[int | Exception]) -> None:
    opened: list[Connection] = []
    left = list(answers)

    @asynccontextmanager
    async def client(settings: KafkaSettings) -> AsyncIterator[Connection]:
        opened.append(Connection(left))
        try:
            yield opened[-1]
        finally:
            opened[-1].is_open = False

    async def scenario() -> list[object]:
        leaver = Leaver(KafkaSettings(), GROUP)
        await leaver.connect()
        said: list[object] = []
        for _ in answers:
            try:
                said.append(await leaver("m-1"))
            except (KafkaError, OSError, TimeoutError) as error:
                said.append(error)
            assert sum(each.is_open for each in opened) <= 1
        await leaver.close()
        return said

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(membership, "client", client)
        said = asyncio.run(scenario())
    for answer, each in zip(answers, said, strict=True):
        if answer in (0, UNKNOWN):
            assert each is (answer == 0)
        else:
            assert each is answer or isinstance(each, NotCoordinatorForGroupError)
    assert not any(each.is_open for each in opened)
    failures = sum(isinstance(each, Exception) or each == NOT_COORDINATOR for each in answers[:-1])
    assert len(opened) == 1 + failures


def test_brokers_that_are_away_do_not_keep_a_worker_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def client(settings: KafkaSettings) -> AsyncIterator[Connection]:
        raise KafkaConnectionError
        yield

    monkeypatch.setattr(membership, "client", client)
    asyncio.run(Leaver(KafkaSettings(), GROUP).connect())
