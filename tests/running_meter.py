"""Prints every metric that the running meter has, by Prometheus' name: its labels, their values, its finite buckets.

Beside it stands the page that a worker serves of the same.

A process of its own, since a process has one meter provider. The instruments are the worker's, and so is the code that
records: the delivery layer with a real stage, the match stage, the gauges. Only brokers and sinks are stood in for.
"""

import asyncio
import json
import re
from collections.abc import Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from httpx import Request, Response
from opentelemetry import metrics as api
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader, Metric, Sum
from opentelemetry.sdk.resources import Resource

from ops.runtime.metrics_page import MetricsPage
from ops.services.usage import measure
from processors.chat.worded import Worded
from processors.matching.book import Book
from processors.matching.pages import Page
from processors.matching.ranking import Limits
from processors.sync.policy import DEFAULT
from schemas.completions import Spending
from schemas.envelope import Envelope
from schemas.events import EntityEvent, encode
from schemas.messages import Match, MatchRequest
from schemas.services import AiUsed
from schemas.settings import EVENTS_KEPT, Settings
from schemas.topics import EVENTS, MATCH_REQUESTS
from sinks.cache import Cache
from sinks.errors import ConflictError
from sinks.last_done import TASKS
from streams.app import _add_progress
from streams.cache_metrics import report_cache, report_lexicons
from streams.census import Census
from streams.certificates import Certificates
from streams.chat_exchange import Said
from streams.chat_generated import _measure
from streams.delivery import Courier, Delivery, Inbound
from streams.lag_gauge import LagGauge
from streams.matching import MatchStage
from streams.metrics import ai_untold
from streams.presence import report_presence
from streams.process_metrics import report_process
from streams.progress import Progress
from streams.server_metrics import Servers
from streams.store_metrics import CommandMetrics, PoolMetrics
from streams.sync import SyncStage
from streams.vector_metrics import measured
from tests.support.secure_kafka import Authority

BROKEN = "t2"
"""A talent that no store can load, for no fault of its event."""
RESOURCE = {"job", "instance"}
"""What the Collector's Prometheus exporter makes of a resource's service.name and service.instance.id."""
USED_CALL = AiUsed(
    call="1", caller="local", service="chat", model="m", provider="a", outcome="answered",
    prompt_tokens=1, completion_tokens=1, cost=0, milliseconds=1, at=datetime(2026, 1, 1, tzinfo=UTC),
)  # fmt: skip
_UNITS = {"s": "_seconds", "By": "_bytes", "": ""}


class Sinks:
    """MongoDB and Kafka as far as the stages need them; the first write meets somebody else's."""

    collection = "talents"
    conflicts = 1

    async def load(self, ids: Iterable[Any]) -> dict[Any, Any]:
        if BROKEN in set(ids):
            raise ZeroDivisionError
        return {}

    async def save(self, *_: Any) -> None:
        if self.conflicts:
            self.conflicts -= 1
            raise ConflictError

    async def publish(self, messages: Iterable[Any]) -> None:
        list(messages)


class Stored:
    """Take the place of a database and of each of its collections."""

    def __getitem__(self, name: str) -> "Stored":
        return self

    async def estimated_document_count(self) -> int:
        return 1

    async def count_documents(self, query: dict[str, Any], **options: Any) -> int:
        return 1

    async def find(self, query: dict[str, Any]) -> Any:
        for task in TASKS:
            yield {"_id": task, "at": datetime.now(UTC), "findings": 0}


class Brokers:
    """Take the place of a `LagReader`."""

    async def committed(self, partitions: list[Any]) -> dict[Any, int]:
        return dict.fromkeys(partitions, 1)

    async def lags(self, committed: dict[Any, int]) -> dict[Any, int]:
        return dict.fromkeys(committed, 0)


@asynccontextmanager
async def _no_brokers() -> Any:
    yield Brokers()


def _talent(late: bool, name: str = "t1") -> Inbound:
    now = datetime.now(UTC)
    envelope = Envelope("e1", "crm", "looma.talent.upserted", name, now - 2 * EVENTS_KEPT if late else now, 2)
    key, value, headers = encode(EntityEvent(envelope, "talent", "upserted", {"title": "a"}))
    return Inbound(EVENTS["talent"], 0, 0, key, value, headers, (now + timedelta(seconds=1)).timestamp())


