"""What a worker tells a collector: a real OTLP receiver on loopback takes its traces and metrics."""

import gzip
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Collector(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.spans: set[str] = set()
        self.metrics: dict[str, list] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if self.path == "/v1/traces":
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.server.spans |= {s.name for scope in resource.scope_spans for s in scope.spans}
        else:
            for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for scope in resource.scope_metrics:
                    for metric in scope.metrics:
                        points = list(getattr(metric, metric.WhichOneof("data")).data_points)
                        self.server.metrics[metric.name] = points
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def attributes(point: object) -> dict[str, object]:
    return {a.key: a.value.string_value or a.value.int_value for a in point.attributes}


def test_traces_metrics_and_lag_reach_a_collector(cluster, make, prefix, collector) -> None:
    worker = cluster.worker("--sync-only", otlp_endpoint=collector.url)
    cluster.publish([make("company", f"{prefix}-c", {"name": "织星"})])
    cluster.drained(("company-events",))
    deadline = time.monotonic() + 60
    while "looma.consumer.lag" not in collector.metrics:
        assert time.monotonic() < deadline, f"no lag among {sorted(collector.metrics)}"
        time.sleep(0.5)
    lag = {attributes(p)["topic"]: p.as_int for p in collector.metrics["looma.consumer.lag"]}
    assert lag["company-events"] == 0
    assert worker.stop() == 0

    assert {"process company-events", "bulkWrite companies", "publish company-records"} <= collector.spans
    (processed,) = collector.metrics["looma.events.processed"]
    assert attributes(processed) == {"topic": "company-events", "outcome": "applied"}
    assert processed.as_int == 1
    assert {"looma.process.duration", "looma.batch.size", "looma.event.latency"} <= collector.metrics.keys()
