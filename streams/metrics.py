"""The worker's metrics, by OpenTelemetry's API; without an SDK they cost nothing.

Every metric is declared here; `METRICS` lists them, and docs/reference/metrics.md is generated from it. Several stages
may read one topic: whatever is measured of a stage carries both labels, by `of_stage`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Counter, Histogram, Observation

# A quantile is never more than the last bucket: it lies far beyond every threshold in ops/alerts/alerts.yaml.
_SUBSECOND = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5)
_SECONDS = (*_SUBSECOND, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
_MESSAGES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)
_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_STAGE = ("stage", "topic")
_PARTITION = ("group", "topic", "partition")

meter = metrics.get_meter("looma.streams")


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured, and the labels that each measurement carries."""

    kind: Literal["counter", "gauge", "histogram"]
    name: str
    unit: str
    meaning: str
    labels: tuple[str, ...]

    def counter(self) -> Counter:
        """Return the instrument to count with."""
        return meter.create_counter(self.name, self.unit, self.meaning)

    def histogram(self, buckets: tuple[float, ...]) -> Histogram:
        """Return the instrument to record with."""
        return meter.create_histogram(
            self.name, self.unit, self.meaning, explicit_bucket_boundaries_advisory=list(buckets)
        )

    def observe(self, callback: Callable[[CallbackOptions], Iterable[Observation]]) -> None:
        """Have `callback` say how it is, each time the metrics are read."""
        create = meter.create_observable_counter if self.kind == "counter" else meter.create_observable_gauge
        create(self.name, callbacks=[callback], unit=self.unit, description=self.meaning)


METRICS: list[Metric] = []


def _metric(kind: Literal["counter", "gauge", "histogram"], name: str, unit: str, meaning: str, *labels: str) -> Metric:
    METRICS.append(Metric(kind, name, unit, meaning, labels))
    return METRICS[-1]


def of_stage(stage: str, topic: str, **more: str) -> dict[str, str]:
    """Return the attributes of a measurement of a stage."""
    return {"stage": stage, "topic": topic, **more}


events_processed = _metric(
    "counter", "looma.events.processed", "", "messages handled, by outcome; dead letters too", *_STAGE, "outcome"
).counter()
process_duration = _metric("histogram", "looma.process.duration", "s", "time to process a batch", *_STAGE).histogram(
    _SECONDS
)
batch_size = _metric("histogram", "looma.batch.size", "{message}", "messages in a batch", *_STAGE).histogram(_MESSAGES)
event_latency = _metric(
    "histogram", "looma.event.latency", "s", "time from a message's publication to its effect", *_STAGE
).histogram(_SECONDS)
late_events = _metric(
    "counter", "looma.events.late", "", "events older than their topic's retention; they are still accepted", *_STAGE
).counter()
retries = _metric(
    "counter", "looma.retries", "", "batches retried after a transient failure, by error", *_STAGE, "error"
).counter()
dead_letters = _metric(
    "counter", "looma.dead_letters", "", "messages moved to `dead-letters`, by reason", *_STAGE, "reason"
).counter()
match_results = _metric(
    "counter", "looma.match_results.published", "", "match results published, by status", *_STAGE, "status"
).counter()
chat_answers = _metric(
    "counter", "looma.chat.answers", "", "answers that a provider was asked for, by whose words they have", "provider"
).counter()
chat_tokens = _metric(
    "counter", "looma.chat.tokens", "{token}", "tokens that providers have used, failed requests too", "direction"
).counter()
chat_dropped = _metric(
    "counter", "looma.chat.dropped", "", "sentences of providers that were not said, by reason", "provider", "reason"
).counter()
ai_calls = _metric(
    "counter", "looma.ai.calls", "", "calls of AI services, by who answered and what became of them",
    "service", "provider", "outcome",
).counter()  # fmt: skip
ai_tokens = _metric(
    "counter", "looma.ai.tokens", "{token}", "tokens that calls of AI services have used", "service", "direction"
).counter()
ai_untold = _metric(
    "counter",
    "looma.ai.untold",
    "",
    "calls of AI services whose usage is not on its topic, for Kafka was away too long",
).counter()
CACHE_LOOKUPS = _metric(
    "counter",
    "looma.cache.lookups",
    "",
    "questions to caches of the process, by outcome: hit or miss",
    "cache",
    "outcome",
)
STAGE_STALLED = _metric(
    "gauge", "looma.stage.stalled", "s", "for how long a stage has had work and made no progress", *_STAGE
)
STAGE_LAST_PROGRESS = _metric(
    "gauge", "looma.stage.last_progress", "s", "when a stage last made progress, in seconds since 1970", *_STAGE
)
STAGE_QUEUED = _metric(
    "gauge", "looma.stage.queued", "{message}", "messages that a stage has been given and has not handled yet", *_STAGE
)
CONSUMER_LAG = _metric(
    "gauge", "looma.consumer.lag", "{message}", "messages behind the end of a partition", *_PARTITION
)
CONSUMER_COMMITTED = _metric(
    "gauge", "looma.consumer.committed", "", "the committed offset of a partition; 0 if there is none", *_PARTITION
)
WORKER_START_TIME = _metric(
    "gauge", "looma.worker.start_time", "s", "when the worker started, in seconds since 1970; absent until it is ready"
)
LOOP_DELAY = _metric("gauge", "looma.loop.delay", "s", "how late the event loop has called at worst in the last minute")
PROCESS_MEMORY = _metric("gauge", "looma.process.memory", "By", "resident memory of the process")
DISK_USED = _metric("gauge", "looma.disk.used_ratio", "", "share of the disk with the data folder that is used, 0 to 1")
store_duration = _metric(
    "histogram", "looma.store.duration", "s", "time of a command of MongoDB, failed ones too",
    "command", "collection", "outcome",
).histogram(_SECONDS)  # fmt: skip
STORE_CONNECTIONS = _metric(
    "gauge", "looma.store.connections", "", "connections of MongoDB's pool: open, in use, or waited for", "state"
)
vectors_duration = _metric(
    "histogram", "looma.vectors.duration", "s", "time of a request of Qdrant on points, failed ones too",
    "request", "collection", "outcome",
).histogram(_SECONDS)  # fmt: skip
SERVER_UP = _metric(
    "gauge",
    "looma.server.up",
    "",
    "whether a server answers this worker: 1, or 0 if the last question failed",
    "server",
)
CERTIFICATE_EXPIRY = _metric(
    "gauge", "looma.certificate.expiry", "s", "when the certificate of a server or client ends, in seconds since 1970",
    "server",
)  # fmt: skip
UPKEEP_DONE = _metric(
    "gauge", "looma.upkeep.done", "s", "when a backup or verification was last done to its end, in seconds since 1970",
    "upkeep",
)  # fmt: skip
UPKEEP_FINDINGS = _metric(
    "gauge", "looma.upkeep.findings", "", "how much that found wrong when it was last done", "upkeep"
)
RECORDS = _metric("gauge", "looma.records", "{record}", "records that are stored, deleted ones too", "entity")
CONFLICTS_OPEN = _metric(
    "gauge", "looma.conflicts.open", "{record}", "records with a conflict that a person should decide", "entity"
)
MATCHES = _metric("gauge", "looma.matches", "{match}", "matches that are stored, ended ones too")
record_quality = _metric(
    "histogram", "looma.record.quality", "", "quality of a record that has changed, 0 to 1; one of each batch", "entity"
).histogram(_SHARES)