async def _work() -> None:
    """Have a worker's parts record each of their metrics once."""
    sinks: Any = Sinks()
    stage = SyncStage("talent", sinks, sinks, DEFAULT)
    courier = Courier(stage, sinks, group="looma", max_bytes=1 << 20, retry_max_seconds=0.001)
    bad = Inbound(EVENTS["talent"], 0, 1, b"k", b"bad", [], 0.0)
    await courier.deliver([_talent(late=False), _talent(late=True), bad, _talent(late=False, name=BROKEN)])

    match = Match(
        talent_id="t", job_id="j", talent_revision=1, job_revision=1, status="active", score=0.5,
        language="en", features=[], model="m",
    )  # fmt: skip
    inbound = Inbound(MATCH_REQUESTS, 0, 0, b"t", b"", [], 0.0)
    delivery = Delivery(inbound, MatchRequest(entity="talent", id="t", revision=1), trace.INVALID_SPAN)
    book: Book[Delivery[MatchRequest]] = Book([Page("t")])
    found: Any = SimpleNamespace(pair=("t", "j"), language="en", match=lambda: match)
    book.rank("talent", "t", 1, [found], (), delivery)
    await MatchStage(sinks, sinks, sinks, Limits())._settle(book)

    _measure("templates", Spending(), Said(Worded(None, {"uncited": 1}), "local"))
    measure(USED_CALL)
    ai_untold.add(1)
    gauge = LagGauge("looma", _no_brokers, lambda: [(EVENTS["talent"], 0)], 1)
    await gauge.refresh(Brokers())  # type: ignore[arg-type]
    report_presence(lambda: True)
    report_process(Path())
    await Servers(dict.fromkeys(("kafka", "mongodb", "qdrant"), _answers)).ask_all()
    census = Census(Stored(), Stored())  # type: ignore[arg-type]
    await census.look()
    await census.count()
    with TemporaryDirectory() as folder:
        file = Authority(Path(folder)).sign("api")
        await Certificates(Settings().changed(api__certificate_file=file, api__key_file=file)).look()
    kept: Cache[str, str] = Cache(1)
    commands = CommandMetrics(1)
    commands.started(SimpleNamespace(command_name="find", command={"find": "talents"}, request_id=1))  # type: ignore[arg-type]
    commands.succeeded(SimpleNamespace(command_name="find", request_id=1, duration_micros=1))  # type: ignore[arg-type]
    commands.started(SimpleNamespace(command_name="find", command={"find": "talents"}, request_id=2))  # type: ignore[arg-type]
    commands.failed(SimpleNamespace(command_name="find", request_id=2, duration_micros=1))  # type: ignore[arg-type]
    pool = PoolMetrics()
    pool.connection_created(SimpleNamespace())  # type: ignore[arg-type]
    await measured(Request("POST", "http://q/collections/jobs/points/query/batch"), _found)
    await measured(Request("PUT", "http://q/collections/jobs/points"), _cannot)
    _add_progress(SimpleNamespace(progress={stage.name: Progress(stage.name, EVENTS["talent"])}))  # type: ignore[arg-type]
    report_cache("points", lambda: kept)
    report_lexicons()


async def _answers() -> None:
    pass


async def _found(_: Request) -> Response:
    return Response(200)


async def _cannot(_: Request) -> Response:
    return Response(500)


def prometheus_name(metric: Metric) -> str:
    """Name a metric by UnderscoreEscapingWithSuffixes: the unit behind the name, `_total` behind a counter's."""
    unit = _UNITS["" if metric.unit.startswith("{") else metric.unit]
    total = "_total" if isinstance(metric.data, Sum) and metric.data.is_monotonic else ""
    return re.sub(r"\W", "_", metric.name) + unit + total


def series() -> dict[str, Any]:
    """Return each series' labels, and of histograms the finite buckets; and what a worker's page shows of the same."""
    reader = InMemoryMetricReader()
    api.set_meter_provider(MeterProvider([reader]))
    page = MetricsPage(Resource.get_empty())
    asyncio.run(page.text())  # counts from now on
    asyncio.run(_work())
    data = reader.get_metrics_data()
    assert data is not None
    found: dict[str, Any] = {}
    for metric in (m for r in data.resource_metrics for scope in r.scope_metrics for m in scope.metrics):
        points = list(metric.data.data_points)
        labels = RESOURCE | set((points[0].attributes or {}).keys())
        assert all((p.attributes or {}).keys() | RESOURCE == labels for p in points), metric.name
        name = prometheus_name(metric)
        values = {label: sorted({str((p.attributes or {})[label]) for p in points}) for label in labels - RESOURCE}
        if isinstance(points[0], HistogramDataPoint):
            found |= {f"{name}_{part}": {"labels": sorted(labels), "values": values} for part in ("count", "sum")}
            bounds = list(points[0].explicit_bounds)
            found[f"{name}_bucket"] = {"labels": sorted({*labels, "le"}), "values": values, "buckets": bounds}
        else:
            found[name] = {"labels": sorted(labels), "values": values}
    return {"series": found, "page": asyncio.run(page.text()).decode()}


if __name__ == "__main__":
    print(json.dumps(series()))
