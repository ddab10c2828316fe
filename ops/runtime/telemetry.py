"""Traces and metrics of a process: by OTLP to a collector, and to files that `looma trace` reads."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from loguru import logger
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

from ops.runtime import logs
from ops.runtime.span_file import SpanFile
from ops.runtime.span_queue import SpanProcessors, SpanQueue
from schemas.settings import Settings
from streams.tracing import ALL

TRACES = "traces"
EXPORT_SECONDS = 5.0
FLUSH_SECONDS = 2.0
"""How long the end of a process may wait for a collector; one that is away must hold nobody back."""


def traces_dir(settings: Settings) -> Path:
    """Return the folder of trace files."""
    return settings.data_dir / TRACES


def resource_of(service: str, port: int | None = None) -> Resource:
    """Return what all that this process tells is said to come from.

    By the `port` that it alone listens on it is the same instance when it starts again, so that its starts are counted.
    """
    where = socket.gethostname()
    instance = f"{where}-{os.getpid()}" if port is None else f"{where}:{port}"
    return Resource.create({"service.name": f"looma-{service}", "service.instance.id": instance})


@contextmanager
def telemetry(settings: Settings, service: str, port: int | None = None) -> Iterator[Path | None]:
    """Export this process's spans and metrics until the block ends, then flush; gives the span file, if any.

    `port`: that which this process alone listens on (`resource_of`).
    """
    resource = resource_of(service, port)
    ratio = settings.telemetry.trace_sample_ratio
    provider = TracerProvider(
        resource=resource,
        sampler=ALL if ratio == 1 else ParentBasedTraceIdRatio(ratio),
        active_span_processor=SpanProcessors(),
        shutdown_on_exit=False,
    )
    remote: list[Callable[[], None]] = []
    forwarded = None
    file = None
    if settings.telemetry.trace_files:
        spans = SpanFile(traces_dir(settings), f"{service}-{os.getpid()}")
        file = spans.path
        provider.add_span_processor(SpanQueue(spans))
    if settings.telemetry.otlp_endpoint:
        base = settings.telemetry.otlp_endpoint.rstrip("/")
        sender = BatchSpanProcessor(OTLPSpanExporter(f"{base}/v1/traces", timeout=10))
        provider.add_span_processor(sender)
        reader = PeriodicExportingMetricReader(
            OTLPMetricExporter(f"{base}/v1/metrics", timeout=10), EXPORT_SECONDS * 1000
        )
        meters = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
        metrics.set_meter_provider(meters)
        from ops.runtime.log_export import exporting

        send, end = exporting(f"{base}/v1/logs", resource)
        forwarded = logs.forward(send)
        remote = [sender.shutdown, meters.shutdown, end]
    trace.set_tracer_provider(provider)
    try:
        yield file
    finally:
        if forwarded is not None:
            with suppress(ValueError):  # logging was set up anew meanwhile
                logger.remove(forwarded)
        _within(FLUSH_SECONDS, remote)
        provider.shutdown()


def _within(seconds: float, stops: Sequence[Callable[[], None]]) -> None:
    """Call `stops` side by side; return when all have, or when time is up: the rest ends with the process."""
    threads = [threading.Thread(target=stop, daemon=True) for stop in stops]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
