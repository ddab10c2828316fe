"""The worker's metrics, by OpenTelemetry's API; without an SDK they cost nothing."""

from opentelemetry import metrics

_meter = metrics.get_meter("looma.streams")

events_processed = _meter.create_counter("looma.events.processed", description="messages by topic and outcome")
process_duration = _meter.create_histogram("looma.process.duration", "s", "time to process a batch")
batch_size = _meter.create_histogram("looma.batch.size", "{message}", "messages in a batch")
event_latency = _meter.create_histogram("looma.event.latency", "s", "from a message's publication to its effect")
retries = _meter.create_counter("looma.retries", description="batches tried again after a transient failure")
dead_letters = _meter.create_counter("looma.dead_letters", description="messages given up, by topic and reason")
match_results = _meter.create_counter("looma.match_results.published", description="match results by status")
consumer_lag = _meter.create_gauge("looma.consumer.lag", "{message}", "messages behind the end of a partition")
