"""The worker's metrics, by OpenTelemetry's API; without an SDK they cost nothing.

Several stages may read one topic: whatever is counted of a stage carries both, by `of_stage`.
"""

from opentelemetry import metrics

# A quantile is never more than the last bucket: it lies far beyond every threshold in compose/prometheus/alerts.yaml.
_SUBSECOND = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5)
_SECONDS = (*_SUBSECOND, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
_MESSAGES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)

meter = metrics.get_meter("looma.streams")


def of_stage(stage: str, topic: str, **more: str) -> dict[str, str]:
    """Return the attributes of a measurement of a stage."""
    return {"stage": stage, "topic": topic, **more}


events_processed = meter.create_counter("looma.events.processed", description="messages by outcome")
process_duration = meter.create_histogram(
    "looma.process.duration", "s", "time to process a batch", explicit_bucket_boundaries_advisory=_SECONDS
)
batch_size = meter.create_histogram(
    "looma.batch.size", "{message}", "messages in a batch", explicit_bucket_boundaries_advisory=_MESSAGES
)
event_latency = meter.create_histogram(
    "looma.event.latency",
    "s",
    "from a message's publication to its effect",
    explicit_bucket_boundaries_advisory=_SECONDS,
)
late_events = meter.create_counter("looma.events.late", description="events older than what their topic keeps")
retries = meter.create_counter("looma.retries", description="batches tried again after a transient failure, by error")
dead_letters = meter.create_counter("looma.dead_letters", description="messages given up, by reason")
match_results = meter.create_counter("looma.match_results.published", description="match results by status")
