"""The one place that builds Kafka consumers: all codecs, no aborted transactions, metadata of seconds ago."""

from typing import Any

from aiokafka import AIOKafkaConsumer

from sinks import batches

METADATA_MS = 5_000
"""How old metadata may be: a topic that was deleted and made again is noticed so soon (aiokafka's default: 5 min)."""


def consumer(
    bootstrap_servers: str | list[str], *topics: str, timeout_seconds: float = 10, **options: Any
) -> AIOKafkaConsumer:
    """Return a consumer that is not started. `options` are AIOKafkaConsumer's; nothing is committed by itself."""
    batches.install()
    return AIOKafkaConsumer(
        *topics,
        bootstrap_servers=bootstrap_servers,
        request_timeout_ms=int(timeout_seconds * 1000),
        isolation_level="read_committed",
        enable_auto_commit=False,
        metadata_max_age_ms=METADATA_MS,
        **options,
    )
