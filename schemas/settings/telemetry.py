"""Traces, metrics and logs."""

from typing import Literal

from pydantic import Field

from schemas.levels import LogLevel
from schemas.settings.values import Group, HttpUrl


class TelemetrySettings(Group):
    """Traces, metrics and logs."""

    otlp_endpoint: HttpUrl | None = Field(default=None, description="OTLP/HTTP, e.g. http://collector:4318")
    trace_files: bool = Field(default=True, description="whether to write spans to files, for `looma trace`")
    trace_sample_ratio: float = Field(default=1.0, ge=0, le=1, description="share of traces that are recorded")
    log_level: LogLevel = Field(default="INFO", description="the least that a worker logs")
    log_format: Literal["text", "json"] = Field(
        default="text", description="lines on stderr: for people, or JSON as in the log files"
    )
