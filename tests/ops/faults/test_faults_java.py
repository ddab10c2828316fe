"""The console producer reads from a line what the event has, and the log is asked for each event's number."""

from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.message import EventMessage
from ops.faults import java
from ops.faults.check import check
from ops.faults.history import History
from ops.faults.java import NUMBER, line, numbers
from ops.faults.load import load
from schemas.settings import KafkaSettings

TEXT = st.text(st.characters(codec="utf-8"), max_size=8)
BYTES = st.none() | st.binary(max_size=8) | TEXT.map(str.encode)


def read(text: bytes) -> EventMessage:
    """Read a line as Kafka's LineMessageReader does, which breaks at the first separators."""
    assert text.endswith(b"\n")
    assert text.count(b"\n") == 1
    assert b"\r" not in text
    headers, key, value = text[:-1].split(b"\t", 2)
    pairs = [each.partition(b":") for each in headers.split(b",")]
    own = [(name.decode(), rest) for name, _, rest in pairs]
    return EventMessage("talent-events", *(None if f == b"~null~" else f for f in (key, value)), headers=own)


@given(BYTES, BYTES, st.lists(st.tuples(TEXT, st.binary(max_size=8) | TEXT.map(str.encode))), st.integers(0))
def test_a_line_says_the_event_or_there_is_none(
    key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]], number: int
) -> None:
    message = EventMessage("talent-events", key, value, headers)
    text = line(message, number)
    if text is not None:
        told = read(text)
        assert (told.key, told.value) == (key, value)
        assert told.headers == [*headers, (NUMBER, str(number).encode())]
        assert list(numbers(told.headers))[-1:] == [number]


def test_the_loads_events_fit_into_lines() -> None:
    source = load(3)
    assert all(line(next(source), number) for number in range(2000))


class Printed:
    """A process that has printed something."""

    returncode = 0

    def __init__(self, lines: list[bytes]) -> None:
        self.lines = lines

    async def communicate(self) -> tuple[bytes, None]:
        return b"".join(self.lines), None


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda lines: lines, []),
        (lambda lines: lines[1:], ["t, partition 0, offset 5"]),
        (lambda lines: [lines[0].replace(b"{}", b"{ }"), lines[1]], ["t, partition 0, offset 5"]),
        (lambda lines: [lines[0], lines[1].replace(b"~null~", b"null")], ["t, partition 2, offset 9"]),
        (lambda lines: [*lines, b"Partition:3\tOffset:0\tk\tv\n"], ["t, partition 3, offset 0"]),
    ],
)
async def test_what_the_console_consumer_reads_otherwise_is_told(
    change: Callable[[list[bytes]], list[bytes]], wrong: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read_topic(*_: object) -> AsyncIterator[SimpleNamespace]:
        yield SimpleNamespace(partition=0, offset=5, key=b"k", value=b"{}\t1")
        yield SimpleNamespace(partition=2, offset=9, key=None, value=b"x")

    async def start(*_: object, **__: object) -> Printed:
        return Printed(change([b"Partition:0\tOffset:5\tk\t{}\t1\n", b"Partition:2\tOffset:9\t~null~\tx\n"]))

    monkeypatch.setattr(java, "read_topic", read_topic)
    monkeypatch.setattr(java, "_start", start)
    assert await java.misread(KafkaSettings(), "t") == wrong


@pytest.mark.parametrize("text", [b"two\nlines", b"a\ttab", b"\xff", b"~null~", b"\r"])
def test_what_no_line_says_is_left_to_others(text: bytes) -> None:
    assert line(EventMessage("talent-events", b"t1", text, []), 0) is None


def test_what_was_handed_over_and_is_not_in_the_log_is_lost() -> None:
    history = History(handed={0: "e1", 1: "e2", 2: None}, arrived={0})
    assert [finding.subject for finding in check(history).lost] == ["e2", "None"]
    history.arrived |= {1, 2}
    history.misread = ["talent-records, partition 1, offset 7"]
    assert [finding.subject for finding in check(history).lost] == history.misread
    history.misread = []
    assert check(history).kept
