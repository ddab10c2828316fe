"""The metrics of a process as Prometheus reads them, at `/metrics`; until somebody asks, nothing is counted for it."""

import asyncio
from typing import Any

from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class MetricsPage:
    """Counts from the first time that it is asked for on, beside what a collector is told."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource
        self._registry: Any = None
        self._turn = asyncio.Lock()  # the exporter hands the same samples to whoever asks meanwhile

    async def text(self) -> bytes:
        """Return what there is now."""
        if self._registry is None:
            self._registry = self._begin()
        from prometheus_client import generate_latest

        async with self._turn:
            return await asyncio.to_thread(generate_latest, self._registry)

    def _begin(self) -> Any:
        from opentelemetry.exporter.prometheus import PrometheusMetricReader
        from prometheus_client import CollectorRegistry

        registry = CollectorRegistry()
        reader = PrometheusMetricReader(scope_info_enabled=False, registry=registry)
        provider = metrics.get_meter_provider()
        if isinstance(provider, MeterProvider):
            provider.add_metric_reader(reader)
        else:
            metrics.set_meter_provider(MeterProvider([reader], resource=self._resource, shutdown_on_exit=False))
        return registry
