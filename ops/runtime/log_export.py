"""Log lines to a collector, by OTLP: with their trace, so that whoever looks at one finds the other."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import TraceFlags

from ops.runtime.logs import NO_TRACE

if TYPE_CHECKING:
    from loguru import Record

_SEVERITIES = {
    "DEBUG": SeverityNumber.DEBUG,
    "INFO": SeverityNumber.INFO,
    "WARNING": SeverityNumber.WARN,
    "ERROR": SeverityNumber.ERROR,
    "CRITICAL": SeverityNumber.FATAL,
}
_OWN = ("opentelemetry", "urllib3", "requests")
"""Whose lines are about sending lines."""


def told(record: "Record") -> LogRecord:
    """Return a line as OTLP has it, with what a line of a file says."""
    extra, at = record["extra"], int(record["time"].timestamp() * 1e9)
    trace_id = extra.get("trace_id", NO_TRACE)
    attributes: dict[str, str | int] = {
        "logger": record["name"] or "",
        "line": record["line"],
        "process": record["process"].id,
    }
    if "stage" in extra:
        attributes["stage"] = extra["stage"]
    return LogRecord(
        timestamp=at,
        observed_timestamp=at,
        trace_id=0 if trace_id == NO_TRACE else int(trace_id, 16),
        span_id=0,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
        severity_text=record["level"].name,
        severity_number=_SEVERITIES.get(record["level"].name, SeverityNumber.INFO),
        body=record["message"],
        attributes=attributes,
    )


def exporting(endpoint: str, resource: Resource) -> tuple[Callable[["Record"], None], Callable[[], None]]:
    """Return what sends a line to a collector, in batches and from a bounded queue, and what ends that."""
    provider = LoggerProvider(resource, shutdown_on_exit=False)
    provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(endpoint, timeout=10)))
    own = provider.get_logger("looma")

    def send(record: "Record") -> None:
        if not (record["name"] or "").startswith(_OWN):
            own.emit(told(record))

    return send, provider.shutdown
