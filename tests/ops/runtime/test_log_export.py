"""Log lines reach a collector by OTLP, with their trace and their stage."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from loguru import logger
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import format_trace_id

from ops.runtime import logs
from ops.runtime.log_export import exporting
from ops.runtime.telemetry import resource_of
from schemas.settings import TelemetrySettings


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    taken: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/logs", taken
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_line_goes_to_the_collector_with_what_it_belongs_to(collector: tuple[str, list[bytes]]) -> None:
    url, taken = collector
    logs.configure(TelemetrySettings())
    send, end = exporting(url, resource_of("worker"))
    number = logs.forward(send)
    try:
        with (
            TracerProvider(shutdown_on_exit=False).get_tracer("t").start_as_current_span("s") as span,
            logger.contextualize(stage="match"),
        ):
            logger.error("mongodb://u:hunter2@h/ \x1b[31m")
        logger.debug("below the level")
        logger.bind().patch(lambda record: record.update(name="opentelemetry.exporter")).warning("about sending")
    finally:
        logger.remove(number)
        end()
        logger.remove()
        logger.configure(patcher=lambda record: None)
    told = ExportLogsServiceRequest.FromString(b"".join(taken))
    ((resource,),) = [[told.resource_logs[0]]]
    (line,) = resource.scope_logs[0].log_records
    assert "looma-worker" in str(resource.resource)
    assert line.trace_id.hex() == format_trace_id(span.get_span_context().trace_id)
    assert {each.key for each in line.attributes} == {"logger", "line", "process", "stage"}
    assert (line.severity_text, "hunter2" in str(line), "\x1b" in line.body.string_value) == ("ERROR", False, False)
