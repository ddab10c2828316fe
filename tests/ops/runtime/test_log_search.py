"""Log files are searched and followed by whoever looks, through rotation, with a bound to what is held."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from loguru import logger
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from ops.cli import main
from ops.runtime import log_levels, logs
from ops.runtime.log_levels import Levels, read_levels, write_levels
from ops.runtime.log_search import MAX_LINE_BYTES, Tail, Wanted, search
from ops.runtime.span_file import SpanFile
from schemas import semconv
from schemas.settings import TelemetrySettings

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    logger.remove()
    logger.configure(patcher=lambda record: None)
    root.handlers[:], _ = before
    root.setLevel(before[1])


def line(minute: int, message: str = "m", level: str = "INFO", **more: str) -> str:
    at = (AT + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")
    return json.dumps({"time": at, "level": level, "message": message, **more}) + "\n"


def test_lines_of_all_processes_are_found_by_what_is_asked_in_order_of_time(tmp_path: Path) -> None:
    (tmp_path / "worker-1.jsonl").write_text(
        line(3, "third", "ERROR", trace_id="a" * 32, stage="match") + "{cut off\n" + '"no object"\n' + "[]\n"
    )
    (tmp_path / "worker-1.2026-01-05_07-00-00_000000.jsonl").write_text(line(1, "first") + "x" * (MAX_LINE_BYTES + 9))
    (tmp_path / "api-7.jsonl").write_text(line(2, "Second " + "a" * 32, "WARNING"))

    def found(**wanted: object) -> list[str]:
        return [each.message.split()[0] for each in search(tmp_path, Wanted(**wanted), 10)]  # type: ignore[arg-type]

    assert found() == ["first", "Second", "third"]
    assert found(least="WARNING") == ["Second", "third"]
    assert found(traces=frozenset({"a" * 32})) == ["third"], "of the trace, not about it"
    assert found(stage="match") == ["third"]
    assert found(text="SECOND") == ["Second"]
    assert found(since=AT + timedelta(minutes=2), until=AT + timedelta(minutes=2)) == ["Second"]
    assert [each.message for each in search(tmp_path, Wanted(), 1)] == ["third"], "the newest, if there are too many"
    assert {each.source for each in search(tmp_path, Wanted(), 10)} == {"worker-1", "api-7"}


def test_what_is_written_is_followed_through_a_rotation(tmp_path: Path) -> None:
    file = tmp_path / "worker-1.jsonl"
    file.write_text(line(0, "before"))
    tail = Tail(tmp_path, Wanted())
    with file.open("a") as writing:
        writing.write(line(1, "one") + line(2, "two")[:20])
    assert [each.message for each in tail.news()] == ["one"]
    with file.open("a") as writing:
        writing.write(line(2, "two")[20:] + line(3, "three"))
    file.rename(tmp_path / "worker-1.2026.jsonl")
    file.write_text(line(4, "four"))
    assert [each.message for each in tail.news()] == ["two", "three", "four"]
    assert tail.news() == []


def test_lines_of_a_stage_and_of_an_event_are_shown_with_its_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = tmp_path / ".looma"
    logs.configure(TelemetrySettings(), data / "logs" / "worker-1.jsonl")
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(SpanFile(data / "traces", "worker-1")))
    with (
        provider.get_tracer("t").start_as_current_span(
            "process talent-events", attributes={semconv.EVENT_ID: "E-9"}
        ) as span,
        logger.contextualize(stage="sync talent"),
    ):
        logger.warning("within")
    logger.warning("without")
    logger.remove()
    provider.shutdown()
    trace_id = trace.format_trace_id(span.get_span_context().trace_id)
    shown = CliRunner().invoke(main, ["logs", "--trace", trace_id, "--json"])
    (told,) = map(json.loads, shown.stdout.splitlines())
    assert (told["message"], told["stage"], told["source"]) == ("within", "sync talent", "worker-1")
    assert "without" not in CliRunner().invoke(main, ["logs", "--stage", "sync talent"]).stdout
    shown = CliRunner().invoke(main, ["logs", "--event", "E-9"])
    before, _, tree = shown.stdout.partition(f"trace {trace_id}")
    assert "within" in before
    assert "process talent-events" in tree, "the trace is beside its lines"
    assert "without" not in shown.stdout
    assert "no trace of E-1" in CliRunner().invoke(main, ["logs", "--event", "E-1"]).stderr


def test_levels_of_modules_change_while_a_process_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / ".looma" / "logs"
    levels = Levels("INFO", folder)

    def takes(name: str, level: int) -> bool:
        levels.refresh()
        return levels.takes({"name": name, "level": type("L", (), {"no": level})})  # type: ignore[typeddict-item]

    assert not takes("streams.delivery", logging.DEBUG)
    for module, level in (("streams", "DEBUG"), ("streams.delivery", "ERROR"), ("some.client", "DEBUG")):
        assert CliRunner().invoke(main, ["logs", "level", module, level]).exit_code == 0
    assert takes("streams.sync", logging.DEBUG)
    assert not takes("streams.delivery", logging.WARNING), "the longest name decides"
    assert not takes("streamsother", logging.DEBUG)
    assert logging.getLogger("some.client").level == logging.DEBUG, "libraries log by the standard library"
    for module in ("streams", "streams.delivery", "some.client"):
        assert CliRunner().invoke(main, ["logs", "level", module, "default"]).exit_code == 0
    assert not takes("streams.sync", logging.DEBUG)
    assert logging.getLogger("some.client").level == logging.NOTSET
    (folder / log_levels.FILE).write_text('{"streams": "LOUD"}')
    assert read_levels(folder) == {}, "what is no level changes nothing"
    with pytest.raises(ValueError, match="at most"):
        write_levels(folder, {str(n): "INFO" for n in range(101)})
