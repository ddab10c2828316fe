"""All groups together, and every setting by its name."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Self, TypeVar, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from schemas.settings.alerts import AlertSettings, ReceiverSettings, WebhookSettings
from schemas.settings.api import ApiSettings, OidcSettings
from schemas.settings.chat import ChatSettings, GatewaySettings, ProviderSettings
from schemas.settings.retention import RetentionSettings
from schemas.settings.servers import KafkaSettings, MongoDBSettings, QdrantSettings
from schemas.settings.telemetry import TelemetrySettings
from schemas.settings.values import Group, Place
from schemas.settings.work import (
    LocalSettings,
    MatchingSettings,
    ModelSettings,
    ResumeSettings,
    SyncSettings,
    WorkerSettings,
)

_Named = TypeVar("_Named", ProviderSettings, WebhookSettings, ReceiverSettings)


def _differ(named: list[_Named]) -> list[_Named]:
    if len({each.name for each in named}) < len(named):
        raise ValueError("two have the same name")
    return named


class Settings(BaseModel):
    """All groups, and the folder that everything on this machine lives in."""

    model_config = ConfigDict(extra="forbid")

    data_dir: Place = Field(default=Path(".looma"), description="where the embedded stack, logs and traces live")
    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
    mongodb: MongoDBSettings = Field(default_factory=MongoDBSettings)
    qdrant: QdrantSettings = Field(default_factory=QdrantSettings)
    worker: WorkerSettings = Field(default_factory=WorkerSettings)
    sync: SyncSettings = Field(default_factory=SyncSettings)
    matching: MatchingSettings = Field(default_factory=MatchingSettings)
    resumes: ResumeSettings = Field(default_factory=ResumeSettings)
    chat: ChatSettings = Field(default_factory=ChatSettings)
    oidc: OidcSettings = Field(default_factory=OidcSettings)
    gateway: GatewaySettings = Field(default_factory=GatewaySettings)
    api: ApiSettings = Field(default_factory=ApiSettings)
    models: ModelSettings = Field(default_factory=ModelSettings)
    telemetry: TelemetrySettings = Field(default_factory=TelemetrySettings)
    alerts: AlertSettings = Field(default_factory=AlertSettings)
    retention: RetentionSettings = Field(default_factory=RetentionSettings)
    local: LocalSettings = Field(default_factory=LocalSettings)
    receivers: Annotated[list[ReceiverSettings], AfterValidator(_differ)] = Field(
        default=[], max_length=20, description="who hears of alerts, each a table `[[receivers]]`"
    )
    webhooks: Annotated[list[WebhookSettings], AfterValidator(_differ)] = Field(
        default=[], max_length=20, description="who is told of results by HTTP requests, each a table `[[webhooks]]`"
    )
    providers: Annotated[list[ProviderSettings], AfterValidator(_differ)] = Field(
        default=[], max_length=20, description="language models that word chat's answers, each a table `[[providers]]`"
    )

    @property
    def configuration(self) -> str:
        """A name of these values: the same wherever they are, but for secrets and for what tells workers of one machine
        apart.
        """
        shown = self.model_dump(mode="json", exclude={"data_dir": True, "worker": {"port", "members_dir"}})
        return hashlib.blake2b(json.dumps(shown, sort_keys=True).encode(), digest_size=6).hexdigest()

    def changed(self, **values: object) -> Self:
        """Return a copy with other values, each named by its path with `__` for the dot: `worker__port=16067`."""
        copy = self.model_copy(deep=True)
        for path, value in values.items():
            *groups, name = path.split("__")
            owner: BaseModel = copy
            for group in groups:
                owner = getattr(owner, group)
            if name not in type(owner).model_fields:
                raise AttributeError(path)
            setattr(owner, name, value)
        return copy


@cache
def fields() -> Mapping[str, FieldInfo]:
    """Return every setting by its name: `data_dir`, `kafka.bootstrap_servers`, …"""
    found: dict[str, FieldInfo] = {}
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Group):
            found |= {f"{name}.{inner}": each for inner, each in field.annotation.model_fields.items()}
        else:
            found[name] = field
    return found


def tables(field: FieldInfo) -> type[Group] | None:
    """Return what each item of a setting is that is a list of tables; None for any other."""
    (item,) = get_args(field.annotation) if get_origin(field.annotation) is list else (None,)
    return item if isinstance(item, type) and issubclass(item, Group) else None
