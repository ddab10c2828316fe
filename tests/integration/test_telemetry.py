"""What a worker tells a collector: a real OTLP receiver on loopback takes its traces and metrics."""

import asyncio
import gzip
import json
import re
import socket
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from schemas.topics import TopicSpec
from sinks.provisioning import apply_topics
from streams.generations.database import base_database
from streams.lag import group_lag


class Collector(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.spans: set[str] = set()
        self.metrics: dict[str, list] = {}
        self.services: set[tuple[object, object]] = set()

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
                of = attributes(resource.resource)
                self.server.services.add((of["service.name"], of["service.instance.id"]))
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


def attributes(of: object) -> dict[str, object]:
    return {a.key: a.value.string_value or a.value.int_value for a in of.attributes}


@pytest.fixture
def offsets_of(collector) -> Callable[..., dict[str, dict[int, int]]]:
    """The lag and the committed offset of a topic's partitions, as the worker tells them next."""

    def seen(topic: str) -> dict[str, dict[int, int]]:
        collector.metrics.clear()
        deadline = time.monotonic() + 120
        while True:
            found = {}
            for name in ("lag", "committed"):
                points = [(attributes(p), p.as_int) for p in collector.metrics.get(f"looma.consumer.{name}", ())]
                found[name] = {of["partition"]: value for of, value in points if of["topic"] == topic}
            if all(found.values()):
                return found
            assert time.monotonic() < deadline, f"no lag among {sorted(collector.metrics)}"
            time.sleep(0.5)

    return seen


def page(worker, path: str, host: str = "127.0.0.1") -> str:
    with urllib.request.urlopen(f"http://{host}:{worker.port}{path}", timeout=10) as answer:
        return answer.read().decode()


def series(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    """The samples of a page, by a reader of Prometheus' own."""
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def test_traces_metrics_and_lag_reach_a_collector(cluster, make, prefix, collector, offsets_of) -> None:
    json_logs = {"telemetry__log_format": "json", "mongodb__slow_seconds": 1e-6}
    worker = cluster.worker("--sync-only", worker__host="0.0.0.0", telemetry__otlp_endpoint=collector.url, **json_logs)
    page(worker, "/metrics")  # counts from now on
    cluster.publish([make("company", f"{prefix}-c", {"name": "织星"}), ("company-events", b"x", b"bad", [])])
    cluster.drained(("company-events",))
    offsets = offsets_of("company-events")
    assert offsets["lag"] == dict.fromkeys(range(4), 0)
    assert sum(offsets["committed"].values()) == 2
    (started,) = collector.metrics["looma.worker.start_time"]
    assert time.time() - 600 < started.as_double < time.time()
    told = series(page(worker, "/metrics", "127.0.0.2"))  # of all addresses
    assert sum(value for labels, value in told["looma_consumer_committed"] if labels["topic"] == "company-events") == 2
    assert {labels["outcome"]: value for labels, value in told["looma_events_processed_total"]} == {
        "applied": 1, "dead_letter": 1,
    }  # fmt: skip
    worker_told = ("looma-worker", f"{socket.gethostname()}:{worker.port}")  # the same after a restart
    assert tuple(told["target_info"][0][0][f"service_{part}"] for part in ("name", "instance_id")) == worker_told
    assert {("find", "companies"), ("insert", "companies")} <= {
        (labels["command"], labels["collection"]) for labels, _ in told["looma_store_duration_seconds_count"]
    }
    connections = {labels["state"]: value for labels, value in told["looma_store_connections"]}
    assert 1 <= connections["open"] <= 20
    assert connections["waited for"] == 0
    assert told["looma_process_memory_bytes"][0][1] > 10e6
    assert 0 < told["looma_disk_used_ratio"][0][1] < 1
    for path in ("/router/", "/table/", "/graph"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            page(worker, path)
    del collector.metrics["looma.worker.start_time"]
    assert worker.stop() == 0
    assert "looma.worker.start_time" not in collector.metrics, "one that ends is not there"
    logged = [json.loads(line)["message"] for line in worker.log.read_text("utf-8").splitlines()]
    assert any(re.fullmatch(r"slow: \d+ ms for insert companies, 1 documents", line) for line in logged)
    assert not any(prefix in line for line in logged if line.startswith("slow:")), "shapes have no ids"

    assert {"process company-events", "bulkWrite companies", "publish company-records"} <= collector.spans
    assert collector.services == {worker_told}
    stage = {"stage": "sync company", "topic": "company-events"}
    assert stage in [attributes(p) for p in collector.metrics["looma.stage.stalled"]]
    processed = {attributes(p)["outcome"]: p.as_int for p in collector.metrics["looma.events.processed"]}
    assert processed == {"applied": 1, "dead_letter": 1}
    for name in ("process.duration", "batch.size", "event.latency", "events.processed", "dead_letters"):
        for point in collector.metrics[f"looma.{name}"]:
            assert stage.items() <= attributes(point).items()


def test_a_worker_that_starts_again_is_as_far_behind_as_its_group(cluster, make, prefix, collector, offsets_of) -> None:
    """Nothing of the backlog can be processed, and nothing was fetched by this worker before."""
    worker = cluster.worker("--sync-only")
    cluster.publish([make("job", f"{prefix}-{n}", {"title": "t"}) for n in range(50)])
    cluster.drained(("job-events",))
    assert worker.stop() == 0
    cluster.publish([make("job", f"{prefix}-{n}", {"title": "u"}, minute=1) for n in range(7)])
    waiting = {"mongodb__timeout_seconds": 60, "worker__batch_events": 1}
    cluster.worker("--sync-only", telemetry__otlp_endpoint=collector.url, **waiting)
    asyncio.run(cluster.stack.stop("mongodb"))
    try:
        cluster.publish([make("job", f"{prefix}-{n}", {"title": "v"}, minute=2) for n in range(400)])
        told = sum(offsets_of("job-events")["lag"].values())
        assert 390 <= told <= 407
        group = cluster.settings.kafka.group_id
        assert told == asyncio.run(group_lag(cluster.settings.kafka, group, ["job-events"]))["job-events"]
    finally:
        asyncio.run(cluster.stack.start("mongodb"))
    cluster.drained(("job-events",))
    tries = (sum(offsets_of("job-events")["lag"].values()) for _ in range(3))
    assert 0 in tries, "what is told may be ten seconds old"


async def _publish(servers: str, topic: str, count: int, *, commit: bool | None = None) -> None:
    """Publish to partition 0, in a transaction unless `commit` is None."""
    transaction = {} if commit is None else {"transactional_id": f"t-{uuid.uuid4()}"}
    async with AIOKafkaProducer(bootstrap_servers=servers, **transaction) as producer:
        if commit is not None:
            await producer.begin_transaction()
        for _ in range(count):
            await producer.send_and_wait(topic, b"x", partition=0)
        if commit is not None:
            await (producer.commit_transaction() if commit else producer.abort_transaction())


async def test_what_no_reader_is_given_is_no_backlog(module_cluster, prefix) -> None:
    kafka, group, topic = module_cluster.settings.kafka, prefix, f"{prefix}-topic"
    servers = kafka.bootstrap_servers
    partition = TopicPartition(topic, 0)
    await apply_topics(kafka, partitions=2, specs=[TopicSpec(topic, "of a test", "notice", "none")])

    async def behind() -> int:
        return (await group_lag(kafka, group, [topic]))[topic]

    async def commit(offset: int) -> None:
        async with AIOKafkaConsumer(bootstrap_servers=servers, group_id=group, enable_auto_commit=False) as consumer:
            consumer.assign([partition])
            await consumer.commit({partition: offset})

    assert await behind() == 0
    await _publish(servers, topic, 5)
    assert await behind() == 5, "a group that has committed nothing is behind by all there is"
    await commit(4)
    assert await behind() == 1
    await commit(5)
    await _publish(servers, topic, 3, commit=False)
    assert await behind() == 0, "three aborted records and a marker"
    await _publish(servers, topic, 2, commit=True)
    assert await behind() == 3, "two records and the marker behind them, not what is before them"
    await commit(11)
    assert await behind() == 0, "the marker alone"
    async with AIOKafkaProducer(bootstrap_servers=servers, transactional_id=f"t-{prefix}") as producer:
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"x", partition=0)
        assert await behind() == 0, "nobody may read it yet"
        await producer.abort_transaction()

    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    try:
        await _publish(servers, topic, 4)
        (end,) = (await _ends(servers, partition)).values()
        await admin.delete_records({partition: RecordsToDelete(before_offset=end - 1)})
        assert await behind() == 1, "what was deleted is not waiting"
    finally:
        await admin.close()


async def _ends(servers: str, partition: TopicPartition) -> dict[TopicPartition, int]:
    async with AIOKafkaConsumer(bootstrap_servers=servers) as consumer:
        return await consumer.end_offsets([partition])


def test_doctor_finds_what_is_wrong_and_what_it_says_to_do_helps(module_cluster) -> None:
    def states(code: int) -> dict[str, str]:
        found = json.loads(module_cluster.looma("doctor", "--json", code=code))
        return {
            f"{each['check']} {each['said'].split(':')[0]}": each["do"] for each in found if each["state"] == "wrong"
        }

    async def damage() -> None:
        async with base_database(module_cluster.settings) as database:
            await database["jobs"].drop_index("company")
        admin = AIOKafkaAdminClient(bootstrap_servers=module_cluster.settings.kafka.bootstrap_servers)
        await admin.start()
        await admin.delete_topics(["service-instances"])
        await admin.close()

    assert states(0) == {}
    asyncio.run(damage())
    database = module_cluster.settings.mongodb.database
    assert states(1) == {
        "topics missing": "looma topics apply",
        f"indexes {database}.jobs.company is missing": "looma indexes apply; see looma indexes check",
    }
    assert "company" in module_cluster.looma("indexes", "check", code=1)
    module_cluster.looma("topics", "apply")
    module_cluster.looma("indexes", "apply")
    assert states(0) == {}
    assert "as declared" in module_cluster.looma("indexes", "check")
