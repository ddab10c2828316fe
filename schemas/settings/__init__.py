"""Everything that can be set, in groups. Units are in the names; every default works with `looma up`.

These are values only: `ops/runtime/settings.py` says where they come from (arguments, the environment, `looma.toml`).
"""

from schemas.settings.alerts import AlertSettings, ReceiverSettings, WebhookSettings
from schemas.settings.api import ApiSettings, OidcSettings
from schemas.settings.chat import ChatSettings, GatewaySettings, ProviderSettings
from schemas.settings.retention import DEFAULT_RETENTION, EVENTS_KEPT, RetentionKind, RetentionSettings
from schemas.settings.servers import ALL_OURS, KafkaSettings, MongoDBSettings, QdrantSettings
from schemas.settings.telemetry import TelemetrySettings
from schemas.settings.values import REFERENCES, FileSecret, Group, HttpUrl, Place
from schemas.settings.whole import Settings, fields, tables
from schemas.settings.work import (
    LocalSettings,
    MatchingSettings,
    ModelSettings,
    ResumeSettings,
    SyncSettings,
    WorkerSettings,
)

__all__ = [
    "ALL_OURS",
    "DEFAULT_RETENTION",
    "EVENTS_KEPT",
    "REFERENCES",
    "AlertSettings",
    "ApiSettings",
    "ChatSettings",
    "FileSecret",
    "GatewaySettings",
    "Group",
    "HttpUrl",
    "KafkaSettings",
    "LocalSettings",
    "MatchingSettings",
    "ModelSettings",
    "MongoDBSettings",
    "OidcSettings",
    "Place",
    "ProviderSettings",
    "QdrantSettings",
    "ReceiverSettings",
    "ResumeSettings",
    "RetentionKind",
    "RetentionSettings",
    "Settings",
    "SyncSettings",
    "TelemetrySettings",
    "WebhookSettings",
    "WorkerSettings",
    "fields",
    "tables",
]
